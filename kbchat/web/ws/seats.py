"""How many sockets are open at once, of one person and from one client address: counted by all web processes together.

A socket has a seat in Redis for each of the two and renews it; the seats of a process that died run out. Where Redis
does not answer, and beside it always, each process counts its own: nobody is turned away because a queue is down, and
nobody gets in without being counted.
"""

import asyncio
import hashlib
import logging
from collections import Counter
from typing import Any, Final
from uuid import uuid4

from redis.exceptions import RedisError

from kbchat.chat.redis_clients import loop_client

logger = logging.getLogger(__name__)

SEAT_SECONDS: Final = 60
"""So long a seat is held that nobody renews."""
RENEW_SECONDS: Final = 20.0

# Scripts by Redis's own clock, so that nobody sits down between the look and the count.
_TAKE: Final = """
local now = tonumber(redis.call("TIME")[1])
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now)
if redis.call("ZCARD", KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call("ZADD", KEYS[1], now + ARGV[3], ARGV[1])
redis.call("EXPIRE", KEYS[1], ARGV[3])
return 1
"""
_RENEW: Final = """
local now = tonumber(redis.call("TIME")[1])
redis.call("ZADD", KEYS[1], now + ARGV[2], ARGV[1])
redis.call("EXPIRE", KEYS[1], ARGV[2])
"""

_here: Counter[str] = Counter()
"""How many are taken in this process, by the name of what is counted."""


class Seats:
    """Those of one socket."""

    def __init__(self) -> None:
        self._socket = uuid4().hex
        self._taken: list[str] = []

    async def take(self, kind: str, holder: str, *, most: int) -> bool:
        """False where all of the holder's are taken."""
        name = f"sockets:{kind}:{hashlib.sha256(holder.encode()).hexdigest()}"
        if _here[name] >= most:
            return False
        # Before anything is waited for: two that come at once see each other.
        _here[name] += 1
        if await self._quietly(loop_client().eval(_TAKE, 1, name, self._socket, most, SEAT_SECONDS)) == 0:
            _let_go(name)
            return False
        self._taken.append(name)
        return True

    async def keep(self) -> None:
        """Until cancelled; also what Redis has lost meanwhile."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            for name in self._taken:
                await self._quietly(loop_client().eval(_RENEW, 1, name, self._socket, SEAT_SECONDS))

    async def leave(self) -> None:
        taken, self._taken = self._taken, []
        for name in taken:
            _let_go(name)
        for name in taken:
            await self._quietly(loop_client().zrem(name, self._socket))

    async def _quietly(self, asked: Any) -> Any:
        """None where Redis does not answer."""
        try:
            return await asked
        except (RedisError, OSError):
            logger.warning("open sockets are counted in this process alone")
            return None


def _let_go(name: str) -> None:
    _here[name] -= 1
    if not _here[name]:
        del _here[name]
