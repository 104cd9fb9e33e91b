"""The servers of one model, from which each request takes one: how busy each is with requests of ours, which are left
alone, and which of them are tried again.

Knows the port; how a request is made is its caller's business.
"""

import asyncio
import logging
import random
from collections.abc import Iterator, Sequence
from contextlib import aclosing, contextmanager
from typing import Final

from kbchat.core.deadline import Deadline
from kbchat.inference.circuit_breaker import CircuitBreaker
from kbchat.inference.jitter import jittered
from kbchat.inference.ports import ChatMessage, LanguageModel, ModelUnavailable, Prompt, Sampling

_log = logging.getLogger(__name__)
_Reason = ModelUnavailable.Reason

# What says that a server is not well. A busy one is, and one that refuses understood what it was asked.
_NOT_WELL: Final = frozenset(
    {_Reason.UNREACHABLE, _Reason.TIMED_OUT, _Reason.BROKEN_STREAM, _Reason.BROKEN_ANSWER}
)
# A server may answer at /health while its engine hangs: only a token proves that it writes.
_PROBE: Final[Prompt] = (ChatMessage("user", "Hi"),)
_PROBE_SECONDS: Final = 5.0
_ROUNDS: Final = 3
_FIRST_PAUSE_SECONDS: Final = 0.25


class ModelServer:
    def __init__(self, number: int, model: LanguageModel) -> None:
        self.model = model
        self.running = 0
        self.breaker = CircuitBreaker()
        self._number = number

    @contextmanager
    def used(self, deadline: Deadline | None = None) -> Iterator[None]:
        """While a request of ours runs there; how it ends is noted. That the asker's own time ran out, or that he left,
        says nothing of the server."""
        self.running += 1
        try:
            yield
        except ModelUnavailable as unavailable:
            if unavailable.reason in _NOT_WELL and not (deadline and deadline.has_passed):
                self.breaker.failed()
                if not self.breaker.is_closed:
                    _log.warning("model server %d is left alone: %s", self._number, unavailable.reason.value)
            raise
        else:
            self.breaker.succeeded()
        finally:
            self.running -= 1

    async def try_again(self) -> None:
        """The one probe of a breaker that is half open."""
        is_well = False
        try:
            is_well = await self._writes_a_token()
        finally:
            self.breaker.end_probe(is_well=is_well)
        if is_well:
            _log.warning("model server %d is asked again", self._number)

    async def _writes_a_token(self) -> bool:
        deadline = Deadline.after(_PROBE_SECONDS)
        try:
            async with aclosing(
                self.model.stream(_PROBE, Sampling(max_tokens=1), deadline=deadline)
            ) as deltas:
                async for _ in deltas:
                    return True
        except ModelUnavailable as unavailable:
            return unavailable.reason not in _NOT_WELL
        return False


class ModelServers:
    def __init__(self, models: Sequence[LanguageModel]) -> None:
        self.all = tuple(ModelServer(number, model) for number, model in enumerate(models, 1))
        self._probes: set[asyncio.Task[None]] = set()

    def probes(self) -> set[asyncio.Task[None]]:
        """Those under way, with the ones that are due now. In tasks of their own, so that nobody's answer waits for a
        server that hangs while another is well."""
        for server in self.all:
            if server.breaker.begin_probe():
                task = asyncio.create_task(server.try_again())
                self._probes.add(task)
                task.add_done_callback(self._probes.discard)
        return set(self._probes)

    async def close(self) -> None:
        for probe in self._probes:
            probe.cancel()
        await asyncio.gather(*self._probes, return_exceptions=True)


class Search:
    """For one request: a server, and another where that one failed before anything came."""

    def __init__(self, servers: ModelServers, deadline: Deadline | None = None) -> None:
        self._servers = servers
        self._deadline = deadline
        self._failed: dict[ModelServer, ModelUnavailable] = {}
        self._round = 1

    async def next(self) -> ModelServer:
        """The one with the fewest requests of ours. Raises ModelUnavailable where none is left, with the last cause."""
        while True:
            probes = self._servers.probes()
            free = [each for each in self._servers.all if each.breaker.is_closed and each not in self._failed]
            if free:
                fewest = min(each.running for each in free)
                return random.choice([each for each in free if each.running == fewest])  # noqa: S311
            if not await self._waited(probes):
                raise self._why()

    def failed(self, server: ModelServer, unavailable: ModelUnavailable) -> None:
        """Raises it again where no other server would do better."""
        if unavailable.reason not in _NOT_WELL | {_Reason.BUSY}:
            raise unavailable
        self._failed[server] = unavailable

    async def _waited(self, probes: set[asyncio.Task[None]]) -> bool:
        """Whether it is worth looking again: for one that is being tried, or for those that were busy."""
        seconds = self._deadline.remaining_seconds if self._deadline else _PROBE_SECONDS
        if probes:
            done, _ = await asyncio.wait(probes, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return bool(done)
        busy = [each for each, why in self._failed.items() if why.reason is _Reason.BUSY]
        pause = jittered(_FIRST_PAUSE_SECONDS * 2 ** (self._round - 1))
        # Of one alone, its own adapter has been patient, as long as the server asked for.
        if len(self._servers.all) == 1 or not busy or self._round == _ROUNDS or pause >= seconds:
            return False
        await asyncio.sleep(pause)
        self._round += 1
        for each in busy:
            del self._failed[each]
        return True

    def _why(self) -> ModelUnavailable:
        return list(self._failed.values())[-1] if self._failed else ModelUnavailable(_Reason.UNREACHABLE)
