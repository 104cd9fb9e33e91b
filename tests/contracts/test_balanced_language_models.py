"""The language model contract over several servers, and what becomes of a request when one of them is not well."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from kbchat.inference import circuit_breaker, model_servers
from kbchat.inference.balanced_language_model import BalancedLanguageModel
from kbchat.inference.circuit_breaker import FAILURES
from kbchat.inference.openai_language_model import OpenAILanguageModel
from kbchat.inference.ports import FinishReason, LanguageModel, ModelUnavailable, Sampling
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.contracts.language_model_contract import PROMPT, REPLY, LanguageModelContract, deadline, read
from tests.contracts.server_process import ScriptedServer

_Reason = ModelUnavailable.Reason


def failing(reason: ModelUnavailable.Reason, after: int = 0) -> ScriptedLanguageModel:
    return ScriptedLanguageModel(REPLY, failure=reason, failure_after=after)


def heal(model: ScriptedLanguageModel) -> None:
    model._failure = None
    model.calls.clear()


async def text_of(model: LanguageModel) -> str:
    return "".join(delta.text for delta in await read(model))


async def failure_of(model: LanguageModel, seconds: float = 20.0) -> ModelUnavailable.Reason:
    with pytest.raises(ModelUnavailable) as caught:
        await read(model, seconds=seconds)
    return caught.value.reason


class TestBalancedLanguageModel(LanguageModelContract):
    def make(self, *, reply: str = REPLY, tokens_per_second: float = 0, labels: Any = None) -> LanguageModel:
        self.servers = [
            ScriptedLanguageModel(
                reply,
                label_rule=(lambda *_: labels) if labels else None,
                seconds_per_piece=1 / tokens_per_second if tokens_per_second else 0.0,
            )
            for _ in range(3)
        ]
        return BalancedLanguageModel(self.servers)

    def make_unavailable(self) -> LanguageModel:
        return BalancedLanguageModel([failing(_Reason.UNREACHABLE), failing(_Reason.TIMED_OUT)])

    def seconds_until_closed(self, model: LanguageModel, since: float) -> float:
        (call,) = [call for server in self.servers for call in server.calls]
        assert call.closed
        return time.monotonic() - since


async def test_each_request_goes_where_the_fewest_run() -> None:
    servers = [ScriptedLanguageModel("word " * 100, seconds_per_piece=0.01) for _ in range(3)]
    model = BalancedLanguageModel(servers)
    streams = []
    for _ in range(30):
        streams.append(model.stream(PROMPT, Sampling(max_tokens=100), deadline=deadline()))
        await anext(streams[-1])
    assert [len(server.calls) for server in servers] == [10, 10, 10]
    for stream in streams:
        await stream.aclose()
    assert [server.running for server in model._servers.all] == [0, 0, 0]


async def test_ties_are_broken_at_random() -> None:
    servers = [ScriptedLanguageModel() for _ in range(2)]
    model = BalancedLanguageModel(servers)
    for _ in range(60):
        await text_of(model)
    assert min(len(server.calls) for server in servers) > 10


@pytest.mark.parametrize(
    "reason", [_Reason.UNREACHABLE, _Reason.TIMED_OUT, _Reason.BUSY, _Reason.BROKEN_STREAM]
)
async def test_what_has_not_begun_is_asked_of_another(reason: ModelUnavailable.Reason) -> None:
    model = BalancedLanguageModel([failing(reason), ScriptedLanguageModel(REPLY), failing(reason)])
    for _ in range(10):
        assert await text_of(model) == REPLY


async def test_what_has_begun_is_never_asked_again() -> None:
    servers = [failing(_Reason.BROKEN_STREAM, after=3) for _ in range(2)]
    assert await failure_of(BalancedLanguageModel(servers)) is _Reason.BROKEN_STREAM
    assert sum(len(server.calls) for server in servers) == 1


@pytest.mark.parametrize("reason", [_Reason.REFUSED, _Reason.UNSUPPORTED])
async def test_what_one_refuses_no_other_is_asked_for(reason: ModelUnavailable.Reason) -> None:
    servers = [failing(reason) for _ in range(3)]
    model = BalancedLanguageModel(servers)
    for _ in range(2 * FAILURES):
        assert await failure_of(model) is reason
    assert sum(len(server.calls) for server in servers) == 2 * FAILURES


async def test_busy_ones_are_asked_three_times_with_a_pause_between() -> None:
    servers = [failing(_Reason.BUSY) for _ in range(2)]
    model = BalancedLanguageModel(servers)
    started = time.monotonic()
    assert await failure_of(model) is _Reason.BUSY
    assert [len(server.calls) for server in servers] == [3, 3]
    assert time.monotonic() - started > 0.5
    assert all(server.breaker.is_closed for server in model._servers.all)


async def test_one_alone_that_is_busy_was_waited_for_by_its_adapter() -> None:
    server = failing(_Reason.BUSY)
    assert await failure_of(BalancedLanguageModel([server])) is _Reason.BUSY
    assert len(server.calls) == 1


async def test_a_pause_longer_than_the_deadline_is_not_waited_for() -> None:
    model = BalancedLanguageModel([failing(_Reason.BUSY), failing(_Reason.BUSY)])
    started = time.monotonic()
    assert await failure_of(model, seconds=0.1) is _Reason.BUSY
    assert time.monotonic() - started < 0.2


async def test_one_that_fails_again_and_again_is_left_alone() -> None:
    sick, well = failing(_Reason.UNREACHABLE), ScriptedLanguageModel(REPLY)
    model = BalancedLanguageModel([sick, well])
    for _ in range(40):
        assert await text_of(model) == REPLY
    assert len(sick.calls) == FAILURES


async def test_where_all_are_left_alone_nobody_waits() -> None:
    servers = [failing(_Reason.TIMED_OUT) for _ in range(2)]
    model = BalancedLanguageModel(servers)
    for _ in range(FAILURES):
        assert await failure_of(model) is _Reason.TIMED_OUT
    for _ in range(5):
        assert await failure_of(model) is _Reason.UNREACHABLE
    assert [len(server.calls) for server in servers] == [FAILURES, FAILURES]


async def test_a_deadline_of_the_asker_and_his_leaving_are_nobodys_failure() -> None:
    server = ScriptedLanguageModel("word " * 100, seconds_per_piece=0.02)
    model = BalancedLanguageModel([server])
    for _ in range(2 * FAILURES):
        assert await failure_of(model, seconds=0.03) is _Reason.TIMED_OUT
        async with aclosing(model.stream(PROMPT, Sampling(max_tokens=100), deadline=deadline())) as deltas:
            await anext(deltas)
    assert len(server.calls) == 4 * FAILURES
    assert model._servers.all[0].running == 0


class TestGettingWell:
    @pytest.fixture(autouse=True)
    def soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(circuit_breaker, "FIRST_PAUSE_SECONDS", 0.05)

    async def left_alone(self, *servers: ScriptedLanguageModel) -> BalancedLanguageModel:
        model = BalancedLanguageModel(servers)
        for _ in range(20):
            await asyncio.gather(read(model), return_exceptions=True)
        return model

    async def test_one_request_tries_it_and_then_all_use_it(self) -> None:
        server = failing(_Reason.UNREACHABLE)
        model = await self.left_alone(server)
        heal(server)
        await asyncio.sleep(0.1)
        texts = await asyncio.gather(*(text_of(model) for _ in range(20)))
        assert texts == [REPLY] * 20
        probes = [call for call in server.calls if call.prompt != PROMPT]
        assert [call.sampling for call in probes] == [Sampling(max_tokens=1)]

    async def test_while_it_is_sick_one_request_tries_it_after_each_pause(self) -> None:
        server = failing(_Reason.UNREACHABLE)
        model = await self.left_alone(server)
        server.calls.clear()
        await asyncio.sleep(0.1)
        reasons = await asyncio.gather(*(failure_of(model) for _ in range(20)))
        assert set(reasons) == {_Reason.UNREACHABLE}
        assert len(server.calls) == 1

    async def test_one_that_hangs_holds_up_nobody_while_another_is_well(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(model_servers, "_PROBE_SECONDS", 0.5)
        hanging, well = failing(_Reason.TIMED_OUT), ScriptedLanguageModel(REPLY)
        model = await self.left_alone(hanging, well)
        hanging._failure, hanging._seconds_per_piece = None, 60.0
        await asyncio.sleep(0.1)
        async with asyncio.timeout(0.4):
            for _ in range(20):
                assert await text_of(model) == REPLY
        await asyncio.gather(*model._servers.probes())
        assert not model._servers.all[0].breaker.is_closed
        await model.close()

    async def test_a_probe_that_is_cancelled_can_be_made_again(self) -> None:
        server = failing(_Reason.UNREACHABLE)
        model = await self.left_alone(server)
        server._failure, server._seconds_per_piece = None, 60.0
        await asyncio.sleep(0.1)
        reading = asyncio.create_task(read(model))
        await asyncio.sleep(0.05)
        await model.close()
        with pytest.raises(ModelUnavailable):
            await reading
        server._seconds_per_piece = 0.0
        await asyncio.sleep(0.2)
        assert await text_of(model) == REPLY


class TestOverHttp:
    @pytest.fixture(autouse=True)
    async def model(self, server: ScriptedServer) -> AsyncIterator[BalancedLanguageModel]:
        self.server = server
        parts = [
            OpenAILanguageModel(address, model="scripted-model", attempts=1)
            for address in ("http://127.0.0.1:9/v1", server.base_url)
        ]
        model = BalancedLanguageModel(parts)
        yield model
        await model.close()
        for part in parts:
            await part.close()

    async def test_a_dead_address_costs_nobody_his_answer(self, model: BalancedLanguageModel) -> None:
        self.server.script(default={"reply": REPLY})
        assert (await model.capabilities()).label_probabilities
        for _ in range(10):
            deltas = await read(model)
            assert "".join(delta.text for delta in deltas) == REPLY
            assert deltas[-1].finish_reason is FinishReason.STOP

    async def test_an_engine_that_died_is_not_well(self, model: BalancedLanguageModel) -> None:
        self.server.script(default={"reply": REPLY, "busy_times": 99, "busy_status": 500})
        for _ in range(FAILURES):
            assert await failure_of(model) in {_Reason.BROKEN_ANSWER, _Reason.UNREACHABLE}
        self.server.script()
        assert await failure_of(model) is _Reason.UNREACHABLE
        assert self.server.requests() == []
