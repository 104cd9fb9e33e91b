"""What a reasoning model thinks: told as a fact, limited, and never text."""

from typing import Any

import pytest

from kbchat.inference.ports import Delta, FinishReason, ModelUnavailable, Sampling
from tests.contracts.language_model_contract import read
from tests.contracts.served_models import Served

_Reason = ModelUnavailable.Reason


class TestThinking(Served):
    async def test_thoughts_never_become_text(self) -> None:
        reply = "<think>The secret plan</think>\n\nFifteen days."
        deltas = await read(self.served(scenario={"reply": reply, "reasoning": "More secret plans"}))
        assert "".join(delta.text for delta in deltas) == "Fifteen days."

    @pytest.mark.parametrize("opening", ["<think>\n", "<|a|><think>"])
    async def test_a_thought_that_the_template_opens_is_none_of_the_text(self, opening: str) -> None:
        self.server.script(opening=opening, default={"reply": "The secret plan.\n</think>\n\nFifteen days."})
        deltas = await read(self.at(self.server.base_url))
        assert deltas[0] == Delta(is_thinking=True)
        assert "".join(delta.text for delta in deltas) == "Fifteen days."

    async def test_where_the_server_separates_it_the_text_is_the_answer(self) -> None:
        self.server.script(opening="<think>\n", default={"reply": "Fifteen days.", "reasoning": "A plan."})
        deltas = await read(self.at(self.server.base_url))
        assert "".join(delta.text for delta in deltas) == "Fifteen days."

    async def test_a_server_without_a_template_to_ask_for_opens_none(self) -> None:
        self.server.script(templates=False, opening="<think>\n", default={"reply": "Fifteen days."})
        deltas = await read(self.at(self.server.base_url))
        assert "".join(delta.text for delta in deltas) == "Fifteen days."

    async def test_a_thought_that_the_template_opens_has_its_limit_too(self) -> None:
        self.server.script(opening="<think>\n", default={"reply": "round " * 400})
        with pytest.raises(ModelUnavailable) as caught:
            await read(self.at(self.server.base_url), Sampling(max_tokens=2000, thinking_tokens=50))
        assert caught.value.reason is _Reason.THOUGHT_TOO_LONG

    @pytest.mark.parametrize(
        "scenario",
        [{"reply": "<think>A secret plan.</think>Yes."}, {"reply": "Yes.", "reasoning": "A secret plan."}],
    )
    async def test_thinking_is_told_once_and_without_a_word(self, scenario: dict[str, Any]) -> None:
        deltas = await read(self.served(scenario=scenario))
        assert [delta.is_thinking for delta in deltas].count(True) == 1
        assert deltas[0] == Delta(is_thinking=True)
        assert "".join(delta.text for delta in deltas) == "Yes."

    async def test_nobody_thinks_where_no_thought_comes(self) -> None:
        assert not any(delta.is_thinking for delta in await read(self.served()))

    @pytest.mark.parametrize("field", ["reply", "reasoning"])
    async def test_a_thought_has_a_limit_and_frees_the_server(self, field: str) -> None:
        thought = "<think>" * (field == "reply") + "round and round " * 400
        model = self.served(scenario={field: thought, "tokens_per_second": 200})
        with pytest.raises(ModelUnavailable) as caught:
            await read(model, Sampling(max_tokens=2000, thinking_tokens=50))
        assert caught.value.reason is _Reason.THOUGHT_TOO_LONG
        assert self.server.requests()[-1]["body"]["max_tokens"] == 2050
        if field == "reply":
            self.server.wait_for(lambda request: request["closed_by_client_after_seconds"] is not None)

    async def test_a_thought_within_its_limit_is_followed_by_the_answer(self) -> None:
        scenario = {"reply": "<think>" + "round " * 30 + "</think>Yes. " + "And so on. " * 50}
        deltas = await read(self.served(scenario=scenario), Sampling(max_tokens=400, thinking_tokens=50))
        assert deltas[-1].finish_reason is FinishReason.STOP

    async def test_thinking_aloud_is_a_sign_of_life(self) -> None:
        scenario = {"reply": "ok", "reasoning": "hm " * 3, "tokens_per_second": 2}
        model = self.served(scenario=scenario, first_token_seconds=0.3, between_tokens_seconds=2)
        assert (await read(model))[-1].finish_reason is FinishReason.STOP
