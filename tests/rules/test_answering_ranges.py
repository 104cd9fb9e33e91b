"""Ranges that divide cases among the rows of a table, and which rows speak of another case than the question's."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.analysis import analyse
from kbchat.answering.facts import facts_of
from kbchat.answering.quoting import choose
from kbchat.answering.ranges import cases_of, ranges_of
from kbchat.answering.statements import statements_of
from kbchat.answering.weighing import weigh
from kbchat.retrieval.port import Passage, Retrieval, RetrievalTrace
from tests.rules.answering_support import PIN, passage

COSTS = passage(
    "Expected total cost | Who approves | Answer within\n"
    "up to 1,500 euro | Line manager | 2 working days\n"
    "1,500 to 5,000 euro | Line manager and department head | 4 working days\n"
    "more than 5,000 euro, or any trip outside Europe | Department head and Chief Financial Officer | 5 working days",
    title="Travel and expenses policy",
    headings=("Approval",),
    number=1,
)
LEAVE = passage(
    "累计工作年限 | 法定年假\n满 1 年不满 10 年 | 5 天\n满 10 年不满 20 年 | 10 天\n20 年以上 | 15 天",
    title="年假政策",
    headings=("年假天数",),
    number=2,
)
LISTED = passage(
    "An order is signed by:\n- the buyer, where it is under 800 euro\n"
    "- the head of purchasing, from 800 euro to 9,000 euro\n- the board, above 9,000 euro",
    title="Orders",
    number=3,
)
CLAUSES = passage(
    "合同在系统中会签。\n合同金额不超过 100,000 元的，由部门负责人签署；超过 100,000 元的，由总经理签署；"
    "超过 3,000,000 元的，须报总部批准。\n公司印章由行政部保管。",
    title="采购与合同",
    headings=("合同审批",),
    number=5,
)
NUMBERED = passage(
    "1. 金额不超过 2,000 元的，部门自行购买。\n2. 金额超过 2,000 元、不超过 50,000 元的，取得 3 家报价。\n"
    "3. 金额超过 50,000 元的，公开招标。",
    title="采购与合同",
    headings=("采购方式",),
    number=6,
)
WEEK = passage(
    "Days worked each week | Annual leave | Of which statutory\n5 | 30 days | 20 days\n4 | 24 days | 16 days\n"
    "3 | 18 days | 12 days",
    title="Annual leave policy",
    headings=("How much leave you have",),
    number=7,
)
CARRY = passage(
    "Up to 5 days of leave may be carried over. The rest expires in March.", title="Leave", number=4
)


@pytest.mark.parametrize(
    ("text", "within", "outside"),
    [
        ("more than 5,000 euro", "5,001 euro", "5,000 euro"),
        ("up to 1,500 euro", "1,500 euro", "1,501 euro"),
        ("no more than 3 days", "3 days", "4 days"),
        ("not less than 3 days", "3 days", "2 days"),
        ("less than 3 years", "2 years", "3 years"),
        ("1,500 to 5,000 euro", "1,500 euro", "1,499 euro"),
        ("€1,000–€2,000", "2,000 euro", "2,001 euro"),
        ("10 days or more", "10 days", "9 days"),
        ("under $10,000", "9,999 dollars", "10,000 dollars"),
        ("满 10 年不满 20 年", "10 年", "20 年"),
        ("不满 1 年", "半年", "1 年"),
        ("5000元以下", "5000元", "5001元"),
        ("超过5000元", "5001元", "5000元"),
        ("不超过 3 天", "3 天", "4 天"),
        ("至少 14 天", "14 天", "13 天"),
        ("1000元至5000元", "1000元", "999元"),
    ],
)
def test_a_range_holds_its_own_and_nothing_else(text: str, within: str, outside: str) -> None:
    (found,) = ranges_of(text)
    assert found.holds(facts_of(within).quantities[0])
    assert not found.holds(facts_of(outside).quantities[0])
    assert not found.holds(facts_of("5 pages").quantities[0])


@pytest.mark.parametrize("text", ["30 working days", "room 5", "on 3 March", "twice a week", "", "at 9:30"])
def test_what_stands_for_itself_is_no_range(text: str) -> None:
    assert ranges_of(text) == []


def test_a_sentence_may_hold_several() -> None:
    found = ranges_of("满 1 年不满 10 年的，5 天；满 10 年不满 20 年的，10 天；满 20 年的，15 天。")
    assert [(each.least, each.most) for each in found] == [
        (Decimal(1), Decimal(10)),
        (Decimal(10), Decimal(20)),
        (Decimal(20), None),
    ]


@given(st.text(alphabet="至到满不于少5 天元年以上下more than up to,.|-€"))
def test_no_text_raises(text: str) -> None:
    ranges_of(text)


@pytest.mark.parametrize(
    ("asked", "given_passage", "left"),
    [
        ("Who approves a trip that costs 2,000 euros?", COSTS, ["1,500 to 5,000 euro"]),
        ("Who approves a trip of 900 euro?", COSTS, ["up to 1,500 euro"]),
        ("Who approves a trip of 1,500 euro?", COSTS, ["up to 1,500 euro", "1,500 to 5,000 euro"]),
        ("工作 12 年有几天年假？", LEAVE, ["满 10 年不满 20 年"]),
        ("工作 20 年有几天年假？", LEAVE, ["20 年以上"]),
        ("Who signs an order of 12,000 euro?", LISTED, ["An order is signed by:", "the board"]),
        (
            "50 万元的合同由谁签署？",
            CLAUSES,
            ["合同在系统中会签", "超过 100,000 元的", "公司印章"],
        ),
        ("采购 3 万元的东西要几家报价？", NUMBERED, ["金额超过 2,000 元、不超过 50,000 元的"]),
        ("How much leave if I work four days a week?", WEEK, ["4 | 24 days"]),
    ],
)
def test_rows_of_other_cases_are_told_by_the_row_that_holds(
    asked: str, given_passage: Passage, left: list[str]
) -> None:
    statements = statements_of([given_passage])
    others = cases_of(facts_of(asked), statements, [given_passage]).others
    kept = [each.text for place, each in enumerate(statements) if place not in others]
    assert len(kept) == len(left)
    assert all(text.startswith(start) for text, start in zip(kept, left, strict=True))


@pytest.mark.parametrize(
    ("asked", "given_passage"),
    [
        ("Who approves a trip?", COSTS),
        ("Who approves a trip of 2,000 dollars?", COSTS),
        ("Who approves a trip of 3 days?", COSTS),
        ("May I carry over 7 days?", CARRY),
        ("How many euro may I spend before 14:00?", COSTS),
        ("How much leave if I work four hours a day?", WEEK),
        ("How much leave if I work six days a week?", WEEK),
    ],
)
def test_where_no_row_holds_nothing_is_of_another_case(asked: str, given_passage: Passage) -> None:
    statements = statements_of([given_passage])
    cases = cases_of(facts_of(asked), statements, [given_passage])
    assert (cases.held, cases.others) == ({}, frozenset())


@pytest.mark.parametrize(
    ("asked", "said", "unsaid"),
    [
        (
            "Who approves a trip that costs 2,000 euros?",
            "Line manager and department head",
            "Chief Financial Officer",
        ),
        ("Who approves a trip that costs 20,000 euros?", "Chief Financial Officer", "Line manager"),
        ("工作 12 年的员工有几天年假？", "10 天", "15 天"),
        ("50 万元的合同由谁签署？", "总经理签署", "部门负责人签署"),
        ("Four days a week: how much annual leave?", "24 days", "18 days"),
    ],
)
def test_quotes_are_of_the_case_that_was_asked_about(asked: str, said: str, unsaid: str) -> None:
    passages = (COSTS, LEAVE, CLAUSES, WEEK)
    retrieval = Retrieval(passages, (0.25,) * 4, 0.1, RetrievalTrace(asked, 4))
    first, *others = choose(asked, weigh(asked, retrieval, PIN, None))
    assert said in first.statement.text
    assert not any(unsaid in each.statement.text for each in (first, *others))


@pytest.mark.parametrize(
    ("asked", "given_passage"),
    [
        ("工作 12 年的员工有几天法定年假？", LEAVE),
        ("50 万元的合同由谁签署？", CLAUSES),
        ("How much annual leave if I work four days a week?", WEEK),
    ],
)
def test_the_case_that_takes_in_a_quantity_says_it(asked: str, given_passage: Passage) -> None:
    """As surely as if the passage had the number itself."""
    retrieval = Retrieval((given_passage,), (1.0,), 0.1, RetrievalTrace(asked, 1))
    weighing = weigh(asked, retrieval, PIN, None)
    assert weighing.features["absent_names"] == 0.0
    assert {"12", "50", "four"} & set(analyse(asked)) & weighing.ranked[0].terms


def test_the_case_that_was_asked_about_is_ahead_of_what_only_has_its_words() -> None:
    asked = "How much annual leave do employees have who work four days a week?"
    chatter = passage("Employees who work a week have leave within 9 days.", title="Annual leave", number=8)
    retrieval = Retrieval((chatter, WEEK), (0.5, 0.5), 0.1, RetrievalTrace(asked, 2))
    best, second, *_ = weigh(asked, retrieval, PIN, None).ranked
    assert best.statement.text.startswith("4 | 24 days")
    assert best.log_odds - second.log_odds < 1.0
