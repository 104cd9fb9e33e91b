"""What only says that the sources do not tell, and what is a rule in like words."""

import pytest

from kbchat.answering.claims.silence import says_not_found, stated
from kbchat.answering.facts import facts_of


@pytest.mark.parametrize(
    "text",
    [
        "The passages do not contain information about the summer party.",
        "The provided passages don't mention the summer party.",
        "None of the passages mention a summer party.",
        "Passage 2 does not mention the summer party.",
        "There is no mention of a summer party in the passages.",
        "The summer party is not mentioned in the given passages.",
        "The date is not available in the documents.",
        "The date is not specified.",
        "No information was found.",
        "I couldn't find anything about it.",
        "I don't know.",
        "Not found.",
        "所给段落没有提到夏季聚会的日期。",
        "段落中没有关于夏季聚会的信息。",
        "提供的段落中没有相关信息。",
        "段落未提供夏季聚会的日期。",
        "这些段落不包含夏季聚会的信息。",
        "抱歉，没有找到相关内容。",
        "无法回答该问题。",
        "我不知道。",
    ],
)
def test_it_states_nothing(text: str) -> None:
    assert (stated(text), says_not_found(text)) == ("", True)


@pytest.mark.parametrize(
    "text",
    [
        "Dental care is not covered.",
        "Meals are not included.",
        "No information may be shared outside the company.",
        "Documents that do not contain a signature are returned.",
        "I don't have to pay.",
        "A fee of 20 euros is not mentioned in the passages.",
        "If the end date is not specified, the contract is permanent.",
        "Costs that are not mentioned in the contract are not reimbursed.",
        "No reference is needed.",
        "Source code cannot contain passwords.",
        "外发文件不得包含客户信息。",
        "未提供发票的，不予报销。",
        "没有相关资料的不予报销。",
        "涉密文件不得提供给外部人员。",
        "无法判断金额时请咨询财务部。",
        "不知道密码时请联系IT。",
        "公司没有规定着装要求，可以穿便装。",
        "没有发票的费用不予报销。",
        "无法确定的情况由经理决定。",
        "员工不清楚规定时应询问经理。",
    ],
)
def test_a_rule_in_like_words_is_a_claim(text: str) -> None:
    assert (stated(text), says_not_found(text)) == (text, False)


def test_what_else_it_says_is_left() -> None:
    said = "The passages do not mention sick leave, but annual leave is 30 days."
    assert stated(said) == "annual leave is 30 days."
    assert stated("段落没有提到病假，但年假有15天。") == "年假有15天。"


def test_what_the_question_brought_is_no_claim() -> None:
    text = "The passages do not mention a fee of 20 euros."
    assert stated(text) == text
    assert stated(text, facts_of("Is there a fee of 20 euros?")) == ""


@pytest.mark.parametrize(
    "text",
    [
        "The employee handbook does not cover contractors.",
        "The training materials do not include videos.",
        "The date is not specified.",
        "合同文件未规定期限。",
    ],
)
def test_what_cites_something_says_it_of_the_passages_or_claims_it(text: str) -> None:
    assert (stated(text), stated(text, is_cited=True)) == ("", text)
    assert not says_not_found(text, is_cited=True)
    said = "The given passages do not mention contractors."
    assert (stated(said, is_cited=True), says_not_found(said, is_cited=True)) == ("", True)
    assert stated("所给段落没有提到夏季聚会的日期。", is_cited=True) == ""
