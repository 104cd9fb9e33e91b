"""The generating strategy: citations, the closed loop, revocation in between, and every way to fail."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from kbchat.answering.events import (
    CitationAdded,
    Judged,
    SentenceVerified,
    SourcesFound,
    TextAdded,
)
from kbchat.answering.ports import Budget, PastTurn, Question
from kbchat.answering.strategies import Generating, Quoting, strategy_for
from kbchat.core.deadline import Deadline
from kbchat.core.viewer import Viewer
from kbchat.inference.ports import Capabilities, ModelUnavailable, Prompt
from kbchat.inference.scripted import ScriptedLanguageModel
from kbchat.retrieval.port import LegTrace, Passage, Retrieval
from tests.rules.answering_support import VIEWER, MemoryRetriever, environment, passage, run
from tests.rules.answering_turns import ANSWER, ASKED, LEAVE, LIBRARY, ZH, check, finished, of, sure


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
        def fetch(self, viewer: Viewer, chunk_ids: Sequence[int]) -> list[Passage]:
            self.hidden.add(LEAVE.chunk_id)
            return super().fetch(viewer, chunk_ids)

    for model in (None, ScriptedLanguageModel("Leave is 30 days [1].", label_rule=sure())):
        events = await run(strategy_for(model), ASKED, environment(Revoking(list(LIBRARY)), model))
        text = check(events)
        assert "30" not in text or not of(events, CitationAdded)
        assert all("30 working days" not in event.quote for event in of(events, CitationAdded))
        if model:
            assert all("30 working days" not in str(prompt) for prompt in model.prompts)


async def test_a_passage_hidden_while_the_judge_thinks_is_not_written_from() -> None:
    class Revoking(MemoryRetriever):
        def fetch(self, viewer: Viewer, chunk_ids: Sequence[int]) -> list[Passage]:
            found = super().fetch(viewer, chunk_ids)
            self.hidden.add(LEAVE.chunk_id)
            return found

    model = ScriptedLanguageModel("Leave is 30 days [1].", label_rule=sure())
    events = await run(Generating(), ASKED, environment(Revoking(list(LIBRARY)), model))
    check(events)
    assert of(events, CitationAdded) == []
    assert "30 working days" in str(model.prompts[1]), "the judge has seen it"
    assert "30 working days" not in str(model.prompts[-1])


async def test_passages_are_fetched_after_the_last_search() -> None:
    log: list[str] = []

    class Logged(MemoryRetriever):
        def retrieve(self, *args: Any, **kwargs: Any) -> Retrieval:
            log.append("search")
            return super().retrieve(*args, **kwargs)

        def fetch(self, viewer: Viewer, chunk_ids: Sequence[int]) -> list[Passage]:
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


async def test_a_search_by_words_alone_says_so() -> None:
    class ByWords(MemoryRetriever):
        def retrieve(self, *args: Any, **named: Any) -> Retrieval:
            found = super().retrieve(*args, **named)
            leg = LegTrace("lexical", "bm25", (), (), 0.0)
            return replace(found, trace=replace(found.trace, legs=(leg,)))

    for model in (None, ScriptedLanguageModel(ANSWER)):
        for retriever, said in ((ByWords(LIBRARY), True), (MemoryRetriever(LIBRARY), False)):
            events = await run(strategy_for(model), ASKED, environment(retriever, model))
            check(events)
            assert {event.by_words_alone for event in events if isinstance(event, SourcesFound)} == {said}


async def test_a_search_that_finds_names_alone_in_another_language_says_in_which() -> None:
    class ByNames(MemoryRetriever):
        def retrieve(self, *args: Any, **named: Any) -> Retrieval:
            found = super().retrieve(*args, **named)
            return replace(found, trace=replace(found.trace, by_names_alone=("zh",)))

    for model in (None, ScriptedLanguageModel(ANSWER)):
        for retriever, said in ((ByNames(LIBRARY), ["zh"]), (MemoryRetriever(LIBRARY), [])):
            events = await run(strategy_for(model), ASKED, environment(retriever, model))
            check(events)
            assert of(events, SourcesFound)[0].by_names_alone == said


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
