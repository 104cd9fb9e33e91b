"""What the proofs of every protocol have in common: they are refused in one way, and good once.

A proof is what the identity provider signs. What stands in it is each protocol's affair.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from kbchat.audit.recording import digest
from kbchat.core.errors import NotAllowed, Unavailable
from kbchat.web.attempts import redis_client

logger = logging.getLogger(__name__)

CLOCK_SECONDS = 60
"""By how much the provider's clock may differ."""


class ProofRefused(NotAllowed):
    """Something about it is not as it has to be. What it was is for the log, never for whoever sent it."""

    code = "sso_refused"

    def __init__(self, *, reason: str) -> None:
        super().__init__()
        self.reason = reason


def use_up(number: str, seconds: int) -> None:
    """Raises ProofRefused for a number that was used within so many seconds, Unavailable without Redis."""
    try:
        is_new = redis_client().set(_key(number), 1, nx=True, ex=seconds)
    except redis.RedisError as error:
        raise Unavailable("sso_unavailable") from error
    if not is_new:
        raise ProofRefused(reason="used before")


@contextmanager
def obeyed_once(number: str, seconds: int, *, is_sent_again: bool) -> Iterator[None]:
    """Around what an order to sign out brings about. Raises ProofRefused for one that was used before.

    Where Redis does not answer that is not known. `is_sent_again`: it is refused (Unavailable), since whoever sends it
    does so again until it is obeyed; else nobody would be signed out, which is worse than being signed out twice."""
    try:
        use_up(number, seconds)
    except Unavailable:
        logger.warning("orders to sign out cannot be counted")
        if is_sent_again:
            raise
    try:
        yield
    except Exception:
        # The provider will send it again.
        _forget(number)
        raise


def _forget(number: str) -> None:
    try:
        redis_client().delete(_key(number))
    except redis.RedisError:
        logger.warning("an order to sign out could not be forgotten")


def _key(number: str) -> str:
    return f"proof:{digest(number)}"
