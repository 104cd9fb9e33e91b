"""The log of a turn while it runs: a Redis stream whose entry ids are the events' numbers.

It makes an answer visible as it is written, nothing more: a finished turn is read from its row, and a log that Redis
lost is written again from the runner's memory.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from kbchat.chat.record import NumberedEvent, from_line, to_line, unbroken
from kbchat.chat.redis_clients import BLOCK_SECONDS, client

logger = logging.getLogger(__name__)

_MOST_ENTRIES = 20_000
_RUNNING_SECONDS = 3600
_FINISHED_SECONDS = 120
"""Long enough for those who follow to read the end."""
_SILENT_SECONDS = 1.0
_AT_ONCE = 500


class TurnLogWriter:
    """The log of one turn, written by its runner. Redis being away costs visibility only, never the turn."""

    def __init__(self, redis: Redis, turn_id: UUID) -> None:
        self._redis = redis
        self._key = _key(turn_id)
        self._sent = 0
        self._silent_until = 0.0

    async def write(self, events: Sequence[NumberedEvent], *, finished: bool = False) -> None:
        """`events` are all of the turn so far; what the log lacks is sent."""
        if time.monotonic() < self._silent_until and not finished:
            return
        seconds = _FINISHED_SECONDS if finished else _RUNNING_SECONDS
        try:
            if not await self._add(events[self._sent :], seconds, holds=len(events)):
                await self.replace(events, seconds=seconds)
        except (RedisError, OSError):
            logger.warning("the turn log is away")
            self._silent_until = time.monotonic() + _SILENT_SECONDS
        else:
            self._sent = len(events)

    async def replace(self, events: Iterable[NumberedEvent], *, seconds: int = _FINISHED_SECONDS) -> None:
        """The log holds these and nothing else from now on. Raises RedisError."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(self._key)
            _queue(pipe, self._key, events, seconds)
            await pipe.execute()

    async def _add(self, events: Sequence[NumberedEvent], seconds: int, *, holds: int) -> bool:
        """Whether the log then holds as much as it should: false when Redis lost or has some of it already."""
        async with self._redis.pipeline(transaction=True) as pipe:
            _queue(pipe, self._key, events, seconds)
            pipe.xlen(self._key)
            try:
                replies = await pipe.execute()
            except ResponseError:
                return False
        return bool(replies[-1] == min(holds, _MOST_ENTRIES))


async def read(redis: Redis, turn_id: UUID, *, after: int) -> list[NumberedEvent] | None:
    """What follows `after` in the log, waiting up to BLOCK_SECONDS for it; [] when nothing came, None where a gap lies
    between. Raises RedisError."""
    found: Any = await redis.xread(
        {_key(turn_id): f"{after}-0"}, count=_AT_ONCE, block=int(BLOCK_SECONDS * 1000)
    )
    return (unbroken(_entries(found[0][1]), after=after) or None) if found else []


async def read_whole(redis: Redis, turn_id: UUID) -> list[NumberedEvent]:
    """The log from its first event up to a gap. Raises RedisError."""
    return unbroken(_entries(await redis.xrange(_key(turn_id))), after=0)


def glance(turn_id: UUID) -> list[NumberedEvent]:
    """The log from its first event up to a gap, for a thread; [] when Redis is away."""
    try:
        return unbroken(_entries(client().xrange(_key(turn_id))), after=0)
    except RedisError:
        return []


def forget(turn_ids: Iterable[UUID]) -> None:
    """Remove the logs of turns that are deleted; those that cannot be removed now expire."""
    keys = [_key(turn_id) for turn_id in turn_ids]
    try:
        if keys:
            client().delete(*keys)
    except RedisError:
        logger.warning("the turn log is away; deleted turns' logs will expire")


def _key(turn_id: UUID) -> str:
    return f"turn:{turn_id}"


def _queue(pipe: Any, key: str, events: Iterable[NumberedEvent], seconds: int) -> None:
    for item in events:
        pipe.xadd(
            key,
            {"event": to_line(item.event)},
            id=f"{item.number}-0",
            maxlen=_MOST_ENTRIES,
            approximate=False,
        )
    pipe.expire(key, seconds)


def _entries(found: Any) -> list[NumberedEvent]:
    return [
        NumberedEvent(int(entry.partition("-")[0]), from_line(fields["event"])) for entry, fields in found
    ]
