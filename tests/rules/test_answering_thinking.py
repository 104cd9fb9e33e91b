"""A model that thinks before it answers: a step says so, and its room is taken from the passages'."""

from collections.abc import AsyncGenerator

import pytest

from kbchat.answering.events import ThinkingStarted
from kbchat.answering.ports import Budget
from kbchat.answering.strategies import Generating
from kbchat.core.deadline import Deadline
from kbchat.inference.ports import Capabilities, Delta, ModelUnavailable, Prompt, Sampling
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.rules.answering_support import MemoryRetriever, environment, passage, run
from tests.rules.answering_turns import ANSWER, ASKED, LIBRARY, check, finished, kinds, of, sure


class Thinking(ScriptedLanguageModel):
    async def stream(
        self, prompt: Prompt, sampling: Sampling, *, deadline: Deadline
    ) -> AsyncGenerator[Delta, None]:
        yield Delta(is_thinking=True)
        async for delta in super().stream(prompt, sampling, deadline=deadline):
            yield delta


async def test_a_step_says_that_it_thinks() -> None:
    model = Thinking(ANSWER, label_rule=sure())
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model))
    assert check(events)
    assert len(of(events, ThinkingStarted)) == 1
    told = kinds(events)
    assert told.index("writing_started") < told.index("thinking_started") < told.index("text_added")
    assert finished(events).state == "done"


async def test_its_budget_is_sent_and_kept_free_in_the_window() -> None:
    library = [passage("Leave of 30 days. " * 40, title=f"Leave {n}", number=n) for n in range(1, 9)]
    shown = []
    for thinking in (0, 900):
        model = ScriptedLanguageModel(
            ANSWER, label_rule=sure(), capabilities=Capabilities(model="small", context_tokens=3000)
        )
        budget = Budget(thinking_tokens=thinking, answer_tokens=300)
        await run(Generating(), ASKED, environment(MemoryRetriever(library), model, budget=budget))
        call = model.calls[-1]
        assert call.sampling is not None
        assert (call.sampling.max_tokens, call.sampling.thinking_tokens) == (300, thinking)
        shown.append(call.prompt[-1].content.count("passage ["))
    assert 0 < shown[1] < shown[0]


@pytest.mark.parametrize("pieces", [0, 3])
async def test_a_thought_that_is_too_long_ends_the_turn_plainly(pieces: int) -> None:
    model = Thinking(
        ANSWER,
        label_rule=sure(),
        failure=ModelUnavailable.Reason.THOUGHT_TOO_LONG,
        failure_after=pieces,
        capabilities=Capabilities(model="m", context_tokens=8192),
    )
    events = await run(Generating(), ASKED, environment(MemoryRetriever(LIBRARY), model))
    assert (finished(events).state, finished(events).reason) == ("failed", "model_thought_too_long")
