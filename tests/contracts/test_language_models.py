"""The language model contract for the fake and for the HTTP adapter, and what no bad server may do to us."""

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from kbchat.inference.openai_language_model import OpenAILanguageModel
from kbchat.inference.ports import (
    ChatMessage,
    Delta,
    FinishReason,
    LanguageModel,
    ModelUnavailable,
    Prompt,
    Sampling,
)
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.contracts.language_model_contract import PROMPT, REPLY, LanguageModelContract, deadline, read
from tests.contracts.server_process import ScriptedServer
from tests.waiting import allowed

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


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


class TestOpenAILanguageModel(LanguageModelContract):
    @pytest.fixture(autouse=True)
    async def prepared(self, server: ScriptedServer) -> AsyncIterator[None]:
        self.server = server
        self.models: list[OpenAILanguageModel] = []
        yield
        for model in self.models:
            await model.close()

    def served(self, *, scenario: dict[str, Any] | None = None, **settings: Any) -> OpenAILanguageModel:
        self.server.script(default={"reply": REPLY, **(scenario or {})})
        return self.at(self.server.base_url, **{"model": "scripted-model", **settings})

    def at(self, base_url: str, **settings: Any) -> OpenAILanguageModel:
        self.models.append(OpenAILanguageModel(base_url, **settings))
        return self.models[-1]

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

    @pytest.mark.parametrize("mode", ["split_utf8", "no_done", "normal"])
    async def test_a_whole_reply_in_odd_packets(self, mode: str) -> None:
        deltas = await read(self.served(scenario={"mode": mode}))
        assert "".join(delta.text for delta in deltas) == REPLY
        assert deltas[-1].finish_reason is FinishReason.STOP

    async def test_a_server_that_never_hangs_up_does_not_hold_the_end(self) -> None:
        started = time.monotonic()
        deltas = await read(self.served(scenario={"mode": "no_usage"}))
        assert deltas[-1].finish_reason is FinishReason.STOP
        assert time.monotonic() - started < 4.0

    @pytest.mark.parametrize("after", [0, 2])
    @pytest.mark.parametrize("mode", ["drop", "malformed", "wrong_shape", "error_in_stream"])
    async def test_a_stream_that_breaks_says_so(self, mode: str, after: int) -> None:
        with pytest.raises(ModelUnavailable) as caught:
            await read(self.served(scenario={"mode": mode, "after": after}))
        assert caught.value.reason is _Reason.BROKEN_STREAM

    @pytest.mark.parametrize("mode", ["no_finish", "error_json"])
    async def test_an_end_without_a_reason_is_a_broken_stream(self, mode: str) -> None:
        with pytest.raises(ModelUnavailable) as caught:
            await read(self.served(scenario={"mode": mode}))
        assert caught.value.reason is _Reason.BROKEN_STREAM

    async def test_an_aborted_completion_is_a_broken_stream(self) -> None:
        with pytest.raises(ModelUnavailable) as caught:
            await read(self.served(scenario={"finish_reason": "abort"}))
        assert caught.value.reason is _Reason.BROKEN_STREAM

    @pytest.mark.timed
    @pytest.mark.parametrize("mode", ["hang", "hang_before_headers", "stall"])
    async def test_silence_has_a_limit_and_frees_the_server(self, mode: str) -> None:
        model = self.served(scenario={"mode": mode}, first_token_seconds=0.5, between_tokens_seconds=0.5)
        started = time.monotonic()
        with pytest.raises(ModelUnavailable) as caught:
            await read(model)
        assert caught.value.reason is _Reason.TIMED_OUT
        assert 0.4 < time.monotonic() - started < 0.5 + allowed(1.0)
        self.server.wait_for(lambda request: request["closed_by_client_after_seconds"] is not None)

    async def test_a_slow_stream_is_no_silence(self) -> None:
        scenario = {"reply": "one two three four five", "tokens_per_second": 4}
        model = self.served(scenario=scenario, first_token_seconds=0.8, between_tokens_seconds=0.8)
        assert (await read(model))[-1].finish_reason is FinishReason.STOP

    async def test_a_busy_server_is_asked_again(self) -> None:
        deltas = await read(self.served(scenario={"busy_times": 2}))
        assert deltas[-1].finish_reason is FinishReason.STOP
        assert [request["status"] for request in self.server.requests()] == [503, 503, 200]

    async def test_a_server_that_stays_busy_is_not_asked_for_ever(self) -> None:
        with pytest.raises(ModelUnavailable) as caught:
            await read(self.served(scenario={"busy_times": 99, "busy_status": 429}))
        assert caught.value.reason is _Reason.BUSY
        assert len(self.server.requests()) == 3

    async def test_a_pause_longer_than_the_deadline_is_not_waited_for(self) -> None:
        model = self.served(scenario={"busy_times": 99, "retry_after": "4"})
        started = time.monotonic()
        with pytest.raises(ModelUnavailable):
            # The pause is told as 4 s, and shortened by at most a fifth.
            await read(model, seconds=3.0)
        assert time.monotonic() - started < 2.0

    async def test_a_refusal_is_not_repeated_and_its_words_stay_inside(self) -> None:
        model = self.served(scenario={"mode": "refuse"})
        with pytest.raises(ModelUnavailable) as caught:
            await read(model)
        assert caught.value.reason is _Reason.REFUSED
        assert len(self.server.requests()) == 1
        assert "passages" not in repr(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__

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
            await model.next_distribution([PROMPT], 5)
            await model.score([PROMPT], ["yes"])
        asked = [one for one in self.server.requests()[before:] if "completions" in one["path"]]
        salts = [one["body"].get("cache_salt") for one in asked]
        assert len(salts) == 8
        assert all(salts)
        assert len({*salts}) == 8

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

    async def test_thoughts_never_become_text(self) -> None:
        reply = "<think>The secret plan</think>\n\nFifteen days."
        deltas = await read(self.served(scenario={"reply": reply, "reasoning": "More secret plans"}))
        assert "".join(delta.text for delta in deltas) == "Fifteen days."

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
        model = self.make(labels={"Yes": 0.3, " yes": 0.2, "no": 0.1})
        found = await model.label_probabilities(PROMPT, ["yes", "no"])
        assert found.p["yes"] == pytest.approx(5 / 6)

    async def test_labels_are_asked_for_without_constraint(self) -> None:
        await self.make(labels={"yes": 0.9}).label_probabilities(PROMPT, ["yes", "no"])
        body = self.server.requests("/v1/chat/completions")[-1]["body"]
        assert body["top_logprobs"] == 20
        assert body["max_tokens"] == 1
        assert not {"structured_outputs", "guided_choice", "response_format", "logit_bias"} & body.keys()

    async def test_a_label_of_several_tokens_is_unsupported(self) -> None:
        with pytest.raises(ModelUnavailable) as caught:
            await self.make().label_probabilities(PROMPT, ["yes", "not at all"])
        assert caught.value.reason is _Reason.UNSUPPORTED

    async def test_capabilities_are_found_and_asked_for_once(self) -> None:
        model = self.served(model="")
        able = await model.capabilities()
        assert (able.model, able.context_tokens) == ("scripted-model", 8192)
        assert able.structured_outputs
        assert able.token_prompts
        requests = len(self.server.requests())
        assert await model.capabilities() == able
        assert len(self.server.requests()) == requests < 8

    async def test_what_a_server_lacks_is_found_too(self) -> None:
        model = self.served()
        self.server.script(tokenizes=False, log_probabilities=False, context_tokens=2048)
        able = await model.capabilities()
        assert (able.label_probabilities, able.top_log_probabilities) == (False, 0)
        assert (able.prompt_log_probabilities, able.token_prompts) == (False, False)
        assert able.context_tokens == 2048
        for call in (
            model.label_probabilities(PROMPT, ["yes", "no"]),
            model.next_distribution([PROMPT], 5),
            model.score([PROMPT], ["yes"]),
        ):
            with pytest.raises(ModelUnavailable) as caught:
                await call
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

    async def test_a_failed_discovery_is_tried_again(self) -> None:
        model = self.served(scenario={"busy_times": 3})
        with pytest.raises(ModelUnavailable) as caught:
            await model.capabilities()
        assert caught.value.reason is _Reason.BUSY
        assert (await model.capabilities()).label_probabilities

    async def test_a_score_is_of_the_continuation_after_the_models_own_template(self) -> None:
        model = self.served()
        (scores,) = await model.score([PROMPT], ["Annual leave"])
        assert len(scores) == 2
        body = self.server.requests("/v1/completions")[-1]["body"]
        assert (body["echo"], body["max_tokens"]) == (True, 0)
        templated = self.server.requests("/tokenize")[-2]["body"]
        assert templated["add_generation_prompt"] is True
        assert [message["role"] for message in templated["messages"]] == ["system", "user"]


async def test_the_server_cites_the_first_passage(server: ScriptedServer) -> None:
    server.script(default={"reply": "cite_first"})
    model = OpenAILanguageModel(server.base_url)
    assert "".join(delta.text for delta in await read(model)) == "Annual leave is fifteen days [1]."
    await model.close()


async def test_rules_choose_by_the_prompt(server: ScriptedServer) -> None:
    rule = {"when": "fifteen", "scenario": {"reply": "by rule"}}
    server.script(default={"reply": "by default"}, rules=[rule])
    model = OpenAILanguageModel(server.base_url)
    assert "".join(delta.text for delta in await read(model)) == "by rule"
    await model.close()
