"""What the HTTP adapter asks a server for, what it finds that the server can do, and what it keeps to itself."""

import pytest

from kbchat.inference.ports import ChatMessage, FinishReason, ModelUnavailable, Prompt, Sampling
from tests.contracts.language_model_contract import PROMPT, REPLY, deadline, read
from tests.contracts.served_models import Served

_Reason = ModelUnavailable.Reason


class TestRequests(Served):
    async def test_every_request_is_limited_and_asks_for_usage(self) -> None:
        sampling = Sampling(max_tokens=7, temperature=0.3, seed=5, stop=("END",))
        await read(self.served(extra_body={"chat_template_kwargs": {"enable_thinking": False}}), sampling)
        body = self.server.requests()[-1]["body"]
        assert body["max_tokens"] == 7
        assert (body["temperature"], body["seed"], body["stop"]) == (0.3, 5, ["END"])
        assert body["stream_options"] == {"include_usage": True}
        assert body["chat_template_kwargs"] == {"enable_thinking": False}

    async def test_a_vllm_keeps_prompts_apart_by_the_salt(self) -> None:
        model = self.served()
        await model.capabilities()
        await read(model, Sampling(max_tokens=5, cache_salt="readers"))
        assert self.server.requests()[-1]["body"]["cache_salt"] == "readers"
        await model.label_probabilities(PROMPT, ["yes", "no"], cache_salt="readers")
        assert self.server.requests()[-1]["body"]["cache_salt"] == "readers"

    async def test_without_a_salt_nothing_is_shared(self) -> None:
        model = self.served()
        await model.capabilities()
        before = len(self.server.requests())
        for _ in range(2):
            await read(model)
            await model.label_probabilities(PROMPT, ["yes", "no"])
        asked = [one for one in self.server.requests()[before:] if "completions" in one["path"]]
        salts = [one["body"].get("cache_salt") for one in asked]
        assert len(salts) == 4
        assert all(salts)
        assert len({*salts}) == 4

    async def test_a_salt_waits_until_it_is_known_whose_server_it_is(self) -> None:
        await read(self.served(), Sampling(max_tokens=5, cache_salt="readers"))
        assert self.server.requests()[-1]["body"]["cache_salt"] == "readers"

    async def test_others_are_sent_no_field_that_they_do_not_know(self) -> None:
        model = self.served()
        self.server.script(owner="somebody", default={"reply": REPLY})
        await read(model, Sampling(max_tokens=5, cache_salt="readers"))
        await model.label_probabilities(PROMPT, ["yes", "no"], cache_salt="readers")
        assert not any("cache_salt" in one["body"] for one in self.server.requests())
        assert not (await model.capabilities()).cache_salts

    async def test_a_lone_surrogate_in_a_prompt_does_not_raise(self) -> None:
        prompt: Prompt = (ChatMessage("user", "odd \ud800"),)
        model = self.served()
        async for _ in model.stream(prompt, Sampling(max_tokens=5), deadline=deadline()):
            pass
        assert self.server.requests()[-1]["prompt"] == "odd ?"

    async def test_proxies_of_the_environment_are_ignored(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
        assert (await read(self.served()))[-1].finish_reason is FinishReason.STOP

    async def test_labels_count_in_any_case_and_with_blanks(self) -> None:
        model = self.served(scenario={"labels": {"Yes": 0.3, " yes": 0.2, "no": 0.1}})
        found = await model.label_probabilities(PROMPT, ["yes", "no"])
        assert found.p["yes"] == pytest.approx(5 / 6)

    async def test_labels_are_asked_for_without_constraint(self) -> None:
        await self.served(scenario={"labels": {"yes": 0.9}}).label_probabilities(PROMPT, ["yes", "no"])
        body = self.server.requests("/v1/chat/completions")[-1]["body"]
        assert body["top_logprobs"] == 20
        assert body["max_tokens"] == 1
        assert not {"structured_outputs", "guided_choice", "response_format", "logit_bias"} & body.keys()

    async def test_a_label_of_several_tokens_is_unsupported(self) -> None:
        with pytest.raises(ModelUnavailable) as caught:
            await self.served().label_probabilities(PROMPT, ["yes", "not at all"])
        assert caught.value.reason is _Reason.UNSUPPORTED

    async def test_capabilities_are_found_and_asked_for_once(self) -> None:
        model = self.served(model="")
        able = await model.capabilities()
        assert (able.model, able.context_tokens) == ("scripted-model", 8192)
        assert able.structured_outputs
        assert able.prompt_log_probabilities
        requests = len(self.server.requests())
        assert await model.capabilities() == able
        assert len(self.server.requests()) == requests < 8

    async def test_what_a_server_lacks_is_found_too(self) -> None:
        model = self.served()
        self.server.script(tokenizes=False, log_probabilities=False, context_tokens=2048)
        able = await model.capabilities()
        assert (able.label_probabilities, able.top_log_probabilities) == (False, 0)
        assert not able.prompt_log_probabilities
        assert able.context_tokens == 2048
        with pytest.raises(ModelUnavailable) as caught:
            await model.label_probabilities(PROMPT, ["yes", "no"])
        assert caught.value.reason is _Reason.UNSUPPORTED

    async def test_tokens_are_counted_by_the_servers_own_tokenizer(self) -> None:
        model = self.served()
        assert (await model.capabilities()).counts_tokens
        one, other, none = await model.count_tokens(["Leave is 15 days.", "Leave", ""])
        assert one > other > none == 0

    async def test_where_there_is_no_tokenizer_none_is_counted(self) -> None:
        model = self.served()
        self.server.script(tokenizes=False)
        assert not (await model.capabilities()).counts_tokens
        with pytest.raises(ModelUnavailable) as caught:
            await model.count_tokens(["Leave"])
        assert caught.value.reason is _Reason.UNSUPPORTED
