"""The answers process: claims waiting turns and runs many at once, with leases, Stop, and an orderly end.

Any number of these processes may run; each turn is claimed by one. Woken by the doorbell, and once a second without.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from functools import partial
from typing import Final
from uuid import UUID, uuid4

from django.db import Error as DatabaseError
from redis.exceptions import RedisError

from kbchat.chat.doorbell import rings
from kbchat.chat.leasing import claim_turn, keep_turns
from kbchat.chat.reaping import reap_turns
from kbchat.chat.runner import Halt, RunningTurn, Tools
from kbchat.core import waiting
from kbchat.core.cancelling import ended
from kbchat.core.database_threads import in_database
from kbchat.core.deadline import Deadline
from kbchat.core.metrics import ANSWERS_RUNNING

logger = logging.getLogger(__name__)

_PARTING_SECONDS: Final = 3.0
"""For writing the ends of interrupted turns."""


class AnswersProcess:
    """One event loop's worth of turns. `lease`: under which this process holds all of its turns."""

    def __init__(self, tools: Tools) -> None:
        self.lease = uuid4()
        self._tools = tools
        self._limits = tools.limits
        self._running: dict[UUID, tuple[RunningTurn, asyncio.Task[None]]] = {}
        self._rung = asyncio.Event()

    async def serve(self, stopping: asyncio.Event) -> None:
        """Until `stopping` is set: then nothing new is begun, and what does not end by itself is interrupted.

        Raises what ended one of its own duties; turns are brought to their end before.
        """
        duties = [
            asyncio.create_task(self._listen()),
            asyncio.create_task(self._repeat(self._beat, self._limits.beat_seconds)),
            asyncio.create_task(self._repeat(self._say_that_somebody_waits, self._limits.beat_seconds)),
            asyncio.create_task(self._repeat(self._reap, max(self._limits.lease_seconds / 3, 0.5))),
        ]
        claiming = asyncio.create_task(self._claim_until(stopping))
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait([stopped, claiming, *duties], return_when=asyncio.FIRST_COMPLETED)
        stopping.set()
        self._rung.set()
        # Not cancelled: a claim that is on its way would leave a turn to nobody.
        await asyncio.wait([claiming], timeout=_PARTING_SECONDS)
        await self._drain()
        await ended(duties)
        for outcome in await asyncio.gather(claiming, *duties, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    async def _claim_until(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            self._rung.clear()
            try:
                while len(self._running) < self._limits.concurrency and not stopping.is_set():
                    if not await self._claim_and_start():
                        break
            except DatabaseError:
                logger.warning("no turn can be claimed now", exc_info=True)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._rung.wait(), self._limits.beat_seconds)

    async def _claim_and_start(self) -> bool:
        claim = await in_database(
            partial(
                claim_turn,
                self.lease,
                lease_seconds=self._limits.lease_seconds,
                most=self._limits.most_running,
            )
        )
        if claim is None:
            return False
        turn = RunningTurn(claim, self._tools)
        task = asyncio.create_task(turn.run())
        self._running[claim.turn_id] = turn, task
        ANSWERS_RUNNING.inc()
        task.add_done_callback(partial(self._ended, claim.turn_id))
        return True

    def _ended(self, turn_id: UUID, task: asyncio.Task[None]) -> None:
        self._running.pop(turn_id, None)
        ANSWERS_RUNNING.dec()
        self._rung.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a turn's end could not be written; it will be reaped", exc_info=error)

    async def _listen(self) -> None:
        async with aclosing(rings()) as heard:
            async for ring in heard:
                if ring.stop is None:
                    self._rung.set()
                elif ring.stop in self._running:
                    self._running[ring.stop][0].halt(Halt.STOPPED)
                if ring.after_silence:
                    with suppress(DatabaseError):
                        await self._beat()

    async def _beat(self) -> None:
        """Keep the leases; learn of what the doorbell may have missed."""
        turns = {turn_id: turn for turn_id, (turn, _) in self._running.items()}
        if not turns:
            return
        lease = Deadline.after(self._limits.lease_seconds)
        held = await in_database(
            partial(keep_turns, self.lease, turns.keys(), lease_seconds=self._limits.lease_seconds)
        )
        for turn_id, turn in turns.items():
            if turn_id not in held:
                turn.halt(Halt.LOST)
                continue
            turn.prolong(lease)
            if held[turn_id]:
                turn.halt(Halt.STOPPED)

    async def _say_that_somebody_waits(self) -> None:
        """To whoever works in the background. A duty of its own: a Redis that is away or slow holds up no lease."""
        if not self._running:
            return
        with suppress(RedisError):
            await self._tools.redis.set(waiting.KEY, 1, px=waiting.MILLISECONDS)

    async def _reap(self) -> None:
        await reap_turns(self._tools.redis)

    async def _repeat(self, action: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            try:
                await action()
            except DatabaseError:
                logger.warning("the database does not answer", exc_info=True)
            await asyncio.sleep(seconds)

    async def _drain(self) -> None:
        tasks = [task for _, task in self._running.values()]
        if not tasks:
            return
        await asyncio.wait(tasks, timeout=self._limits.drain_seconds)
        for turn, _ in list(self._running.values()):
            turn.halt(Halt.INTERRUPTED)
        await asyncio.wait(tasks, timeout=_PARTING_SECONDS)
