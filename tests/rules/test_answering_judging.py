"""A second look at an answer's claims: what it may change, that nothing waits for it, and how it may fail."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import aclosing, closing
from dataclasses import replace
from itertools import chain

import numpy as np
import numpy.typing as npt
import pytest

from kbchat.answering.claims import judging
from kbchat.answering.claims.judging import EntailmentJudge, Judging, judged
from kbchat.answering.events import AnswerEvent, SentenceVerified, Support, TextAdded, TurnFinished
from kbchat.answering.ports import Environment, Question
from kbchat.answering.prompts import rendered
from kbchat.answering.strategies import Generating
from kbchat.answering.writing import AnswerWriter
from kbchat.core.deadline import Deadline
from kbchat.inference.ports import EntailmentModel, ModelUnavailable, Prompt
from kbchat.inference.scripted import ScriptedLanguageModel, WordEntailment
from tests.rules.answering_support import VIEWER, MemoryRetriever, environment, run
from tests.rules.answering_turns import ANSWER, ASKED, CARRY, LEAVE, LIBRARY, check, finished, of, sure

ANSWERING = rendered("answer", "en")
WRONG = "Employees in Hamburg receive 31 working days of annual leave [1]."
UNSAID = "Dragons breathe fire at night."
FREE = "Remaining days may be used later, in the following year [2]."


class Asked:
    """An entailment model that answers by a rule, and what it was asked."""

    def __init__(self, rule: Callable[[str, str], float]) -> None:
        self._rule = rule
        self.claims: list[str] = []
        self.premises: list[list[str]] = []

    def entailment(self, premises: Sequence[str], claim: str) -> npt.NDArray[np.float64]:
        self.claims.append(claim)
        self.premises.append(list(premises))
        return np.array([self._rule(premise, claim) for premise in premises])


def given(reply: str, entailment: EntailmentModel | None, *, seconds_per_piece: float = 0.0) -> Environment:
    model = ScriptedLanguageModel(reply, label_rule=sure(), seconds_per_piece=seconds_per_piece)
    return replace(environment(MemoryRetriever(LIBRARY), model), entailment=entailment)


def states(events: Sequence[AnswerEvent]) -> list[Support]:
    return [event.state for event in of(events, SentenceVerified)]


@pytest.mark.parametrize(
    ("state", "p", "then"),
    [
        ("supported", 0.9, "supported"),
        ("supported", 0.1, "partly"),
        ("partly", 0.9, "supported"),
        ("partly", 0.1, "unsupported"),
        ("supported", 0.26, "supported"),
        ("partly", 0.74, "partly"),
        ("unsupported", 0.99, "unsupported"),
        ("not_factual", 0.0, "not_factual"),
        ("supported", None, "supported"),
        ("partly", None, "partly"),
    ],
)
def test_a_model_moves_a_state_by_one_step_and_never_helps_what_disagrees(
    state: Support, p: float | None, then: Support
) -> None:
    assert judged(state, p) == then


async def test_each_sentence_is_held_against_the_passages_that_it_cites() -> None:
    model = Asked(lambda premise, claim: float("annual leave" in claim))
    events = await run(Generating(), ASKED, given(ANSWER, model))
    check(events)
    assert states(events) == ["supported", "partly"]
    assert model.premises == [[LEAVE.text], [CARRY.text]]
    assert model.claims[0] == "Employees in Hamburg receive 30 working days of annual leave."


async def test_several_passages_may_say_it_together() -> None:
    both = f"{LEAVE.text}\n\n{CARRY.text}"
    model = Asked(lambda premise, claim: float(premise == both))
    events = await run(Generating(), ASKED, given(ANSWER.split(".")[0].replace("[1]", "[1][2]."), model))
    assert model.premises == [[LEAVE.text, CARRY.text, both]]
    assert states(events) == ["supported"]


async def test_a_wrong_number_and_a_sentence_without_a_source_are_not_asked_about() -> None:
    model = Asked(lambda *_: 1.0)
    events = await run(Generating(), ASKED, given(f"{WRONG} {UNSAID} {ANSWER.split('. ')[1]}", model))
    assert states(events) == ["unsupported", "unsupported", "supported"]
    assert model.claims == ["Five unused days carry over."]


@pytest.mark.parametrize(("p", "state"), [(0.9, "supported"), (0.2, "unsupported")])
async def test_what_is_worded_freely_is_settled_by_a_model(p: float, state: Support) -> None:
    assert states(await run(Generating(), ASKED, given(FREE, None))) == ["partly"]
    assert states(await run(Generating(), ASKED, given(FREE, Asked(lambda *_: p)))) == [state]


async def test_a_model_that_fails_changes_nothing() -> None:
    class Down:
        def entailment(self, premises: Sequence[str], claim: str) -> npt.NDArray[np.float64]:
            raise ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE)

    events = await run(Generating(), ASKED, given(ANSWER, Down()))
    assert states(events) == ["supported", "supported"]
    assert finished(events).state == "done"


async def test_the_words_of_an_answer_do_not_wait_for_the_judge() -> None:
    may_judge = threading.Event()

    class Slow(WordEntailment):
        def entailment(self, premises: Sequence[str], claim: str) -> npt.NDArray[np.float64]:
            assert may_judge.wait(30)
            return super().entailment(premises, claim)

    text, seen = "", list[AnswerEvent]()
    async with aclosing(Generating().run(Question(VIEWER, ASKED), given(ANSWER, Slow()))) as events:
        async for event in events:
            seen.append(event)
            text += event.text if isinstance(event, TextAdded) else ""
            if text.endswith("carry over") and not may_judge.is_set():
                assert not states(seen)
                may_judge.set()
    assert len(states(seen)) == 2
    starts = [event.range.start for event in of(seen, SentenceVerified)]
    assert starts == sorted(starts)
    assert isinstance(seen[-1], TurnFinished)


async def test_who_judges_too_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_SECONDS", 0.05)
    over = threading.Event()

    class Stuck:
        def entailment(self, premises: Sequence[str], claim: str) -> npt.NDArray[np.float64]:
            over.wait(30)
            return np.zeros(len(premises))

    try:
        events = await run(Generating(), ASKED, given(ANSWER, Stuck()))
    finally:
        over.set()
    assert states(events) == ["supported", "supported"]
    assert finished(events).state == "done"


async def test_a_whole_answer_does_not_fail_because_its_judge_is_slow() -> None:
    over = threading.Event()

    class Stuck:
        def entailment(self, premises: Sequence[str], claim: str) -> npt.NDArray[np.float64]:
            over.wait(30)
            return np.zeros(len(premises))

    short = replace(given(ANSWER, Stuck()), deadline=Deadline.after(1.5))
    try:
        events = await run(Generating(), ASKED, short)
        assert not short.deadline.has_passed
    finally:
        over.set()
    assert states(events) == ["supported", "supported"]
    assert finished(events).state == "done"


async def test_a_turn_that_is_left_leaves_no_judge_at_work() -> None:
    may_judge = threading.Event()

    def rule(premise: str, claim: str) -> float:
        assert may_judge.wait(30)
        return 1.0

    model, text = Asked(rule), ""
    slow = given(f"{ANSWER} " * 50, model, seconds_per_piece=0.001)
    async with aclosing(Generating().run(Question(VIEWER, ASKED), slow)) as events:
        async for event in events:
            text += event.text if isinstance(event, TextAdded) else ""
            if text.count("carry over") == 3:
                break
    may_judge.set()
    await asyncio.sleep(0.1)
    assert len(model.claims) == 1


async def test_a_sentence_has_its_own_citations_however_the_stream_is_cut() -> None:
    model, writer = Asked(lambda *_: 1.0), AnswerWriter({1: LEAVE, 2: CARRY}, ASKED)
    with closing(Judging(EntailmentJudge(model), {1: LEAVE, 2: CARRY}, writer)) as passing:
        told = list(passing.passing(chain(writer.add(ANSWER), writer.close())))
        told += [event async for event in passing.rest(Deadline.after(10))]
    assert model.premises == [[LEAVE.text], [CARRY.text]]
    assert states(told) == ["supported", "supported"]


class TestByTheLanguageModel:
    def given(self, reply: str, rule: Callable[[Prompt], float]) -> tuple[Environment, ScriptedLanguageModel]:
        def labels(prompt: Prompt, names: Sequence[str]) -> dict[str, float]:
            verifies = "Do passages" in prompt[-1].content
            p = rule(prompt) if verifies else 0.9
            return {"yes": p, "no": 1 - p} if "yes" in names else {"A": 0.9}

        model = ScriptedLanguageModel(reply, label_rule=labels)
        found = environment(MemoryRetriever(LIBRARY), model)
        return replace(found, model_verifies=True, own_salt="asker"), model

    def questions(self, model: ScriptedLanguageModel) -> list[str]:
        return [prompt[-1].content for prompt in model.prompts if "Do passages" in prompt[-1].content]

    async def test_it_is_shown_the_same_passages_and_asked_of_those_that_are_cited(self) -> None:
        passages, model = self.given(
            ANSWER, lambda prompt: 0.1 if "carry over" in prompt[-1].content else 0.9
        )
        events = await run(Generating(), ASKED, passages)
        assert states(events) == ["supported", "partly"]
        first, second = self.questions(model)
        assert "Do passages [1] say this" in first
        assert "Do passages [2] say this" in second
        writing = next(prompt for prompt in model.prompts if prompt[-1].content.endswith(ANSWERING))
        assert first.split("Somebody claims")[0] == writing[-1].content.removesuffix(ANSWERING)
        calls = [call for call in model.calls if "Do passages" in call.prompt[-1].content]
        assert {call.cache_salt for call in calls} == {"asker"}

    async def test_a_model_that_cannot_say_how_sure_it_is_changes_nothing(self) -> None:
        passages, model = self.given(ANSWER, lambda _: 0.0)
        able = replace(await model.capabilities(), label_probabilities=False)
        model._capabilities = able
        assert states(await run(Generating(), ASKED, passages)) == ["supported", "supported"]

    async def test_its_calls_are_counted(self) -> None:
        passages, _ = self.given(ANSWER, lambda _: 0.9)
        plain = finished(await run(Generating(), ASKED, replace(passages, model_verifies=False)))
        assert (
            finished(await run(Generating(), ASKED, passages)).usage.model_calls
            == plain.usage.model_calls + 2
        )
