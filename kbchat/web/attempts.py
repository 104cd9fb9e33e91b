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
from dataclasses import dataclass
from functools import cache
from typing import Final

import redis
from django.conf import settings

from kbchat.core.errors import Busy, NotAllowed, Unavailable
from kbchat.core.limits import Limit, reached

logger = logging.getLogger(__name__)

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


@dataclass(slots=True)
class Attempt:
    """`is_half`: the password was right, and a second factor is still to come. Then earlier failures stay counted:
    otherwise a known password would buy guesses at the codes without end."""

    is_half: bool = False


@contextmanager
def counted_attempt(email: str, address: str) -> Iterator[Attempt]:
    """Around the look at the password, or at a code. Left by NotAllowed, it stays counted as a failure; otherwise it is
    taken back, and a success forgets the failures of this account at this address. The address keeps the others: one
    known account must not buy guesses at the others.

    `email` "": of whoever it may be, and counted at the address alone. Raises Busy("too_many_attempts").
    """
    keys = _keys(email, address) if email else _keys_of_address(address)
    attempt = Attempt()
    if not _count(keys):
        window = settings.LIMITS.sign_in_window_seconds
        raise reached(Limit.SIGN_IN_FAILURES, Busy("too_many_attempts", wait_seconds=window))
    try:
        yield attempt
    except NotAllowed:
        raise
    except Exception:
        _take_back(keys)
        raise
    _take_back(keys)
    if not attempt.is_half:
        _forget(keys)


def count_reset(email: str, address: str) -> None:
    """Somebody says that he lost his password: counted for any e-mail alike, whether anybody has it or not.

    Raises Busy("too_many_resets", wait_seconds=...). Where Redis does not answer nothing is sent, for it could be sent
    without end: Unavailable.
    """
    limits = settings.LIMITS
    window = limits.reset_window_seconds
    most = [limits.most_resets, limits.most_resets_of_address, limits.most_resets_of_account]
    try:
        is_counted = _counted(_keys(email, address, what="reset"), window, most)
    except redis.RedisError as error:
        raise Unavailable from error
    if not is_counted:
        raise reached(Limit.RESETS, Busy("too_many_resets", wait_seconds=window))


def most_failures() -> dict[str, int]:
    return {
        "account at address": settings.LIMITS.most_sign_in_failures,
        "address": settings.LIMITS.most_sign_in_failures_of_address,
        "account": settings.LIMITS.most_sign_in_failures_of_account,
    }


def _count(keys: dict[str, str]) -> bool:
    try:
        most = most_failures()
        return _counted(keys, settings.LIMITS.sign_in_window_seconds, [most[kind] for kind in keys])
    except redis.RedisError:
        logger.warning("sign-in attempts cannot be counted")
        return True


def _counted(keys: dict[str, str], window_seconds: int, most: list[int]) -> bool:
    """False where one of the limits, in the order of the keys, is reached; then nothing is counted."""
    return bool(redis_client().eval(_COUNT, len(keys), *keys.values(), window_seconds, *most))


def _take_back(keys: dict[str, str]) -> None:
    try:
        redis_client().eval(_TAKE_BACK, len(keys), *keys.values())
    except redis.RedisError:
        logger.warning("a sign-in attempt could not be taken back")


def _forget(keys: dict[str, str]) -> None:
    forgotten = keys.get("account at address")
    if forgotten is None:
        return
    try:
        redis_client().delete(forgotten)
    except redis.RedisError:
        logger.warning("failed sign-ins could not be forgotten")


def _keys(email: str, address: str, what: str = "sign-in") -> dict[str, str]:
    """In the order of the limits: at one account from one address, from one address, at one account."""
    account = email.strip().casefold()
    counted = {"account at address": f"{account}\n{address}", "address": address, "account": account}
    return {
        kind: f"{what}:{kind}:{hashlib.sha256(value.encode()).hexdigest()}" for kind, value in counted.items()
    }


def _keys_of_address(address: str) -> dict[str, str]:
    return {"address": _keys("", address)["address"]}


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)


def redis_client() -> redis.Redis:
    return _client(settings.REDIS_URL)
