"""Both strategies from question to terminal event: the order of the steps, the invariants, every way to
fail."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbchat.answering.events import (
    AnswerEvent,
    CitationAdded,
    Decided,
    Judged,
    QueriesRewritten,
    SentenceVerified,
    SourcesFound,
    TextAdded,
    TurnFinished,
    TurnStarted,
    ValueLit,
)
from kbchat.answering.ports import Budget, PastTurn, Question
from kbchat.answering.strategies import Generating, Quoting, strategy_for
from kbchat.answering.wording import Phrase, wording
from kbchat.core.deadline import Deadline
from kbchat.inference.ports import Capabilities, ModelUnavailable, Prompt
from kbchat.inference.scripted import ScriptedLanguageModel
from kbchat.retrieval.port import Retrieval
from tests.rules.answering_support import VIEWER, MemoryRetriever, environment, passage, run

LEAVE = passage(
    "Full-time employees in Hamburg receive 30 working days of paid annual leave in 2025. "
    "The statutory minimum is 20 days.",
    title="Annual leave policy",
    number=1,
)
CARRY = passage(
    "Up to 5 unused days are carried over to the next year.", title="Annual leave policy", number=2, start=900
)
ZH = passage(
    "年假天数\n\n2024 年公司的年假由法定年假和福利年假两部分组成，全年合计最多 18 天。福利年假不得结转。",
    title="年假政策（上海）",
    number=3,
    in_force=date(2024, 1, 1),
)
CANTEEN = passage("The canteen is open from 11:30 to 14:00.", title="Office guide", number=4)
LIBRARY = [LEAVE, CARRY, ZH, CANTEEN]
ASKED = "How many days of annual leave do employees in Hamburg receive?"
ANSWER = "Employees in Hamburg receive 30 working days of annual leave [1]. Five unused days carry over [2]."


def check(events: Sequence[AnswerEvent]) -> str:
    """The invariants that hold for every turn, however it went; returns the answer's text."""
    assert isinstance(events[0], TurnStarted)
    assert [isinstance(event, TurnFinished) for event in events].count(True) == 1
    assert isinstance(events[-1], TurnFinished)
    sources = {}
    text, numbers = "", []
    for event in events:
        dumped = str(event.model_dump(exclude={"usage"}))
        assert not re.search(r"\d\.\d{3,}|score|probab|distance", dumped), "no figures for a client"
        if isinstance(event, SourcesFound):
            assert not text, "sources come before the first word"
            for source in event.sources:
                assert source.number not in sources
                sources[source.number] = source
        elif isinstance(event, TextAdded):
            assert event.text
            text += event.text
        elif isinstance(event, CitationAdded):
            source = sources[event.source]
            assert (event.document_id, event.version_id) == (source.document_id, source.version_id)
            assert source.start <= event.start < event.end <= source.end
            assert source.quote[event.start - source.start : event.end - source.start] == event.quote
            assert event.at == len(text)
            numbers.append(event.number)
        elif isinstance(event, SentenceVerified | ValueLit):
            assert 0 <= event.range.start < event.range.end <= len(text)
    assert list(dict.fromkeys(numbers)) == list(range(1, len(set(numbers)) + 1)), "numbered in order of use"
    return text


def finished(events: Sequence[AnswerEvent]) -> TurnFinished:
    (end,) = [event for event in events if isinstance(event, TurnFinished)]
    return end


def kinds(events: Sequence[AnswerEvent]) -> list[str]:
    return list(dict.fromkeys(event.type for event in events))


def of(events: Sequence[AnswerEvent], kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


def sure(**answers: float):  # noqa: ANN201
    """Label probabilities by the question asked: `route` that documents are needed, `enough` that they
    suffice."""

    def rule(prompt: Prompt, labels: Sequence[str]) -> dict[str, float]:
        if "yes" in labels:
            return {"yes": answers.get("enough", 0.9), "no": 0.95 - answers.get("enough", 0.9)}
        return {"A": answers.get("route", 0.9), "B": 0.02, "C": 0.02}

    return rule


# Quoting


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


async def test_quoting_cannot_rework_and_says_so() -> None:
    asked = Question(VIEWER, "Make it shorter", (PastTurn(ASKED, "30 days."),))
    events = await run(Quoting(), asked, environment(MemoryRetriever(LIBRARY)))
    assert check(events) == wording(Phrase.CANNOT_REWORK, "en")


# Generating


async def test_generating_cites_what_it_was_shown() -> None:
    model = ScriptedLanguageModel(ANSWER, label_rule=sure())
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model))
    text = check(events)
    assert (
        text == "Employees in Hamburg receive 30 working days of annual leave. Five unused days carry over."
    )
    quotes = [event.quote for event in of(events, CitationAdded)]
    assert quotes[0] == "Full-time employees in Hamburg receive 30 working days of paid annual leave in 2025."
    assert [event.state for event in of(events, SentenceVerified)] == ["supported", "supported"]
    assert finished(events).state == "done"
    assert finished(events).usage.model_calls == 3
    assert finished(events).usage.completion_tokens > 0


async def test_generating_in_chinese() -> None:
    model = ScriptedLanguageModel("全年年假合计最多18天【1】。福利年假可以结转[1]。", label_rule=sure())
    events = await run(
        Generating(), "2024年公司的年假最多多少天？", environment(MemoryRetriever([ZH]), model)
    )
    assert check(events) == "全年年假合计最多18天。福利年假可以结转。"
    assert [event.state for event in of(events, SentenceVerified)] == ["supported", "unsupported"]


async def test_nothing_that_was_not_offered_is_cited() -> None:
    model = ScriptedLanguageModel("Leave is 30 days [1]. See [99] and [7].", label_rule=sure())
    events = await run(Generating(), ASKED, environment(MemoryRetriever([LEAVE]), model))
    assert "[" not in check(events)
    assert [event.source for event in of(events, CitationAdded)] == [1]


async def test_a_passage_hidden_since_the_search_never_reaches_a_prompt() -> None:
    class Revoking(MemoryRetriever):
        def fetch(self, viewer, chunk_ids):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            self.hidden.add(LEAVE.chunk_id)
            return super().fetch(viewer, chunk_ids)

    for model in (None, ScriptedLanguageModel("Leave is 30 days [1].", label_rule=sure())):
        events = await run(strategy_for(model), ASKED, environment(Revoking(list(LIBRARY)), model))
        text = check(events)
        assert "30" not in text or not of(events, CitationAdded)
        assert all("30 working days" not in event.quote for event in of(events, CitationAdded))
        if model:
            assert all("30 working days" not in str(prompt) for prompt in model.prompts)


async def test_passages_are_fetched_after_the_last_search() -> None:
    log: list[str] = []

    class Logged(MemoryRetriever):
        def retrieve(self, *args, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN002, ANN003, ANN202
            log.append("search")
            return super().retrieve(*args, **kwargs)

        def fetch(self, viewer, chunk_ids):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            log.append("fetch")
            return super().fetch(viewer, chunk_ids)

    def reply(_: Prompt) -> str:
        log.append("prompt")
        return ANSWER

    model = ScriptedLanguageModel(reply, label_rule=sure())
    await run(Generating(), ASKED, environment(Logged(list(LIBRARY)), model))
    assert log.index("fetch") > log.index("search")
    assert log[log.index("prompt") - 1] == "fetch"


async def test_the_loop_searches_for_what_is_missing() -> None:
    def label(prompt: Prompt, labels: Sequence[str]) -> dict[str, float]:
        enough = 0.9 if "11:30" in prompt[-1].content else 0.0
        return {"yes": enough, "no": 0.95 - enough} if "yes" in labels else {"A": 0.9}

    def reply(prompt: Prompt) -> str:
        return "canteen open" if "search query" in prompt[-1].content else "It opens at 11:30 [2]."

    model = ScriptedLanguageModel(reply, label_rule=label)
    retriever = MemoryRetriever(LIBRARY)
    given_environment = environment(retriever, model, budget=Budget(passages=1))
    events = await run(Generating(), ASKED, given_environment)
    check(events)
    assert retriever.asked == [ASKED, "canteen open"]
    assert [(event.enough, event.missing) for event in of(events, Judged)] == [
        (False, "canteen open"),
        (True, None),
    ]
    assert [source.number for event in of(events, SourcesFound) for source in event.sources] == [1, 2]
    assert "11:30" in of(events, CitationAdded)[0].quote


async def test_rounds_are_bounded() -> None:
    model = ScriptedLanguageModel("something else entirely", label_rule=sure(enough=0.0))
    retriever = MemoryRetriever([passage(f"Rule {n} on leave.", number=n) for n in range(1, 30)])
    events = await run(
        Generating(), ASKED, environment(retriever, model, budget=Budget(max_rounds=2, passages=2))
    )
    check(events)
    assert len(retriever.asked) == 2
    assert finished(events).state == "refused"


async def test_a_round_without_anything_new_ends_the_loop() -> None:
    model = ScriptedLanguageModel("something else", label_rule=sure(enough=0.0))
    retriever = MemoryRetriever([LEAVE])
    await run(Generating(), ASKED, environment(retriever, model, budget=Budget(max_rounds=9)))
    assert len(retriever.asked) == 2


async def test_the_writer_may_still_refuse() -> None:
    model = ScriptedLanguageModel("NOT_FOUND", label_rule=sure())
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model))
    assert check(events) == wording(Phrase.NOT_FOUND_NEAREST, "en")
    assert finished(events).state == "refused"


@pytest.mark.parametrize("reply", ["No, it is not [1].", "NOT at all [1].", "N"])
async def test_a_beginning_like_the_refusal_is_not_lost(reply: str) -> None:
    model = ScriptedLanguageModel(reply, label_rule=sure())
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model))
    assert check(events) == reply.replace(" [1]", "")


async def test_rework_is_done_by_the_model_from_the_conversation() -> None:
    model = ScriptedLanguageModel("30 days.")
    asked = Question(VIEWER, "Make it shorter", (PastTurn(ASKED, "Employees receive 30 working days."),))
    retriever = MemoryRetriever(LIBRARY)
    events = await run(Generating(), asked, environment(retriever, model))
    assert check(events) == "30 days."
    assert retriever.asked == []
    assert "Employees receive 30 working days." in str(model.prompts[-1])
    assert of(events, SentenceVerified) == []


# Failing


@pytest.mark.parametrize("reason", list(ModelUnavailable.Reason))
async def test_a_model_that_is_down_still_shows_sources(reason: ModelUnavailable.Reason) -> None:
    model = ScriptedLanguageModel(failure=reason)
    asked = Question(
        VIEWER, "And in Hamburg?", (PastTurn("How many days of annual leave in Berlin?", "28."),)
    )
    events = await run(Generating(), asked, environment(MemoryRetriever(LIBRARY), model))
    check(events)
    assert of(events, SourcesFound)[0].sources
    assert (finished(events).state, finished(events).reason) == ("failed", f"model_{reason.value}")


async def test_a_stream_that_breaks_keeps_what_was_written() -> None:
    model = ScriptedLanguageModel(
        ANSWER,
        failure=ModelUnavailable.Reason.BROKEN_STREAM,
        failure_after=13,
        capabilities=Capabilities(model="small", context_tokens=4096),
    )
    # The scripted model fails its capabilities only when it fails from the beginning.
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model))
    text = check(events)
    assert text.startswith("Employees in Hamburg receive 30 working days")
    assert "Five" not in text
    assert finished(events).reason == "model_broken_stream"
    assert of(events, SentenceVerified)


async def test_a_full_answer_is_truncated() -> None:
    model = ScriptedLanguageModel("word " * 300, label_rule=sure())
    given_environment = environment(MemoryRetriever(LIBRARY), model, budget=Budget(answer_tokens=20))
    events = await run(Generating(), ASKED, given_environment)
    check(events)
    assert (finished(events).state, finished(events).reason) == ("truncated", "length")


async def test_an_empty_answer_is_a_failure() -> None:
    model = ScriptedLanguageModel("", label_rule=sure())
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model))
    check(events)
    assert (finished(events).state, finished(events).reason) == ("failed", "model_empty")


async def test_time_that_runs_out_ends_the_turn() -> None:
    model = ScriptedLanguageModel(ANSWER, label_rule=sure(), seconds_per_piece=0.02)
    given_environment = environment(MemoryRetriever(LIBRARY), model, seconds=0.5)
    events = await asyncio.wait_for(run(Generating(), ASKED, given_environment), 10)
    check(events)
    assert finished(events).reason in {None, "model_timed_out"}
    late = replace(environment(MemoryRetriever(LIBRARY)), deadline=Deadline.after(-1))
    assert "30 working days" in check(await run(Quoting(), ASKED, late))


async def test_a_search_that_fails_fails_the_turn() -> None:
    class Down(MemoryRetriever):
        def retrieve(self, *_args: object, **_kwargs: object) -> Retrieval:
            raise ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE)

    for model in (None, ScriptedLanguageModel(ANSWER)):
        events = await run(strategy_for(model), ASKED, environment(Down([]), model))
        check(events)
        assert finished(events).reason == "search_unavailable"


async def test_closing_closes_the_upstream_request() -> None:
    model = ScriptedLanguageModel("word " * 500, label_rule=sure(), seconds_per_piece=0.01)
    given_environment = environment(MemoryRetriever(LIBRARY), model)
    async with aclosing(Generating().run(Question(VIEWER, ASKED), given_environment)) as events:
        async for event in events:
            if isinstance(event, TextAdded):
                break
    assert model.calls[-1].closed
    assert len(model.calls[-1].text) < 200


async def test_a_cancelled_turn_closes_the_upstream_request() -> None:
    model = ScriptedLanguageModel("word " * 500, label_rule=sure(), seconds_per_piece=0.01)
    turn = asyncio.ensure_future(run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model)))
    await asyncio.sleep(0.5)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert model.calls[-1].closed


def test_the_strategy_follows_the_model() -> None:
    assert isinstance(strategy_for(None), Quoting)
    assert isinstance(strategy_for(ScriptedLanguageModel()), Generating)


# Whatever a model writes and whatever a document says


WRITTEN = st.lists(
    st.sampled_from(
        [
            "Leave ",
            "is 30 days",
            " [1]",
            "[2]",
            "[9]",
            ". ",
            "\n\n",
            "- ",
            "`a[1]`",
            "```\nx[1]\n```\n",
            "年假",
        ]
        + ["18 天", "【1】", "。", "NOT_FOUND", "**", "| a | b |\n", "fence0000>>", "? ", "\u200b", "("]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(WRITTEN)
async def test_the_invariants_hold_whatever_is_written(written: str) -> None:
    model = ScriptedLanguageModel(written, label_rule=sure())
    check(await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model)))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=120), max_size=4))
async def test_quoting_holds_them_for_any_document(asked: str, texts: list[str]) -> None:
    library = [passage(text, title=f"T{n}", number=n) for n, text in enumerate(texts, 1)]
    check(await run(Quoting(), asked, environment(MemoryRetriever(library))))
