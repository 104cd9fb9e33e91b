"""The sentence selector: the right sentences, in order, cited exactly, with the value lit; tables and lists
whole."""

from dataclasses import replace

import pytest

from kbchat.analysis import Glossary
from kbchat.answering.events import AnswerEvent, CitationAdded, ValueLit
from kbchat.answering.quoting import MOST_QUOTES, choose
from kbchat.answering.showing import escaped, quoted
from kbchat.answering.weighing import Weighing, weigh
from kbchat.inference.ports import Embedder, ModelUnavailable
from kbchat.inference.scripted import HashEmbedder
from kbchat.retrieval.port import Passage
from tests.rules.answering_support import PIN, VIEWER, MemoryRetriever, passage, text_of

LEAVE = passage(
    "Full-time employees in Hamburg receive 30 working days of paid annual leave in 2025. The statutory "
    "minimum for "
    "a five-day week is 20 days; the other 10 days are granted by the company.\n\n"
    "Days worked | Annual leave 2025 | Of which statutory\n5 | 30 days | 20 days\n4 | 24 days | 16 days\n"
    "3 | 18 days | 12 days",
    title="Annual leave policy",
    headings=("How much leave you have",),
    number=1,
)
CARRY = passage(
    "Up to 5 unused days are carried over to the next year automatically. They must be taken by 31 March.",
    title="Annual leave policy",
    headings=("Carrying leave over",),
    number=2,
    start=900,
)
ZH = passage(
    "年假天数\n\n2024 年公司的年假由法定年假和福利年假两部分组成，全年合计最多 18 天。\n\n"
    "1. 法定年假：累计工作满 1 年不满 10 年的，5 天；满 10 年不满 20 年的，10 天。\n"
    "2. 福利年假每人每年 3 天，入职满 1 年后方可使用。",
    title="年假政策（上海）",
    headings=("年假天数",),
    number=3,
)
ZH_REQUEST = passage(
    "在人事系统 Pier 中提交年假申请，最小单位为 1 天。不超过 3 天的，提前 5 个工作日申请，由直属经理审批。",
    title="年假政策（上海）",
    headings=("申请与审批",),
    number=4,
    start=400,
)
OFFICE = passage(
    "How do I get a visitor badge?\n\nVisitors sign in at the front desk. Please bring along:\n\nan "
    "identity card\n\n"
    "the name of your host\n\nThe canteen is open from 11:30 to 14:00.",
    title="Office guide",
    number=5,
)
LIBRARY = [LEAVE, CARRY, ZH, ZH_REQUEST, OFFICE]


def weighed(question: str, passages: list[Passage], embedder: Embedder | None = None) -> Weighing:
    retriever = MemoryRetriever(passages)
    retrieval = retriever.retrieve(VIEWER, question, PIN, limit=8)
    return weigh(question, retrieval, PIN, embedder or HashEmbedder())


def answer(question: str, passages: list[Passage] | None = None) -> list[AnswerEvent]:
    weighing = weighed(question, passages or LIBRARY)
    numbers = {found.chunk_id: number for number, found in enumerate(weighing.passages, 1)}
    return list(quoted(choose(question, weighing), weighing.passages, numbers))


def lit(events: list[AnswerEvent]) -> list[str]:
    text = text_of(events)
    return [text[e.range.start : e.range.end] for e in events if isinstance(e, ValueLit)]


@pytest.mark.parametrize(
    ("question", "sentence", "value"),
    [
        (
            "How many days of annual leave do full-time employees in Hamburg receive?",
            "Full-time employees in Hamburg receive 30 working days",
            "30 working days",
        ),
        ("年假最多多少天？", "全年合计最多 18 天", "18 天"),
        ("公司的年假有几天？", "全年合计最多 18 天", "18 天"),
        ("福利年假每年几天？", "福利年假每人每年 3 天", "3 天"),
        ("年假要提前几天申请？", "提前 5 个工作日申请", "5 个工作日"),
        ("When is the canteen open?", "open from 11:30 to 14:00", "11:30 to 14:00"),
        ("How many unused days are carried over?", "Up to 5 unused days are carried over", "5 unused days"),
    ],
)
def test_the_sentence_that_holds_the_value(question: str, sentence: str, value: str) -> None:
    events = answer(question)
    assert sentence in text_of(events)
    assert value in lit(events)


def test_every_quote_points_at_its_words() -> None:
    by_version = {(str(p.version_id), p.span.start): p for p in LIBRARY}
    for question in ("年假多少天？", "How much leave do I get?", "What must visitors bring along?"):
        citations = [event for event in answer(question) if isinstance(event, CitationAdded)]
        assert citations
        for cited in citations:
            sources = [
                p
                for (version, _), p in by_version.items()
                if version == cited.version_id and p.span.start <= cited.start and cited.end <= p.span.end
            ]
            (source,) = sources
            assert source.text[cited.start - source.span.start : cited.end - source.span.start] == cited.quote


def test_citations_are_numbered_in_order_of_use() -> None:
    events = answer("How many days of annual leave, and when must unused days be taken?")
    numbers = [event.number for event in events if isinstance(event, CitationAdded)]
    assert list(dict.fromkeys(numbers)) == list(range(1, len(set(numbers)) + 1))
    places = [event.at for event in events if isinstance(event, CitationAdded)]
    assert places == sorted(places)
    assert places[-1] <= len(text_of(events))


def test_a_table_row_comes_with_its_header() -> None:
    events = answer("How much annual leave do I get when I work 4 days?")
    text = text_of(events)
    assert "| Days worked | Annual leave 2025 | Of which statutory |\n| --- | --- | --- |\n" in text
    assert "| 4 | 24 days | 16 days |" in text
    assert "24 days" in lit(events)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        # Where it stands is said before breakfast alone, and lunch is another clause: either may be meant.
        ("苏州工厂食堂午餐几点开始？", []),
        ("午餐供应时间是几点？", ["11:20至13:00"]),
        ("食堂早餐供应时间是几点？", ["6:30至8:30"]),
    ],
)
def test_of_two_clauses_the_one_with_all_that_was_asked_for_has_its_value_lit(
    question: str, value: list[str]
) -> None:
    canteen = passage(
        "苏州工厂食堂早餐供应时间为6:30至8:30，午餐供应时间为11:20至13:00。", title="苏州工厂", number=1
    )
    assert lit(answer(question, [canteen])) == value


LOCKED = "After 8 failed attempts an account is locked for 30 minutes."
GRADES = (
    "Grade | Hotel per night | Meals per day\nManager | 600 EUR | 150 EUR\nDirector | 900 EUR | 200 EUR\n"
    "Staff | 400 EUR | 100 EUR"
)
GRADES_ZH = "级别 | 每晚住宿上限 | 每日餐补\n经理 | 600元 | 150元\n总监 | 900元 | 200元\n员工 | 400元 | 100元"
# One head too few: nobody knows which of them stands above which.
UNEVEN = "Hotel per night | Meals per day\nStaff | 400 EUR | 100 EUR"
CANTEEN = "The canteen opens at 11:30 and closes at 14:00."
CANTEEN_ZH = "食堂11:30开门，14:00关门。"
CLAIMS = "Claims submitted within 30 days are paid within 10 working days."
CLAIMS_ZH = "30天内提交的报销单，10个工作日内付款。"
WHOLE = "Of the 30 days, up to 5 can be carried over."
CASES_ZH = "累计工作满1年不满10年的，年假5天，满10年不满20年的，10天，满20年的，15天。"
PROBATION = "The notice period is two weeks during probation and three months after probation."
FEES = "The fee is 20 EUR for non-members and 10 EUR for members."
ALLOWANCE = "Allowance: employees 100 EUR, managers 150 EUR."
LEAVES = "Sick leave is 10 days per employee and parental leave 12 weeks."
LISTED_LEAVES = "Sick leave: 10 days, parental leave: 12 weeks."
CHECKS_ZH = "体检费：男员工300元，女员工400元。"
TRAFFIC_ZH = "交通补贴：经理500元，总监800元。"
DAILY_ZH = "每日补贴：正式员工100元，实习生50元。"
NIGHTS_ZH = "北京每晚600元，上海每晚550元，其他城市每晚400元。"


@pytest.mark.parametrize(
    ("text", "question", "value"),
    [
        (GRADES, "How much may staff spend on meals per day?", "100 EUR"),
        (GRADES, "How much can a director spend on meals?", "200 EUR"),
        (GRADES, "How much may a manager spend on a hotel?", "600 EUR"),
        (GRADES, "How much may a manager spend?", None),
        (UNEVEN, "How much may staff spend on meals per day?", None),
        (CANTEEN, "What time does the canteen close?", "14:00"),
        (LOCKED, "After how many failed attempts is an account locked?", "8"),
        (LOCKED, "For how long is an account locked?", "30 minutes"),
        (LOCKED, "How many accounts are locked?", None),
        ("Buying leave in 2025 closes on 30 April.", "What is the deadline for buying leave?", "30 April"),
        ("Leave can be bought since 2025.", "Since when can leave be bought?", "2025"),
        ("One bought day costs 1/260 of your annual salary.", "How much is a bought leave day?", None),
        ("During probation the notice is two weeks.", "What is the notice period after probation?", None),
        (
            "During probation the notice is two weeks.",
            "What is the notice period during probation?",
            "two weeks",
        ),
        (CANTEEN, "What time does the canteen open?", "11:30"),
        (
            "Expenses for trips before 1 March must be submitted by 31 March.",
            "When must I submit my expense report?",
            "31 March",
        ),
        (WHOLE, "How many days can I carry over?", "5"),
        ("You may use 10 of your 30 days for training.", "How many days may I use for training?", "10"),
        (
            "Within the first two weeks of the 6 months of probation you meet a mentor.",
            "How long is probation?",
            "6 months",
        ),
        (CLAIMS, "How long does it take to get reimbursed?", None),
        (CLAIMS, "How long does it take until claims are paid?", "10 working days"),
        (CLAIMS, "How many days do I have to submit claims?", "30 days"),
        ("2 to 5 years: 2 months", "How long is my notice period after 3 years?", "2 months"),
        ("more than 5 years: 3 months", "What is the notice period after six years?", "3 months"),
        ("less than 2 years: 1 month", "How long is the notice period after 30 months?", None),
        ("The notice period is at least 3 months.", "How long is notice after 6 years?", "3 months"),
        ("Sick leave is 10 days and parental leave 12 weeks.", "How long is parental leave?", "12 weeks"),
        ("Sick leave is 10 days and parental leave 12 weeks.", "How long is leave?", None),
        (
            "Sick pay is paid for 6 weeks; after 5 years of service for 10 weeks.",
            "How long is sick pay paid after 6 years?",
            None,
        ),
        (
            "In 2005, the plant was built in Suzhou, and in 2012 it was extended.",
            "What year was the plant built in Suzhou?",
            "2005",
        ),
        (
            "Staff pay 20% and the company pays 80% of the fee.",
            "What percentage does the company pay?",
            "80%",
        ),
        ("Room 301 seats 12 people.", "How many people can use the room?", "12 people"),
        (PROBATION, "How long is the notice period after probation?", "three months"),
        (PROBATION, "How long is the notice period during probation?", "two weeks"),
        (PROBATION, "How long is the notice period?", None),
        (FEES, "How much is the fee for members?", "10 EUR"),
        (FEES, "How much is the fee for non-members?", "20 EUR"),
        (FEES, "How much is the fee?", None),
        (ALLOWANCE, "How much is the allowance for managers?", "150 EUR"),
        (ALLOWANCE, "How much is the allowance for employees?", "100 EUR"),
        (ALLOWANCE, "How much is the allowance?", None),
        (LEAVES, "How long is sick leave?", "10 days"),
        (LEAVES, "How long is parental leave?", "12 weeks"),
        (LISTED_LEAVES, "How long is sick leave?", "10 days"),
        (LISTED_LEAVES, "How long is parental leave?", "12 weeks"),
        (CHECKS_ZH, "女员工的体检费是多少钱？", "400元"),
        (CHECKS_ZH, "男员工的体检费是多少钱？", "300元"),
        (CHECKS_ZH, "员工的体检费是多少钱？", None),
        (TRAFFIC_ZH, "总监交通补贴是多少钱？", "800元"),
        (TRAFFIC_ZH, "经理交通补贴是多少钱？", "500元"),
        (TRAFFIC_ZH, "交通补贴是多少钱？", None),
        ("补贴：经理：500元，总监：800元。", "总监补贴是多少钱？", "800元"),
        (DAILY_ZH, "实习生每天补贴多少钱？", "50元"),
        (DAILY_ZH, "正式员工每天补贴多少钱？", "100元"),
        ("工资每月15日发放，奖金20日发放。", "工资哪天发放？", "15日"),
        ("工资每月5日和25日发放。", "工资几号发放？", "5日和25日"),
        (GRADES_ZH, "员工每天餐补多少钱？", "100元"),
        (GRADES_ZH, "总监的餐补是多少钱？", "200元"),
        (GRADES_ZH, "经理每晚住宿多少钱？", "600元"),
        (GRADES_ZH, "经理能花多少钱？", None),
        (CANTEEN_ZH, "食堂几点关门？", "14:00"),
        (CANTEEN_ZH, "食堂几点开门？", "11:30"),
        ("3月1日前的出差费用须在3月31日前报销。", "什么时候要报销？", "3月31日"),
        ("30天年假中，最多5天可以结转。", "年假可以结转几天？", None),
        ("30天年假中，最多5天可以结转。", "可以结转几天？", "5天"),
        (CLAIMS_ZH, "多久到账？", None),
        (CLAIMS_ZH, "多久付款？", "10个工作日"),
        ("满2年不满5年的，通知期为2个月。", "工作3年的通知期多长？", "2个月"),
        ("满5年以上的，通知期为3个月。", "工作六年通知期是多久？", "3个月"),
        ("不满2年的，通知期为1个月。", "工作30个月的通知期多长？", None),
        (CASES_ZH, "工作十二年有几天年假？", "10天"),
        (CASES_ZH, "工作3年有几天年假？", "5天"),
        (NIGHTS_ZH, "上海住宿多少钱？", "550元"),
        (NIGHTS_ZH, "住宿标准是多少钱？", None),
        ("出差每晚住宿400元，一线城市的，每晚600元。", "一线城市住宿多少钱？", None),
        ("推荐奖500元，建议奖200元。", "年终奖是多少元？", None),
        ("病假每年10天，产假98天。", "产假有多少天？", "98天"),
        ("1950年1月18日，县政府成立，设在龙州，1952年8月迁走。", "县政府哪一年成立？", "1950年1月18日"),
    ],
)
def test_the_value_beside_the_words_of_the_question_is_lit(
    text: str, question: str, value: str | None
) -> None:
    """Of two that have as many of them none: no light is better than a wrong one."""
    assert lit(answer(question, [passage(text, title="Rules", number=1)])) == ([value] if value else [])


def test_of_several_rows_none_is_lit() -> None:
    """Which of them holds for whoever asks is not known: none is the answer by itself."""
    table = passage(
        "Days worked | Annual leave\n5 | 30 days\n4 | 24 days\n3 | 18 days", title="Leave", number=1
    )
    events = answer("How many days of annual leave do I have?", [table])
    assert "| 5 | 30 days |" in text_of(events)
    assert "| 3 | 18 days |" in text_of(events)
    assert lit(events) == []


def test_a_list_comes_with_the_sentence_that_announces_it() -> None:
    text = text_of(answer("What must visitors bring along?"))
    assert "Please bring along:\n\n- an identity card\n- the name of your host" in text


def test_a_question_is_never_quoted() -> None:
    assert "?" not in text_of(answer("How do I get a visitor badge?"))


def test_a_sentence_that_leans_back_brings_the_one_before() -> None:
    text = text_of(answer("By when must they be taken?", [CARRY]))
    assert text.startswith("Up to 5 unused days are carried over to the next year automatically. They must")


def test_the_same_said_twice_is_quoted_once() -> None:
    copy = passage(LEAVE.text, title="Old copy", number=9, start=50)
    text = text_of(answer("How many days of annual leave do employees in Hamburg receive?", [LEAVE, copy]))
    assert text.count("Full-time employees in Hamburg receive") == 1


def test_no_more_than_five_quotes() -> None:
    many = passage(
        " ".join(f"Rule {n} on travel says travel by train number {n}." for n in range(1, 30)), number=1
    )
    events = answer("What are the rules on travel?", [many])
    assert 1 <= sum(isinstance(event, CitationAdded) for event in events) <= MOST_QUOTES


def test_missing_evidence_is_improbable() -> None:
    answered = ["How many days of annual leave in Hamburg?", "年假最多多少天？", "When is the canteen open?"]
    unanswered = ["What is the share price of the firm?", "公司股票价格是多少？", "Who won the football cup?"]
    lowest = min(weighed(question, LIBRARY).probability for question in answered)
    highest = max(weighed(question, LIBRARY).probability for question in unanswered)
    assert lowest > 0.5 > highest


def test_names_that_no_passage_has_speak_against_an_answer() -> None:
    here = weighed("How many days of annual leave in Hamburg?", [LEAVE])
    there = weighed("How many days of annual leave in Lisbon?", [LEAVE])
    assert there.features["absent_names"] == 1.0
    assert there.probability < here.probability


def test_a_year_that_the_passage_does_not_speak_of_is_not_answered() -> None:
    here = weighed("How many days of annual leave in Hamburg in 2025?", [LEAVE])
    there = weighed("How many days of annual leave in Hamburg in 2019?", [LEAVE])
    assert there.probability < 0.5 < here.probability


@pytest.mark.parametrize(
    "question", ["上海工作满十年有多少天法定年假？", "上海工作满 10 年有多少天法定年假？"]
)
def test_what_the_question_brought_is_not_the_value(question: str) -> None:
    assert not {"10 年", "十年", "1 年"} & set(lit(answer(question, [ZH])))


def test_nothing_found_is_nothing_weighed() -> None:
    weighing = weighed("How many days?", [])
    assert (weighing.ranked, weighing.probability) == ((), 0.0)
    assert choose("How many days?", weighing) == []


def test_a_statement_that_says_another_name_says_what_was_asked_for() -> None:
    """From the company's glossary: the same statement, weighed as if it had the question's name."""
    pages = [
        passage("Everybody has 28 days of paid time off in a year.", title="Time off", number=1),
        passage("Everybody has 30 minutes of rest in a shift.", title="Rest", number=2),
    ]
    question = "How many days of PTO do I have?"
    retrieval = MemoryRetriever(pages).retrieve(VIEWER, question, PIN, limit=8)
    known = replace(PIN, glossary=Glossary.of([["PTO", "paid time off"]]))
    without, with_names = (weigh(question, retrieval, pin, None) for pin in (PIN, known))
    assert with_names.ranked[0].statement.text.startswith("Everybody has 28 days")
    assert "pto" in with_names.ranked[0].terms - without.ranked[0].terms
    assert with_names.probability > without.probability
    assert (without.features["absent_names"], with_names.features["absent_names"]) == (1.0, 0.0)


class BrokenEmbedder(HashEmbedder):
    def embed_queries(self, texts: object) -> object:  # type: ignore[override]
        raise ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE)


def test_words_alone_serve_when_the_encoder_is_down() -> None:
    question = "年假最多多少天？"
    assert (
        weighed(question, LIBRARY, BrokenEmbedder()).ranked
        == weigh(
            question, MemoryRetriever(LIBRARY).retrieve(VIEWER, question, PIN, limit=8), PIN, None
        ).ranked
    )


def test_markdown_in_a_source_is_shown_as_it_stands() -> None:
    assert escaped("use *args and [x](y) | a_b _c_ <b>") == r"use \*args and \[x\](y) \| a_b \_c\_ \<b\>"
    assert escaped("年假 15 天") == "年假 15 天"


@pytest.mark.parametrize(
    ("text", "question", "value"),
    [
        ("Write to the channel #it-help with any question.", "Which channel is for help?", "#it-help"),
        ("#it-help is the channel for any question.", "Which channel is for questions?", r"\#it-help"),
        ("Topic | Channel\nHelp | #it-help", "Which channel is for help?", r"\#it-help"),
        (
            "Write to the help desk: _ops@acme.com today.",
            "What is the e-mail of the help desk?",
            "ops@acme.com",
        ),
    ],
)
def test_a_value_with_markup_is_lit_from_its_first_to_its_last_character(
    text: str, question: str, value: str
) -> None:
    events = answer(question, [passage(text, title="Help desk", number=1)])
    assert value in {each.lstrip("\\_") if "@" in each else each for each in lit(events)}
