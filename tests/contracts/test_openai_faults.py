"""What no bad server may do to the HTTP adapter of the language model."""

import time

import pytest

from kbchat.inference.ports import FinishReason, ModelUnavailable
from tests.contracts.language_model_contract import REPLY, read
from tests.contracts.served_models import Served
from tests.waiting import allowed

_Reason = ModelUnavailable.Reason


class TestFaults(Served):
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

    async def test_a_failed_discovery_is_tried_again(self) -> None:
        model = self.served(scenario={"busy_times": 3})
        with pytest.raises(ModelUnavailable) as caught:
            await model.capabilities()
        assert caught.value.reason is _Reason.BUSY
        assert (await model.capabilities()).label_probabilities
