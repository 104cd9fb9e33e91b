"""The doorbell between whoever asks and the answers processes: heard at once, or lost harmlessly.

Rows say what is to be done; answers processes look at them every second anyway.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from uuid import UUID

from redis.exceptions import RedisError

from kbchat.chat.redis_clients import client, new_loop_client
from kbchat.core import waiting

logger = logging.getLogger(__name__)

_CHANNEL = "turns"
_NEW = "new"
_STOP = "stop:"
_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Ring:
    """`stop` is the turn to stop; None: there may be a new turn. `after_silence`: others may have been missed."""

    stop: UUID | None = None
    after_silence: bool = False


def ring_new() -> None:
    """Background work hears of it as well: a short answer would be there before its process said that it is made."""
    with _best_effort():
        together = client().pipeline(transaction=False)
        together.set(waiting.KEY, 1, px=waiting.MILLISECONDS)
        together.publish(_CHANNEL, _NEW)
        together.execute()


def ring_stop(turn_id: UUID) -> None:
    with _best_effort():
        client().publish(_CHANNEL, f"{_STOP}{turn_id}")


@contextmanager
def _best_effort() -> Iterator[None]:
    try:
        yield
    except RedisError:
        logger.warning("the doorbell is away; the rows will be seen within a second")


async def rings() -> AsyncGenerator[Ring, None]:
    """Every ring from now on, for ever. Begins with one, and with one after each interruption."""
    while True:
        try:
            async with aclosing(_subscribed()) as heard:
                async for ring in heard:
                    yield ring
        except (RedisError, OSError):
            logger.warning("the doorbell is away; turns are looked for every second")
        await asyncio.sleep(_AGAIN_SECONDS)


async def _subscribed() -> AsyncGenerator[Ring, None]:
    async with new_loop_client(None) as redis, redis.pubsub() as subscription:
        await subscription.subscribe(_CHANNEL)
        async for message in subscription.listen():
            if message["type"] == "subscribe":
                yield Ring(after_silence=True)
            elif message["type"] == "message":
                yield _read(message["data"])


def _read(words: str) -> Ring:
    if words.startswith(_STOP):
        try:
            return Ring(stop=UUID(words.removeprefix(_STOP)))
        except ValueError:
            return Ring()
    return Ring()
