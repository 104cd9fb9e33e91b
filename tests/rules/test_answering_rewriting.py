"""Follow-ups become standalone by rules; a model's queries are used when they speak of what was asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.answering.advising import Advisor
from kbchat.answering.ports import PastTurn, Question
from kbchat.answering.rewriting import MOST_QUERIES, queries_for, standalone
from kbchat.core.deadline import Deadline
from kbchat.inference.ports import LanguageModel, ModelUnavailable
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.rules.answering_support import VIEWER


def after(*questions: str) -> tuple[PastTurn, ...]:
    return tuple(PastTurn(question, "An answer.") for question in questions)


ENGLISH = [
    (
        "How many annual leave days do employees in Beijing get?",
        "And in Shanghai?",
        "How many annual leave days do employees in Shanghai get?",
    ),
    (
        "How many days of annual leave do employees get in 2025?",
        "what about 2024?",
        "How many days of annual leave do employees get in 2024?",
    ),
    (
        "What is the parental leave policy?",
        "how long does it last",
        "How long does parental leave policy last?",
    ),
    (
        "How many days of annual leave do employees get?",
        "What about sick leave?",
        "How many days of sick leave do employees get?",
    ),
    ("How do I request parental leave?", "Who approves it?", "Who approves parental leave?"),
    (
        "How do I request parental leave?",
        "Who approves this request?",
        "Who approves the parental leave request?",
    ),
    (
        "What is the travel policy?",
        "When does that policy take effect?",
        "When does the travel policy take effect?",
    ),
    ("What is the travel policy?", "How do I apply?", "How do I apply (travel policy)?"),
    (
        "How many days of annual leave do employees get?",
        "and contractors?",
        "How many days of annual leave do contractors get?",
    ),
    (
        "How do I request parental leave?",
        "Can my manager reject it?",
        "Can my manager reject parental leave?",
    ),
    (
        "How do I request parental leave?",
        "Is it paid when an employee is sick?",
        "Is parental leave paid when an employee is sick?",
    ),
    (
        "How do I request parental leave?",
        "If I am sick, is it longer?",
        "If I am sick, is parental leave longer?",
    ),
    ("What is the hotel limit in Paris?", "London?", "What is the hotel limit in London?"),
    ("What is the hotel limit in Paris?", "Can I work there?", "Can I work in Paris?"),
    ("How do I request parental leave?", "What are its limits?", "What are parental leave's limits?"),
]

CHINESE = [
    ("年假有多少天？", "那病假呢？", "病假有多少天？"),
    ("公司 2025 年的年假政策是什么?", "它什么时候生效？", "2025 年的年假政策什么时候生效？"),
    ("公司 2025 年的年假政策是什么?", "2024年呢？", "公司 2024年的年假政策是什么？"),
    ("北京的住宿标准是多少？", "上海呢？", "上海的住宿标准是多少？"),
    ("年假有多少天？", "怎么申请？", "年假怎么申请？"),
    ("我可以休几天年假？", "可以结转到下一年吗？", "年假可以结转到下一年吗？"),
    ("陪产假有多少天?", "婚假呢", "婚假有多少天？"),
    ("怎么申请年假？", "需要谁批准？", "年假需要谁批准？"),
    ("员工每年有多少天年假？", "那实习生呢", "实习生每年有多少天年假？"),
    ("差旅费怎么报销？", "那它的上限是多少？", "差旅费的上限是多少？"),
    ("差旅费怎么报销？", "上海员工申请它需要谁批准？", "上海员工申请差旅费需要谁批准？"),
    ("差旅费怎么报销？", "如果在上海，它的上限是多少？", "如果在上海，差旅费的上限是多少？"),
    ("年假政策是什么?", "这个政策什么时候生效？", "年假政策什么时候生效？"),
    ("年假政策是什么?", "该政策适用于谁？", "年假政策适用于谁？"),
    ("公司的培训制度是什么？", "其适用范围是什么", "培训制度适用范围是什么？"),
]


@pytest.mark.parametrize(("before", "asked", "expected"), ENGLISH + CHINESE)
def test_a_follow_up_stands_alone(before: str, asked: str, expected: str) -> None:
    assert standalone(asked, after(before)) == expected


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        ("What is the travel policy?", "Is it allowed to bring pets to the office?"),
        ("What is the travel policy?", "How long does it take to get a badge?"),
        ("What is the travel policy?", "Who leads the design chapter?"),
        # What its pronoun stands for the question says itself.
        ("How many days of annual leave do I get?", "I lost my badge. What do I do with it?"),
        ("How many days of annual leave do I get?", "What should an employee do when he is sick?"),
        ("How many days of annual leave do I get?", "Do contractors have to return their laptops?"),
        ("How many days of annual leave do I get?", "How does the company protect its data?"),
        ("How many days of annual leave do I get?", "If a laptop breaks, who repairs it?"),
        ("年假有多少天？", "员工离职时，他的电脑怎么处理？"),
        ("年假有多少天？", "电脑坏了，它由谁维修？"),
        ("年假有多少天？", "这个月的工资什么时候发？"),
        ("年假有多少天？", "如何申请远程办公？"),
        ("年假有多少天？", "公司有哪些其他福利？"),
        ("年假有多少天？", "应该向谁报告信息安全事件？"),
    ],
)
def test_a_question_of_its_own_is_left_alone(before: str, asked: str) -> None:
    assert standalone(asked, after(before)) == asked


def test_a_chain_of_follow_ups_keeps_everything_said() -> None:
    history = after("How many annual leave days do employees in Beijing get in 2024?", "And in Shanghai?")
    assert standalone("and in 2025?", history) == (
        "How many annual leave days do employees in Shanghai get in 2025?"
    )


def test_courtesies_are_no_topic() -> None:
    assert standalone("怎么申请？", after("年假有多少天？", "谢谢！", "好的")) == "年假怎么申请？"


def test_the_two_languages_meet() -> None:
    assert standalone("它什么时候生效？", after("What is the parental leave policy?")) == (
        "parental leave policy什么时候生效？"
    )
    assert standalone("Who approves it?", after("怎么申请年假？")) == "Who approves 年假?"


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=3))
def test_no_text_raises(asked: str, before: list[str]) -> None:
    standalone(asked, after(*before))


def advisor(model: LanguageModel | None) -> Advisor:
    return Advisor(model, Deadline.after(30))


async def test_the_original_stays_among_the_queries() -> None:
    asked = Question(VIEWER, "那病假呢？", after("年假有多少天？"))
    assert await queries_for(asked, advisor(None)) == ("那病假呢？", "病假有多少天？")


async def test_a_first_question_is_one_query_and_asks_no_model() -> None:
    model = ScriptedLanguageModel("nonsense")
    asked = Question(VIEWER, " How many days of leave? ")
    assert await queries_for(asked, advisor(model)) == ("How many days of leave?",)
    assert model.calls == []


async def test_several_questions_are_several_queries() -> None:
    asked = Question(VIEWER, "How long is parental leave? And who approves it?")
    found = await queries_for(asked, advisor(None))
    assert found[1:] == ("How long is parental leave?", "And who approves it?")


async def test_a_model_writes_the_queries() -> None:
    model = ScriptedLanguageModel('1. sick leave days\n- "sick leave approval"\n')
    asked = Question(VIEWER, "And sick leave?", after("How many days of annual leave?"))
    found = await queries_for(asked, advisor(model))
    assert found == ("And sick leave?", "sick leave days", "sick leave approval")
    assert len(found) <= MOST_QUERIES


@pytest.mark.parametrize("reply", ["", "OK.", "x " * 400, "I cannot help with that"])
async def test_a_useless_completion_is_replaced_by_rules(reply: str) -> None:
    asked = Question(VIEWER, "And sick leave?", after("How many days of annual leave do I get?"))
    found = await queries_for(asked, advisor(ScriptedLanguageModel(reply)))
    assert found[-1] == "How many days of sick leave do I get?"


async def test_a_model_that_is_down_is_asked_once() -> None:
    model = ScriptedLanguageModel(failure=ModelUnavailable.Reason.UNREACHABLE)
    used = advisor(model)
    asked = Question(VIEWER, "And sick leave?", after("How many days of annual leave do I get?"))
    assert (await queries_for(asked, used))[-1] == "How many days of sick leave do I get?"
    assert await used.choose((), ("yes", "no")) is None
    assert model.calls == []


@pytest.mark.timeout(10)
async def test_a_long_question_holds_nobody_up() -> None:
    """Answers are written on one event loop, and rules look at every place from every other: it stood for minutes."""
    earlier = after("leave" + " " * 7900 + "x")
    many = Question(VIEWER, "And me? " * 900, earlier)
    assert len(await queries_for(many, advisor(None))) <= MOST_QUERIES
    long = Question(VIEWER, "a" * 8000, earlier)
    assert await queries_for(long, advisor(None)) == ("a" * 8000,)
    spaced = "How many days of annual leave do I get?" + " " * 7900
    assert standalone("And sick leave?", after(spaced)) == "How many days of sick leave do I get?"


async def test_question_marks_alone_are_no_question() -> None:
    asked = Question(VIEWER, "Really??? Who approves it?! Well")
    found = await queries_for(asked, advisor(None))
    assert found[1:] == ("Really?", "Who approves it?")


@pytest.mark.parametrize(
    ("before", "asked", "written", "searched"),
    [
        ("年假有多少天？", "那病假呢？", "年假有多少天？", None),
        ("年假有多少天？", "那病假呢？", "病假有多少天？", "病假有多少天？"),
        (
            "Where are the personnel files kept?",
            "And who may look at them?",
            "Where are the personnel files?",
            None,
        ),
        (
            "Where are the personnel files kept?",
            "And who may look at them?",
            "Who has access to the personnel files?",
            "Who has access to the personnel files?",
        ),
        # It brings no word of its own.
        ("Where are the personnel files kept?", "Why?", "personnel files kept", "personnel files kept"),
    ],
)
async def test_the_former_question_written_again_is_no_query(
    before: str, asked: str, written: str, searched: str | None
) -> None:
    """A small model's: what would be found answers the former question, and so would the model."""
    question = Question(VIEWER, asked, after(before))
    found = await queries_for(question, advisor(ScriptedLanguageModel(written)))
    expected = searched if searched is not None else standalone(asked, question.history)
    assert found == tuple(dict.fromkeys((asked, expected)))


async def test_a_pasted_document_is_no_whole_part_of_a_prompt() -> None:
    model = ScriptedLanguageModel("sick leave")
    asked = "Who approves sick leave? " + "Terms and conditions apply. " * 500 + "And who approves training?"
    await queries_for(Question(VIEWER, asked, after("How many days?")), advisor(model))
    said = model.calls[0].prompt[-1].content
    assert len(said) < 4000
    assert "Who approves sick leave?" in said
    assert "And who approves training?" in said
