"""How often someone may try to sign in, or ask for a new password: counted in Redis (T33).

An account is closed to the address that guesses at it, not to its owner elsewhere; wider limits stop one address that
tries many accounts and many addresses that try one.
An attempt is counted before the password is looked at, so that guesses sent at once count each other; one that is
refused here is no guess and is not counted.
Where Redis does not answer, signing in goes on uncounted: a queue that is down must not lock everybody out, and the
password hash is slow by itself.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

import redis
from django.conf import settings

from kbchat.core.errors import Busy, NotAllowed, Unavailable

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 15 * 60
MOST_FAILURES = {"account at address": 5, "address": 30, "account": 60}

RESET_WINDOW_SECONDS = 60 * 60
MOST_RESETS = {"account at address": 3, "address": 20, "account": 6}

# Scripts, so that nobody counts between the look and the count.
_COUNT: Final = """
for i, key in ipairs(KEYS) do
    if tonumber(redis.call("GET", key) or 0) >= tonumber(ARGV[i + 1]) then return 0 end
end
for _, key in ipairs(KEYS) do
    -- The window begins with the first attempt.
    redis.call("SET", key, 0, "EX", ARGV[1], "NX")
    redis.call("INCR", key)
end
return 1
"""
_TAKE_BACK: Final = """
for _, key in ipairs(KEYS) do
    -- A window that has ended meanwhile stays ended.
    if redis.call("EXISTS", key) == 1 then redis.call("DECR", key) end
end
"""


@contextmanager
def counted_attempt(email: str, address: str) -> Iterator[None]:
    """Around the look at the password. Left by NotAllowed, it stays counted as a failure; otherwise it is taken back,
    and a success forgets the failures of this account at this address. The address keeps the others: one known
    account must not buy guesses at the others.

    Raises Busy("too_many_attempts", minutes=...).
    """
    keys = _keys(email, address)
    if not _count(keys):
        raise Busy("too_many_attempts", minutes=WINDOW_SECONDS // 60)
    try:
        yield
    except NotAllowed:
        raise
    except Exception:
        _take_back(keys)
        raise
    _take_back(keys)
    _forget(keys)


def count_reset(email: str, address: str) -> None:
    """Somebody says that he lost his password: counted for any e-mail alike, whether anybody has it or not.

    Raises Busy("too_many_resets", minutes=...). Where Redis does not answer nothing is sent, for it could be sent
    without end: Unavailable.
    """
    keys = _keys(email, address, what="reset")
    limits = [MOST_RESETS[kind] for kind in keys]
    try:
        is_counted = redis_client().eval(_COUNT, len(keys), *keys.values(), RESET_WINDOW_SECONDS, *limits)
    except redis.RedisError as error:
        raise Unavailable from error
    if not is_counted:
        raise Busy("too_many_resets", minutes=RESET_WINDOW_SECONDS // 60)


def _count(keys: dict[str, str]) -> bool:
    """False where a limit is reached; then nothing is counted."""
    try:
        limits = [MOST_FAILURES[kind] for kind in keys]
        return bool(redis_client().eval(_COUNT, len(keys), *keys.values(), WINDOW_SECONDS, *limits))
    except redis.RedisError:
        logger.warning("sign-in attempts cannot be counted")
        return True


def _take_back(keys: dict[str, str]) -> None:
    try:
        redis_client().eval(_TAKE_BACK, len(keys), *keys.values())
    except redis.RedisError:
        logger.warning("a sign-in attempt could not be taken back")


def _forget(keys: dict[str, str]) -> None:
    try:
        redis_client().delete(keys["account at address"])
    except redis.RedisError:
        logger.warning("failed sign-ins could not be forgotten")


def _keys(email: str, address: str, what: str = "sign-in") -> dict[str, str]:
    account = email.strip().casefold()
    counted = {"account at address": f"{account}\n{address}", "address": address, "account": account}
    return {
        kind: f"{what}:{kind}:{hashlib.sha256(value.encode()).hexdigest()}" for kind, value in counted.items()
    }


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)


def redis_client() -> redis.Redis:
    return _client(settings.REDIS_URL)
