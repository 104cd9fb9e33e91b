"""The language model contract for the fake and for the HTTP adapter, and what the two scripts can do."""

import time
from typing import Any

import pytest

from kbchat.inference.ports import LanguageModel, ModelUnavailable, Sampling
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.contracts.language_model_contract import PROMPT, REPLY, LanguageModelContract, read
from tests.contracts.served_models import Served

_Reason = ModelUnavailable.Reason


class TestScriptedLanguageModel(LanguageModelContract):
    def make(self, *, reply: str = REPLY, tokens_per_second: float = 0, labels: Any = None) -> LanguageModel:
        return ScriptedLanguageModel(
            reply,
            label_rule=(lambda *_: labels) if labels else None,
            seconds_per_piece=1 / tokens_per_second if tokens_per_second else 0.0,
        )

    def make_unavailable(self) -> LanguageModel:
        return ScriptedLanguageModel(failure=_Reason.UNREACHABLE)

    def seconds_until_closed(self, model: LanguageModel, since: float) -> float:
        assert isinstance(model, ScriptedLanguageModel)
        assert model.calls[-1].closed
        return time.monotonic() - since

    async def test_replies_follow_one_another_and_the_last_repeats(self) -> None:
        model = ScriptedLanguageModel(["one", "two"])
        texts = ["".join(delta.text for delta in await read(model)) for _ in range(3)]
        assert texts == ["one", "two", "two"]

    async def test_a_rule_sees_the_prompt_and_prompts_are_kept(self) -> None:
        model = ScriptedLanguageModel(lambda prompt: prompt[-1].content[:3])
        assert "".join(delta.text for delta in await read(model)) == "[1]"
        assert model.prompts == [PROMPT]
        assert model.calls[0].finished

    async def test_a_stop_text_ends_the_reply(self) -> None:
        deltas = await read(ScriptedLanguageModel("one\n\ntwo"), Sampling(max_tokens=9, stop=("\n\n",)))
        assert "".join(delta.text for delta in deltas) == "one"

    async def test_a_stream_breaks_where_it_was_told_to(self) -> None:
        model = ScriptedLanguageModel(REPLY, failure=_Reason.BROKEN_STREAM, failure_after=2)
        with pytest.raises(ModelUnavailable):
            await read(model)
        assert model.calls[0].text == "Annual leave"
        assert not model.calls[0].closed


class TestOpenAILanguageModel(Served, LanguageModelContract):
    def make(self, *, reply: str = REPLY, tokens_per_second: float = 0, labels: Any = None) -> LanguageModel:
        scenario = {"reply": reply, "tokens_per_second": tokens_per_second, "labels": labels or {}}
        return self.served(scenario=scenario)

    def make_unavailable(self) -> LanguageModel:
        return self.at("http://127.0.0.1:9/v1", model="m")

    def seconds_until_closed(self, model: LanguageModel, since: float) -> float:
        seen = self.server.wait_for(lambda request: request["closed_by_client_after_seconds"] is not None)
        assert seen["events"] < 400
        closed: float = seen["arrived"] + seen["closed_by_client_after_seconds"]
        return closed - since


class TestScriptedServer(Served):
    async def test_it_cites_the_first_passage(self) -> None:
        deltas = await read(self.served(scenario={"reply": "cite_first"}))
        assert "".join(delta.text for delta in deltas) == "Annual leave is fifteen days [1]."

    async def test_rules_choose_by_the_prompt(self) -> None:
        model = self.served(scenario={"reply": "by default"})
        rule = {"when": "fifteen", "scenario": {"reply": "by rule"}}
        self.server.script(default={"reply": "by default"}, rules=[rule])
        assert "".join(delta.text for delta in await read(model)) == "by rule"
