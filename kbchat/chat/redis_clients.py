"""Redis for the chat: one client for threads, one for each event loop. Nothing here is ever the truth.

Short time-outs and no retries: whoever asks has the rows to fall back on, and a person waits.
"""

import asyncio
import logging
from functools import cache
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 1.0
"""How long Redis may take for anything that does not wait on purpose."""
BLOCK_SECONDS = 2.0
"""The longest that a reader waits for a new entry before it looks at the row."""

_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = WeakKeyDictionary()


class EvictingRedis(Exception):
    """Redis may drop what waits in it; the message says what to do."""


def require_keeping() -> None:
    """Raises EvictingRedis where Redis makes room by dropping keys: jobs, turn logs and counted sign-ins would vanish.
    Whether one that does not answer would is not known; nothing is lost by starting without it."""
    try:
        policy = str(client().info("memory").get("maxmemory_policy", ""))
    except redis.RedisError:
        logger.warning("whether Redis keeps what it is given could not be asked")
        return
    if policy != "noeviction":
        raise EvictingRedis(
            f"Redis (REDIS_URL) drops keys when it is full: maxmemory-policy is {policy or 'unknown'}. "
            "Set it to noeviction."
        )


def client() -> redis.Redis:
    return _client(settings.REDIS_URL)


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        protocol=2,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def loop_client() -> redis.asyncio.Redis:
    """The running loop's client. Reads may block for up to BLOCK_SECONDS."""
    loop = asyncio.get_running_loop()
    if loop not in _of_loop:
        _of_loop[loop] = new_loop_client(BLOCK_SECONDS + ANSWER_SECONDS)
    return _of_loop[loop]


def new_loop_client(read_seconds: float | None) -> redis.asyncio.Redis:
    """A client of its own, for the running loop. `read_seconds` None: replies may take for ever (a subscription)."""
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        protocol=2,
        socket_timeout=read_seconds,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=AsyncRetry(NoBackoff(), 0),
    )
