"""Whoever waits for an answer goes first: who asks and who answers say in Redis that somebody does, and background work
asks.

For some seconds after each word of it, so that a process that died holds up nothing. Redis that is away says that
nobody waits.
"""

from typing import Final

import redis

from kbchat.core.pulse import open_client

KEY: Final = "kbchat:somebody-waits"
MILLISECONDS: Final = 2500
"""For which one word of it holds; it is said with the question, and again once a second."""


def somebody_waits() -> bool:
    """Whether an answer is being made now, or was a moment ago."""
    try:
        with open_client() as connected:
            return bool(connected.exists(KEY))
    except redis.RedisError:
        return False
