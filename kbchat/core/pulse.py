"""Which processes live: each says so in Redis every few seconds, from a thread of its own.

A thread, because a worker that embeds a book answers nobody for minutes and lives all the same.
"""

import logging
import os
import socket
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

ANSWERS: Final = "answers"
SCHEDULER: Final = "scheduler"
"""Beat and a worker of the maintenance queue: it is heard of when what beat sends is done."""

_PREFIX: Final = "kbchat:pulse:"
_EVERY_SECONDS: Final = 10.0
_HELD_SECONDS: Final = 45
_ANSWER_SECONDS: Final = 2.0


@contextmanager
def pulse(*names: str) -> Iterator[None]:
    """Says that these live, for the time of the block. Redis that is away is nothing to end for."""
    stopping = start_pulse(*names)
    try:
        yield
    finally:
        stopping.set()


def start_pulse(*names: str) -> threading.Event:
    """As `pulse`, until the event is set or the process ends."""
    stopping = threading.Event()
    threading.Thread(target=_beat, args=(names, stopping), name="pulse", daemon=True).start()
    return stopping


def say_alive(name: str) -> None:
    """Once, for what has no process of its own."""
    with open_client() as client:
        _say(client, [_key(name)])


def living() -> frozenset[str]:
    """Names that were heard of lately. Raises redis.RedisError."""
    with open_client() as client:
        return frozenset(
            key.removeprefix(_PREFIX).partition("@")[0] for key in client.scan_iter(f"{_PREFIX}*")
        )


def _beat(names: Collection[str], stopping: threading.Event) -> None:
    keys = [_key(name) for name in names]
    with open_client() as client:
        while not stopping.is_set():
            _say(client, keys)
            stopping.wait(_EVERY_SECONDS)
        for key in keys:
            try:
                client.delete(key)
            except redis.RedisError:
                return


def _say(client: redis.Redis, keys: Collection[str]) -> None:
    try:
        for key in keys:
            client.set(key, 1, ex=_HELD_SECONDS)
    except redis.RedisError:
        logger.debug("Redis does not hear that this process lives")


def _key(name: str) -> str:
    return f"{_PREFIX}{name}@{socket.gethostname()}:{os.getpid()}"


def open_client() -> redis.Redis:
    """One that gives up soon: what it tells is no matter to wait for."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        protocol=2,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
    )
