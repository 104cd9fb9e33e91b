"""Terms: what a question and a document must share, whatever their spelling, and that nothing raises."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.analysis import ANALYSER_VERSION, analyse, content_words, matter_of
from kbchat.analysis.words import stem


def meet(one: str, other: str) -> set[str]:
    return set(analyse(one)) & set(analyse(other))


@pytest.mark.parametrize(
    ("asked", "written", "term"),
    [
        ("RAG-Token", "the RAG-Token model", "ragtoken"),
        ("rag-token", "RAG-Token", "ragtoken"),
        ("RAG Token", "RAG-Token", "token"),
        ("GPT4o", "GPT-4o", "gpt4o"),
        ("iso27001", "ISO-27001", "iso27001"),
        ("ISO 27001", "ISO27001", "27001"),
        ("AB-123", "AB_123", "ab123"),
        ("v2.5.1", "release v2.5.1", "v2.5.1"),
        ("version 2.5.1", "v2.5.1", "2.5.1"),
        ("v2.5.1", "release-v2.5.1.tar.gz", "v2.5.1"),
        ("version 2.5.1", "release-v2.5.1.tar.gz", "2.5.1"),
        ("v2.5.1", "V2.5.1-beta", "v2.5.1"),
        ("Hr@Example.com", "write to hr@example.com.", "hr@example.com"),
        ("C++ or C#?", "C# and C++", "c#"),
        ("r&d", "the R&D budget", "r&d"),
        ("U.S. offices", "the US office", "us"),
        ("report.pdf", "see Report.pdf", "report.pdf"),
    ],
)
def test_identifiers_are_found_whole_in_every_spelling(asked: str, written: str, term: str) -> None:
    assert term in meet(asked, written)


def test_a_whole_identifier_stands_besides_its_parts() -> None:
    assert analyse("RAG-Token") == ["ragtoken", "rag", "token"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＲＡＧ－Ｔｏｋｅｎ　１５", "rag-token 15"),
        ("policies", "Policy"),
        ("résumé", "resume"),
        ("employee’s", "employees"),
        ("co\u00adoperate", "cooperate"),
        ("RAG–Token", "RAG-Token"),
        ("1,000,000", "1000000"),
        ("年假政策", "年假政策"),
        ("勞動合同", "劳动合同"),
        ("著裝規定", "着装规定"),
        ("瞭解答覆", "了解答复"),
        ("ﾃﾞｰﾀ", "データ"),
        ("第二⻚的⻋辆", "第二页的车辆"),
        ("環境衞生", "環境衛生"),
        ("السَّنَوِيَّة", "السنوية"),
        ("محمـــد", "محمد"),
        ("שָׁלוֹם", "שלום"),
    ],
)
def test_spellings_of_one_thing_have_the_same_terms(one: str, other: str) -> None:
    assert analyse(one) == analyse(other) != []


def test_numbers_are_kept_and_stay_numbers() -> None:
    assert analyse("3.5 days, 6½ hours, 15天") == ["3.5", "day", "6", "1", "2", "hour", "15", "天"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("80,443,8080", ["80", "443", "8080"]),
        ("2,500, 12,345.67 and 1,000,000", ["2500", "12345.67", "1000000"]),
        ("1.234,500", ["1.234", "500"]),
        ("28¹ and 10²", ["28", "1", "10", "2"]),
        ("½5", ["1", "2", "5"]),
        ("①2025 ①②", ["1", "2025", "1", "2"]),
        ("x²", ["x2"]),
    ],
)
def test_numbers_beside_each_other_stay_apart(text: str, terms: list[str]) -> None:
    assert [term for term in analyse(text) if term != "and"] == terms


def test_han_text_gives_characters_pairs_and_long_words() -> None:
    assert analyse("年假政策") == ["年", "假", "政", "策", "年假", "假政", "政策"]
    assert "共和国" in analyse("共和国")


def test_an_unknown_compound_is_found_by_its_pairs() -> None:
    assert {"飞书", "书审", "审批"} <= meet("飞书审批", "请在飞书审批里提交")


def test_chinese_function_words_go_and_words_that_hold_them_stay() -> None:
    assert analyse("年假的政策是什么？") == ["年", "假", "年假", "政", "策", "政策"]
    assert "目的" in analyse("目的")


def test_nothing_is_paired_across_a_stop_word() -> None:
    assert "假政" not in analyse("年假的政策")


def test_english_stop_words_go_unless_nothing_else_remains() -> None:
    assert analyse("What is the policy?") == ["polici"]
    assert analyse("To be or not to be") == ["to", "be", "or", "not", "to", "be"]
    assert analyse("是什么？") == ["是", "什", "么", "是什", "什么"]


def test_capitals_make_an_acronym_of_a_stop_word() -> None:
    assert analyse("the IT department") == ["it", "depart"]
    assert analyse("it is open") == ["open"]


def test_kinds_of_terms_cannot_be_taken_for_one_another() -> None:
    """A pair that is also a word counts once, and what is longer than a pair is a word of the dictionary."""
    terms = analyse("公司年假政策")
    assert len(terms) == len(set(terms))
    assert all(len(term) <= 2 for term in terms)


def test_korean_and_japanese_are_found_by_pairs() -> None:
    assert analyse("연차휴가") == ["연차", "차휴", "휴가"]
    assert "ター" in analyse("データセンター")


def test_vowels_that_are_marks_count() -> None:
    assert analyse("की छुट्टी") == ["की", "छु", "ुट", "ट्", "्ट", "टी"]
    assert analyse("கி") != analyse("கு")
    assert analyse("བོད") != analyse("བད")


def test_content_words_are_words_once_each() -> None:
    assert content_words("The ISO-27001 audit is a long-term plan.") == [
        "iso27001",
        "audit",
        "long",
        "term",
        "plan",
    ]
    assert content_words("公司的年假政策是什么？") == ["公司", "年", "假", "政策"]
    assert content_words("What is it?") == []


@given(st.text(st.characters(exclude_categories=[])))
def test_no_text_raises(text: str) -> None:
    for term in [*analyse(text), *content_words(text)]:
        assert 0 < len(term) <= 64


HOSTILE = {
    "dashes": "-" * 65_536,
    "surrogates": "\ud800年\udfff" * 20_000,
    "control characters": "\x00\x01\x1b" * 20_000,
    "stacked marks": "a" + "\u0301\u0323" * 32_000,
    "marks of many classes": "\u0483\u0591\u05b0\u0301" * 16_000,
    "one Han character": "哈" * 65_536,
    "chain": "a-" * 32_000,
    "dotted chain": "a." * 32_000,
    "one word": "x" * 65_536,
    "thousands": "1,000" * 13_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_bounded_time(name: str) -> None:
    analyse("加载词典 load")
    started = time.process_time()
    terms = analyse(HOSTILE[name])
    assert time.process_time() - started < 2.0
    assert all(len(term) <= 64 for term in terms)


def test_threads_do_not_disturb_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kbchat.analysis.words.stem", stem.__wrapped__)  # what is remembered proves nothing
    texts = [f"{'x' * i}walking relational policies employees happily" for i in range(40)]
    alone = [analyse(text) for text in texts]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(analyse, texts * 20)) == alone * 20
    finally:
        sys.setswitchinterval(interval)


def test_the_version_is_a_number() -> None:
    assert isinstance(ANALYSER_VERSION, int)


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("年假有几天？", ["年", "假", "年假"]),
        ("我有多少天年假？", ["年", "假", "年假"]),
        ("审批要多久？", ["审", "批", "要", "审批", "批要"]),
        ("How many days of annual leave do I have?", ["day", "annual", "leav"]),
        ("Which many days?", ["mani", "day"]),
        ("几？", ["几"]),
    ],
)
def test_a_question_is_searched_without_what_only_asks(question: str, terms: list[str]) -> None:
    assert sorted(analyse(matter_of(question))) == sorted(terms)


@pytest.mark.parametrize(
    ("question", "matter"),
    [
        ("What is CAN?", "What is CAN?"),
        ("What does the GET request return?", "What the GET request return?"),
        ("Which holidays are in May?", "Which holidays are in May?"),
        ("How many days? May I take them in April, May or June?", "days? I them in April, May or June?"),
        ("Where is the how-to?", "Where is the how-to?"),
        ("Who may read need-to-know papers?", "Who read need-to-know papers?"),
        ("Why can't I log in? Why can’t I?", "Why can't I log in? Why can’t I?"),
        ("HOW MANY DAYS CAN I GET?", "DAYS I ?"),
        ("How Many Days Can I Get?", "Days I ?"),
        ("我国的自我评估我怎么做？", "我国的自我评估 做？"),
        ("网吧和酒吧可以开吧？", "网吧和酒吧 开 ？"),
        ("吗啡可以用吗？", "吗啡 用 ？"),
    ],
)
def test_a_name_and_a_part_of_a_word_do_not_ask(question: str, matter: str) -> None:
    assert matter_of(question) == matter


@pytest.mark.parametrize(
    ("question", "matter"),
    [
        ("怎么办理居住证？", "办理居住证？"),
        ("怎么办公？", "办公？"),
        ("怎么办签证？", "签证？"),
        ("怎么样本在哪里？", "样本在 ？"),
        ("需要多少人民币？", "人民币？"),
        ("有多少人员参加？", "人员参加？"),
        ("多少人参加？", "参加？"),
        ("多少人工成本？", "人工成本？"),
        ("多少人工作？", "工作？"),
        ("多少人才补贴？", "人才补贴？"),
        ("多少人才能成团？", "才能成团？"),
        ("多少人事先申请？", "事先申请？"),
        ("有多少位置？", "位置？"),
        ("几位数密码？", "位数密码？"),
        ("几位数学老师？", "数学老师？"),
        ("多少天然气？", "天然气？"),
        ("多少天津员工？", "天津员工？"),
        ("几天线上培训？", "线上培训？"),
        ("出差几天使用津贴？", "出差 使用津贴？"),
        ("有多少天年假？", "年假？"),
        ("多少日志保留？", "日志保留？"),
        ("几日报到？", "报到？"),
        ("多少日元？", "日元？"),
        ("多少次级贷款？", "次级贷款？"),
        ("请假几次要扣工资？", "请假 要扣工资？"),
        ("多少元件库存？", "元件库存？"),
        ("多少种植面积？", "种植面积？"),
        ("几种子公司？", "子公司？"),
        ("几种类型的假？", "类型的假？"),
        ("多少名额？", "名额？"),
        ("几名人事专员？", "人事专员？"),
        ("几名单身员工？", "单身员工？"),
        ("多少个人信息？", "个人信息？"),
        ("几个人？", "人？"),
        ("多少个性化设置？", "个性化设置？"),
        ("几个月薪？", "月薪？"),
        ("几个月产假？", "产假？"),
        ("多少工作日志？", "工作日志？"),
        ("哪个性化模板？", "个性化模板？"),
        ("哪位置在前台？", "位置在前台？"),
        ("任何时间都可以报销吗？", "任何时间都 报销 ？"),
        ("报销申请问题找谁？", "报销申请问题找 ？"),
        ("对应该部门的预算？", "对应该部门的预算？"),
        ("很多长期员工", "很多长期员工"),
        ("许可以外的用途", "许可以外的用途"),
        ("迷你冰箱可以用吗？", "迷你冰箱 用 ？"),
        ("毛呢大衣呢？", "毛呢大衣 ？"),
        ("书吧几点开？", "书吧 点开？"),
    ],
)
def test_what_asks_in_chinese_takes_nothing_of_the_next_word(question: str, matter: str) -> None:
    assert matter_of(question) == matter
