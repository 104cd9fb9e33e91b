"""Whether a sentence agrees with its source, of one policy in each language."""

import pytest

from kbchat.answering.claims.verifying import Verifier
from kbchat.answering.events import Support
from kbchat.retrieval.port import Passage
from tests.rules.answering_support import passage


def state_of(claim: str, source: Passage, question: str = "") -> Support:
    return Verifier({1: source}, question).state(claim, [1])


EN = passage(
    "Full-time employees in Hamburg receive 30 working days of paid annual leave in 2025. The statutory "
    "minimum "
    "is 20 days. Annual leave is not paid out in cash. Up to 5 unused days are carried over to the next "
    "year and "
    "must be taken by 31 March. Bought days cannot be carried over. Anna Schmidt answers questions.",
    title="Annual leave policy",
)
ZH = passage(
    "2024 年公司的年假全年合计最多 18 天。累计工作满 20 年的，法定年假 15 天。"
    "不超过 3 天的，提前 5 个工作日申请，由直属经理审批。福利年假不得结转。上海员工适用本办法。",
    title="年假政策",
)


@pytest.mark.parametrize(
    ("claim", "state"),
    [
        ("Full-time employees in Hamburg get 30 working days of paid annual leave in 2025.", "supported"),
        ("Full-time employees in Hamburg get **thirty days** of annual leave.", "supported"),
        ("Full-time employees in Hamburg get 28 working days of paid annual leave.", "unsupported"),
        ("Full-time employees in Hamburg get 30 working weeks of annual leave.", "unsupported"),
        ("Full-time employees in Berlin get 30 days of annual leave.", "unsupported"),
        ("Annual leave is paid out in cash.", "unsupported"),
        ("Bought days can be carried over.", "unsupported"),
        ("Up to 5 unused days carry over and must be taken by March 31.", "supported"),
        ("Up to 5 unused days carry over and must be taken by 31 May.", "unsupported"),
        ("At least 5 unused days are carried over.", "unsupported"),
        ("The cafeteria serves lunch daily.", "unsupported"),
        ("Here is what the policy says:", "not_factual"),
        ("The passages do not mention sick leave.", "not_factual"),
        ("The passages do not mention sick leave, but up to 5 unused days carry over.", "supported"),
        ("The passages do not mention sick leave, but up to 9 unused days carry over.", "unsupported"),
        ("A limit for annual leave is not stated, so you may take 60 days.", "unsupported"),
        ("Documents that do not contain a receipt are paid up to 1,000 euros.", "unsupported"),
        ("Dental care is not covered.", "unsupported"),
    ],
)
def test_english_claims(claim: str, state: Support) -> None:
    assert state_of(claim, EN) == state


@pytest.mark.parametrize(
    ("claim", "state"),
    [
        ("全年年假合计最多18天。", "supported"),
        ("全年年假合计最多 20 天。", "unsupported"),
        ("累计工作满20年的，法定年假为15天。", "supported"),
        ("福利年假可以结转。", "unsupported"),
        ("福利年假不得结转。", "supported"),
        ("超过3天的，提前5个工作日申请。", "unsupported"),
        ("不超过三天的，需提前五个工作日申请，由直属经理审批。", "supported"),
        ("北京员工适用本办法。", "unsupported"),
        ("文档中没有提到病假。", "not_factual"),
        ("公司没有规定着装要求，可以穿便装。", "unsupported"),
        ("年假没有规定上限，最多可休60天。", "unsupported"),
        ("如果没有找到发票，可以用收据报销，最高1000元。", "unsupported"),
    ],
)
def test_chinese_claims(claim: str, state: Support) -> None:
    assert state_of(claim, ZH) == state


def test_across_languages_only_facts_can_be_checked() -> None:
    assert state_of("全职员工每年有 30 天年假。", EN) == "partly"
    assert state_of("全职员工每年有 31 天年假。", EN) == "unsupported"


def test_a_fact_without_a_citation_is_never_supported() -> None:
    assert Verifier({1: EN}).state("The statutory minimum is 20 days.", ()) == "partly"
    assert Verifier({1: EN}).state("The statutory minimum is 25 days.", ()) == "unsupported"


def test_the_question_may_bring_names_and_numbers() -> None:
    claim = "Bob gets 30 working days of paid annual leave."
    assert state_of(claim, EN, "How much leave does Bob get?") == "supported"
    assert state_of(f"So {claim}", EN) == "unsupported"
