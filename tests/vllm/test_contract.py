"""The language model contract against a real vLLM, and its numbers beside those of another program.

What the model "says" is a structured output: everything else of the stream is as it is with any model.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kbchat.inference.openai_language_model import OpenAILanguageModel
from kbchat.inference.ports import ChatMessage, LanguageModel, ModelUnavailable, Prompt, Sampling
from tests.contracts.language_model_contract import PROMPT, REPLY, LanguageModelContract, deadline, read
from tests.vllm.server import VllmServer, by_vllms_python
from tests.waiting import allowed

pytestmark = [pytest.mark.slow, pytest.mark.timed]

SAYING_YES: Prompt = (ChatMessage("user", "no no no yes yes yes yes yes days"),)


class TestVllm(LanguageModelContract):
    @pytest.fixture(autouse=True)
    async def prepared(self, vllm: VllmServer, tiny_model: Path) -> AsyncIterator[None]:
        self.server, self.model_folder = vllm, tiny_model
        self.models: list[OpenAILanguageModel] = []
        yield
        for model in self.models:
            await model.close()
        vllm.wait_until_idle()

    def at(self, base_url: str, **settings: Any) -> OpenAILanguageModel:
        self.models.append(OpenAILanguageModel(base_url, **settings))
        return self.models[-1]

    def make(self, *, reply: str = REPLY, tokens_per_second: float = 0, labels: Any = None) -> LanguageModel:
        return self.at(self.server.base_url, extra_body={"structured_outputs": {"choice": [reply]}})

    def make_unavailable(self) -> LanguageModel:
        return self.at("http://127.0.0.1:9/v1", model="m")

    def seconds_until_closed(self, model: LanguageModel, since: float) -> float:
        self.server.wait_until_idle()
        seconds = time.monotonic() - since
        assert self.server.writes_nothing_more()
        self.server.closings.append(seconds)
        return seconds

    async def test_labels_are_renormalised_and_their_mass_is_told(self) -> None:
        """No real model gives the numbers of a script: these are compared with transformers'."""
        able = self.at(self.server.base_url)
        found = await able.label_probabilities(SAYING_YES, ["no", "yes"])
        following = self.by_transformers(SAYING_YES)
        p = {
            label: sum(math.exp(value) for token, value in following if token.strip() == label)
            for label in found.p
        }
        mass = sum(p.values())
        # Their kernels round differently.
        assert found.mass == pytest.approx(mass, rel=0.005)
        assert found.p == pytest.approx({label: each / mass for label, each in p.items()}, rel=0.005)
        assert found.p["yes"] > found.p["no"] > 0

    async def test_what_this_server_can_do_is_found(self) -> None:
        able = await self.at(self.server.base_url).capabilities()
        assert (able.model, able.context_tokens) == ("tiny", 8192)
        assert able.structured_outputs
        assert able.prompt_log_probabilities

    async def test_an_abort_is_seen_in_the_number_of_running_requests(self) -> None:
        model = self.at(self.server.base_url, extra_body={"ignore_eos": True})
        streams = [model.stream(PROMPT, Sampling(max_tokens=7000), deadline=deadline(60)) for _ in range(3)]
        for stream in streams:
            await anext(stream)
        assert self.server.running == 3
        await streams[0].aclose()
        await self.until_running(2)
        for stream in streams[1:]:
            await stream.aclose()
        await self.until_running(0)
        assert self.server.writes_nothing_more()

    async def test_a_prompt_beyond_the_window_is_refused_and_its_words_stay_inside(self) -> None:
        prompt: Prompt = (ChatMessage("user", "annual leave " * 9000),)
        with pytest.raises(ModelUnavailable) as caught:
            async for _ in self.at(self.server.base_url).stream(
                prompt, Sampling(max_tokens=5), deadline=deadline()
            ):
                pass
        assert caught.value.reason is ModelUnavailable.Reason.REFUSED
        assert "annual" not in repr(caught.value)

    async def test_a_frozen_server_is_given_up_before_and_between_tokens(self) -> None:
        model = self.at(
            self.server.base_url,
            model="tiny",
            first_token_seconds=1,
            between_tokens_seconds=1,
            extra_body={"ignore_eos": True},
        )
        stream = model.stream(PROMPT, Sampling(max_tokens=7000), deadline=deadline(60))
        await anext(stream)
        self.server.freeze()
        try:
            for reading in (self.rest_of(stream), read(model)):
                with pytest.raises(ModelUnavailable) as caught:
                    await reading
                assert caught.value.reason is ModelUnavailable.Reason.TIMED_OUT
        finally:
            self.server.go_on()
        await self.until_running(0)

    async def rest_of(self, stream: AsyncIterator[Any]) -> None:
        async for _ in stream:
            pass

    async def until_running(self, count: int) -> None:
        end = time.monotonic() + allowed(1.0)
        while (running := await asyncio.to_thread(lambda: self.server.running)) != count:
            assert time.monotonic() < end, f"{running} running and not {count}"

    def by_transformers(self, prompt: Prompt) -> list[Any]:
        """The likeliest next tokens with their log-probabilities."""
        messages = [{"role": message.role, "content": message.content} for message in prompt]
        following: list[Any] = by_vllms_python("transformers_numbers.py", self.model_folder, given=messages)
        return following
