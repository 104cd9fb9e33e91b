"""Whether anybody still waits for an answer: whoever follows it leaves a mark in Redis that fades.

A browser that is gone ends nothing by itself; only when nobody came back for so long is the model let go.
"""

import logging
import time
from typing import Final
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from kbchat.chat.redis_clients import client, loop_client

logger = logging.getLogger(__name__)

_FADES_SECONDS: Final = 15
_AGAIN_SECONDS: Final = 5.0


class Follower:
    """One who follows a turn. `is_here` is called again and again while he does."""

    def __init__(self, turn_id: UUID) -> None:
        self._turn_id = turn_id
        self._marked_at = -_AGAIN_SECONDS

    async def is_here(self) -> None:
        if time.monotonic() - self._marked_at < _AGAIN_SECONDS:
            return
        self._marked_at = time.monotonic()
        try:
            await loop_client().set(_key(self._turn_id), 1, ex=_FADES_SECONDS)
        except (RedisError, OSError):
            logger.warning("followers cannot be noted")


def was_read(turn_id: UUID) -> None:
    """By somebody who asks again and again instead of following. For a thread."""
    try:
        client().set(_key(turn_id), 1, ex=_FADES_SECONDS)
    except RedisError:
        logger.warning("followers cannot be noted")


class Attendance:
    """Of one running turn. `grace_seconds`: how long nobody may be there; 0: for ever."""

    def __init__(self, redis: Redis, turn_id: UUID, grace_seconds: float) -> None:
        self._redis, self._turn_id, self._grace = redis, turn_id, grace_seconds
        self._seen_at = time.monotonic()

    async def has_ended(self) -> bool:
        """Where Redis does not answer, somebody may be there."""
        if not self._grace:
            return False
        try:
            if await self._redis.exists(_key(self._turn_id)):
                self._seen_at = time.monotonic()
        except (RedisError, OSError):
            self._seen_at = time.monotonic()
        return time.monotonic() - self._seen_at > self._grace


def _key(turn_id: UUID) -> str:
    return f"followed:{turn_id}"
