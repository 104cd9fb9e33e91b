"""A word to the sockets of a group through the channel layer, from code that is not asynchronous.

Words may be lost: whoever waits for one looks for himself now and then.
"""

import asyncio
import atexit
import logging
import os
import threading
from contextlib import suppress
from functools import cache
from typing import Final

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 1.0
GATHER_SECONDS: Final = 0.1
_starting: Final = threading.Lock()
_Word = tuple[str, tuple[tuple[str, str], ...]]


def tell(group: str, message: dict[str, str]) -> None:
    """Blocks for as long as Redis takes, a second at most; one that is down is logged."""
    told = asyncio.run_coroutine_threadsafe(_tell(group, message), _mouth().loop)
    with suppress(TimeoutError):
        told.result(2 * _PATIENCE_SECONDS)


def tell_soon(group: str, message: dict[str, str]) -> None:
    """As `tell`, within a tenth of a second, and nobody waits for it. What is said again until then is said once."""
    _mouth().gather((group, tuple(message.items())))


async def _tell(group: str, message: dict[str, str]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        await asyncio.wait_for(layer.group_send(group, message), _PATIENCE_SECONDS)
    except (RedisError, OSError):
        # One that does not answer in time is an OSError, too.
        logger.warning("not told", extra={"group": group, "about": message["type"]})


class _Mouth:
    """One for the life of the process, with its loop, thread and connection: a loop and a connection for each word take
    longer than what most words are about."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._adding = threading.Lock()
        self._words: dict[_Word, None] = {}
        threading.Thread(target=self.loop.run_forever, name="telling", daemon=True).start()
        # What was said last of all, a command's end does not swallow.
        atexit.register(self._tell_all)

    def gather(self, word: _Word) -> None:
        with self._adding:
            is_first = not self._words
            self._words[word] = None
        if is_first:
            self.loop.call_soon_threadsafe(self.loop.call_later, GATHER_SECONDS, self._tell_gathered)

    def _tell_gathered(self) -> None:
        for group, message in self._taken():
            self.loop.create_task(_tell(group, dict(message)))

    def _tell_all(self) -> None:
        for group, message in self._taken():
            tell(group, dict(message))

    def _taken(self) -> list[_Word]:
        with self._adding:
            words, self._words = self._words, {}
        return list(words)


def _mouth() -> _Mouth:
    with _starting:
        return _mouth_of(os.getpid())


@cache
def _mouth_of(_process: int) -> _Mouth:
    """A child of a fork has none of its parent's threads, and gets its own."""
    return _Mouth()
