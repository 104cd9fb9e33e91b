"""What kind of thing a question asks for, and which part of a sentence is of that kind."""

import pytest

from kbchat.answering.expecting import Kind, expectation_of
from kbchat.answering.finding import answering_parts


@pytest.mark.parametrize(
    ("question", "kind", "unit"),
    [
        ("How many days of annual leave do I get?", Kind.DURATION, "day"),
        ("年假有多少天？", Kind.DURATION, "day"),
        ("How long is parental leave?", Kind.DURATION, ""),
        ("试用期是多久？", Kind.DURATION, ""),
        ("How much does a badge cost?", Kind.MONEY, ""),
        ("住宿标准是多少钱？", Kind.MONEY, ""),
        ("When does the policy take effect?", Kind.DATE, ""),
        ("政策什么时候生效？", Kind.DATE, ""),
        ("Who approves travel?", Kind.PERSON, ""),
        ("谁批准出差？", Kind.PERSON, ""),
        ("Where is the canteen?", Kind.PLACE, ""),
        ("食堂在哪里？", Kind.PLACE, ""),
        ("Can I carry over leave?", Kind.YES_NO, ""),
        ("年假可以结转吗？", Kind.YES_NO, ""),
        ("How do I request leave?", Kind.MANNER, ""),
        ("怎么申请年假？", Kind.MANNER, ""),
        ("Why was it refused?", Kind.REASON, ""),
        ("How often is the audit?", Kind.FREQUENCY, ""),
        ("What percentage is paid?", Kind.PERCENT, ""),
        ("How many people sit in the council?", Kind.QUANTITY, "person"),
        ("Describe the travel policy", Kind.THING, ""),
    ],
)
def test_the_wording_tells_what_is_expected(question: str, kind: Kind, unit: str) -> None:
    found = expectation_of(question)
    assert found.kind == kind
    assert found.unit == unit or not unit


@pytest.mark.parametrize(
    ("question", "sentence", "part"),
    [
        ("年假有多少天？", "员工每年享有15天带薪年假。", "15天"),
        ("How many days?", "Staff receive thirty working days each year.", "thirty working days"),
        ("When does it start?", "It starts on 1 March 2025 for all.", "1 March 2025"),
        ("How much is the limit?", "The limit is $120 a night.", "$120"),
        ("How often?", "The audit is done every quarter.", "every quarter"),
        ("谁批准？", "由部门负责人审批。", "部门负责人"),
    ],
)
def test_the_part_that_answers(question: str, sentence: str, part: str) -> None:
    found = [sentence[span.start : span.end] for span in answering_parts(expectation_of(question), sentence)]
    assert any(part in text for text in found)
