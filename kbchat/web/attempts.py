"""How often someone may try to sign in: failures counted in Redis (T33).

An account is closed to the address that guesses at it, not to its owner elsewhere; wider limits stop one address that
tries many accounts and many addresses that try one.
Where Redis does not answer, signing in goes on uncounted: a queue that is down must not lock everybody out, and the
password hash is slow by itself.
"""

import hashlib
import logging
from functools import cache

import redis
from django.conf import settings

from kbchat.core.errors import Busy

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 15 * 60
MOST_FAILURES = {"account at address": 5, "address": 30, "account": 60}


def refuse_if_too_many(email: str, address: str) -> None:
    """Raises Busy("too_many_attempts", minutes=...)."""
    keys = _keys(email, address)
    try:
        counted = _redis().mget(list(keys.values()))
    except redis.RedisError:
        logger.warning("sign-in attempts cannot be counted")
        return
    if any(int(count or 0) >= MOST_FAILURES[kind] for kind, count in zip(keys, counted, strict=True)):
        raise Busy("too_many_attempts", minutes=WINDOW_SECONDS // 60)


def count_failure(email: str, address: str) -> None:
    try:
        with _redis().pipeline() as pipeline:
            for key in _keys(email, address).values():
                # The window begins with the first failure.
                pipeline.set(key, 0, ex=WINDOW_SECONDS, nx=True)
                pipeline.incr(key)
            pipeline.execute()
    except redis.RedisError:
        logger.warning("a failed sign-in could not be counted")


def forget_failures(email: str, address: str) -> None:
    """After a success. The address keeps its count: one known account must not buy guesses at the others."""
    try:
        _redis().delete(_keys(email, address)["account at address"])
    except redis.RedisError:
        logger.warning("failed sign-ins could not be forgotten")


def _keys(email: str, address: str) -> dict[str, str]:
    account = email.strip().casefold()
    counted = {"account at address": f"{account}\n{address}", "address": address, "account": account}
    return {
        kind: f"sign-in:{kind}:{hashlib.sha256(value.encode()).hexdigest()}"
        for kind, value in counted.items()
    }


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)


def _redis() -> redis.Redis:
    return _client(settings.REDIS_URL)
