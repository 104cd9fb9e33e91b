"""Both strategies from question to terminal event: the steps in their order, refusals, courtesies,
invariants."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kbchat.answering.events import Decided, Judged, QueriesRewritten, SourcesFound, ValueLit
from kbchat.answering.ports import PastTurn, Question
from kbchat.answering.strategies import Generating, Quoting, strategy_for
from kbchat.answering.wording import Phrase, wording
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.rules.answering_support import VIEWER, MemoryRetriever, environment, passage, run
from tests.rules.answering_turns import (
    ANSWER,
    ASKED,
    CANTEEN,
    LEAVE,
    LIBRARY,
    check,
    finished,
    kinds,
    of,
    sure,
)


async def test_quoting_shows_its_steps_in_order() -> None:
    events = await run(Quoting(), ASKED, environment(MemoryRetriever(LIBRARY)))
    text = check(events)
    assert kinds(events) == [
        "turn_started",
        "decided",
        "queries_rewritten",
        "search_started",
        "sources_found",
        "judged",
        "writing_started",
        "text_added",
        "citation_added",
        "sentence_verified",
        "value_lit",
        "turn_finished",
    ]
    assert "30 working days" in text
    assert finished(events).state == "done"


@pytest.mark.parametrize(
    ("asked", "said", "value"),
    [
        ("年假多少天？", "全年合计最多 18 天", "18 天"),
        ("公司 2024 年的年假政策是什么?", "2024 年公司的年假由法定年假和福利年假两部分组成", None),
        ("福利年假可以结转吗？", "福利年假不得结转。", None),
        (ASKED, "30 working days", "30 working days"),
        ("When is the canteen open?", "11:30 to 14:00", "11:30 to 14:00"),
    ],
)
async def test_quoting_answers_in_both_languages(asked: str, said: str, value: str | None) -> None:
    events = await run(Quoting(), asked, environment(MemoryRetriever(LIBRARY)))
    text = check(events)
    assert said in text
    if value:
        lit = [text[event.range.start : event.range.end] for event in of(events, ValueLit)]
        assert lit == [value]


@pytest.mark.parametrize(
    ("asked", "language"),
    [("What is the share price of the company?", "en"), ("公司股票的价格是多少？", "zh")],
)
async def test_a_refusal_is_honest_and_shows_the_nearest(asked: str, language: str) -> None:
    for strategy, model in (
        (Quoting(), None),
        (Generating(), ScriptedLanguageModel(label_rule=sure(enough=0.0))),
    ):
        events = await run(strategy, asked, environment(MemoryRetriever(LIBRARY), model))
        assert check(events) == wording(Phrase.NOT_FOUND_NEAREST, "zh" if language == "zh" else "en")
        assert of(events, SourcesFound)[0].sources
        assert (finished(events).state, finished(events).reason) == ("refused", "not_found")
        assert not of(events, Judged)[-1].enough


async def test_missing_and_hidden_look_the_same() -> None:
    hidden = MemoryRetriever(LIBRARY, hidden={LEAVE.chunk_id})
    missing = MemoryRetriever([found for found in LIBRARY if found is not LEAVE])
    asked = "What is the statutory minimum of leave in Hamburg?"
    for strategy, model in (
        (Quoting(), None),
        (Generating(), ScriptedLanguageModel(label_rule=sure(enough=0.0))),
    ):
        one = await run(strategy, asked, environment(hidden, model))
        other = await run(strategy, asked, environment(missing, model))
        assert one == other


async def test_an_empty_library_is_refused_without_nearest_passages() -> None:
    for strategy, model in ((Quoting(), None), (Generating(), ScriptedLanguageModel(ANSWER))):
        events = await run(strategy, ASKED, environment(MemoryRetriever([]), model))
        assert check(events) == wording(Phrase.NOT_FOUND, "en")
        assert finished(events).reason == "not_found"


@pytest.mark.parametrize(
    ("asked", "decision", "phrase"),
    [
        ("谢谢！", "converse", Phrase.THANKS),
        ("Hello", "converse", Phrase.GREETING),
        ("???", "ask_back", Phrase.ASK_BACK),
    ],
)
async def test_a_courtesy_needs_no_search(asked: str, decision: str, phrase: Phrase) -> None:
    for model in (None, ScriptedLanguageModel(ANSWER)):
        retriever = MemoryRetriever(LIBRARY)
        events = await run(strategy_for(model), asked, environment(retriever, model))
        assert check(events) == wording(phrase, "zh" if asked[0] == "谢" else "en")
        assert of(events, Decided)[0].decision == decision
        assert finished(events).state == "done"
        assert retriever.asked == []


async def test_a_follow_up_is_searched_as_a_whole_question() -> None:
    retriever = MemoryRetriever(LIBRARY)
    asked = Question(VIEWER, "那福利年假呢？", (PastTurn("法定年假有多少天？", "5 天。"),))
    events = await run(Quoting(), asked, environment(retriever))
    check(events)
    assert of(events, QueriesRewritten)[0].queries == ["那福利年假呢？", "福利年假有多少天？"]
    assert retriever.asked == ["那福利年假呢？", "福利年假有多少天？"]


async def test_an_answer_has_the_language_of_the_conversation() -> None:
    asked = Question(VIEWER, "2031?", (PastTurn("公司 2024 年的股价是多少？", ""),))
    events = await run(Quoting(), asked, environment(MemoryRetriever([CANTEEN])))
    assert of(events, QueriesRewritten)[0].queries == ["2031?", "公司 2031年的股价是多少？"]
    assert check(events) == wording(Phrase.NOT_FOUND_NEAREST, "zh")


async def test_quoting_cannot_rework_and_says_so() -> None:
    asked = Question(VIEWER, "Make it shorter", (PastTurn(ASKED, "30 days."),))
    events = await run(Quoting(), asked, environment(MemoryRetriever(LIBRARY)))
    assert check(events) == wording(Phrase.CANNOT_REWORK, "en")


def test_the_strategy_follows_the_model() -> None:
    assert isinstance(strategy_for(None), Quoting)
    assert isinstance(strategy_for(ScriptedLanguageModel()), Generating)


# Whatever a model writes and whatever a document says


WRITTEN = st.lists(
    st.sampled_from(
        [
            *("Leave ", "is 30 days", " [1]", "[2]", "[9]", ". ", "\n\n", "- ", "`a[1]`", "```\nx[1]\n```\n"),
            *(
                "年假",
                "18 天",
                "【1】",
                "。",
                "NOT_FOUND",
                "**",
                "| a | b |\n",
                "fence0000>>",
                "? ",
                "\u200b",
                "(",
            ),
        ]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(WRITTEN)
@example("【1】| a | b |\nNOT_FOUND. Leave ")
async def test_the_invariants_hold_whatever_is_written(written: str) -> None:
    model = ScriptedLanguageModel(written, label_rule=sure())
    check(await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model)))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=120), max_size=4))
async def test_quoting_holds_them_for_any_document(asked: str, texts: list[str]) -> None:
    library = [passage(text, title=f"T{n}", number=n) for n, text in enumerate(texts, 1)]
    check(await run(Quoting(), asked, environment(MemoryRetriever(library))))
