"""What every LanguageModel promises. A test class inherits this and says how models are made and watched."""

import asyncio
import time
from abc import abstractmethod
from contextlib import aclosing
from typing import Any

import pytest

from kbchat.core.deadline import Deadline
from kbchat.inference.ports import (
    ChatMessage,
    Delta,
    FinishReason,
    LanguageModel,
    ModelUnavailable,
    Prompt,
    Sampling,
)
from tests.waiting import allowed

REPLY = "Annual leave is fifteen days [1]. 年假为十五天 [2]。👩‍👩‍👧 done"
PROMPT: Prompt = (
    ChatMessage("system", "Answer from the passages."),
    ChatMessage("user", "[1] Annual leave is fifteen days.\n\nHow many days of annual leave?"),
)


def deadline(seconds: float = 20.0) -> Deadline:
    return Deadline.after(seconds)


async def read(model: LanguageModel, sampling: Sampling | None = None, seconds: float = 20.0) -> list[Delta]:
    async with aclosing(
        model.stream(PROMPT, sampling or Sampling(max_tokens=200), deadline=deadline(seconds))
    ) as deltas:
        return [delta async for delta in deltas]


class LanguageModelContract:
    @abstractmethod
    def make(self, *, reply: str = REPLY, tokens_per_second: float = 0, labels: Any = None) -> LanguageModel:
        """A model that says `reply`."""

    @abstractmethod
    def make_unavailable(self) -> LanguageModel:
        """A model of which every call fails."""

    @abstractmethod
    def seconds_until_closed(self, model: LanguageModel, since: float) -> float:
        """From `since` (monotonic) until the other side saw that nobody listens. Raises AssertionError."""

    async def test_a_stream_is_the_reply_and_ends_with_its_reason(self) -> None:
        deltas = await read(self.make())
        assert "".join(delta.text for delta in deltas) == REPLY
        assert len(deltas) > 5
        assert [delta.finish_reason for delta in deltas[:-1]] == [None] * (len(deltas) - 1)
        assert deltas[-1].finish_reason is FinishReason.STOP
        usage = deltas[-1].usage
        assert usage is not None
        assert usage.prompt_tokens > 0 < usage.completion_tokens

    async def test_the_token_limit_is_told(self) -> None:
        deltas = await read(self.make(), Sampling(max_tokens=3))
        assert deltas[-1].finish_reason is FinishReason.LENGTH
        text = "".join(delta.text for delta in deltas)
        assert REPLY.startswith(text)
        assert 0 < len(text) < len(REPLY)

    @pytest.mark.timed
    async def test_closing_the_generator_is_seen_within_a_second(self) -> None:
        model = self.make(reply="word " * 500, tokens_per_second=50)
        deltas = model.stream(PROMPT, Sampling(max_tokens=1000), deadline=deadline())
        await anext(deltas)
        closed = time.monotonic()
        await deltas.aclose()
        assert await asyncio.to_thread(self.seconds_until_closed, model, closed) < allowed(1.0)
        with pytest.raises(StopAsyncIteration):
            await anext(deltas)

    @pytest.mark.timed
    async def test_cancelling_the_reader_is_seen_within_a_second(self) -> None:
        model = self.make(reply="word " * 500, tokens_per_second=50)
        reading = asyncio.create_task(read(model, Sampling(max_tokens=1000)))
        await asyncio.sleep(0.5)
        cancelled = time.monotonic()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert await asyncio.to_thread(self.seconds_until_closed, model, cancelled) < allowed(1.0)

    @pytest.mark.timed
    async def test_a_deadline_ends_a_stream(self) -> None:
        model = self.make(reply="word " * 500, tokens_per_second=50)
        started = time.monotonic()
        with pytest.raises(ModelUnavailable) as caught:
            await read(model, Sampling(max_tokens=1000), seconds=0.7)
        assert caught.value.reason is ModelUnavailable.Reason.TIMED_OUT
        assert time.monotonic() - started < 0.7 + allowed(1.0)

    async def test_labels_are_renormalised_and_their_mass_is_told(self) -> None:
        found = await self.make(labels={"yes": 0.6, "no": 0.2}).label_probabilities(PROMPT, ["yes", "no"])
        assert found.p == pytest.approx({"yes": 0.75, "no": 0.25})
        assert found.mass == pytest.approx(0.8)

    async def test_labels_that_the_model_did_not_mean_have_little_mass(self) -> None:
        found = await self.make(labels={"yes": 0.01}).label_probabilities(PROMPT, ["yes", "no"])
        assert found.mass < 0.5
        assert sum(found.p.values()) == pytest.approx(1.0)
        assert set(found.p) == {"yes", "no"}

    async def test_capabilities_are_told(self) -> None:
        able = await self.make().capabilities()
        assert able.model
        assert able.context_tokens > 0
        assert able.label_probabilities
        assert able.prompt_log_probabilities
        assert able.top_log_probabilities == 20

    async def test_every_call_may_be_unavailable(self) -> None:
        model = self.make_unavailable()
        for call in (
            model.capabilities(),
            read(model),
            model.label_probabilities(PROMPT, ["yes", "no"]),
            model.count_tokens(["yes"]),
        ):
            with pytest.raises(ModelUnavailable):
                await call
