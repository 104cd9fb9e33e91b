"""A socket's ear on the channel layer: groups joined and left, words handed on.

The layer is a doorbell. Where Redis is away nothing is heard, nothing breaks, and the groups are joined again later;
whoever listens looks at the rows by himself now and then.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_AGAIN_SECONDS = 2.0


class Ear:
    """`heard` is called with each message; it must not wait."""

    def __init__(self, heard: Callable[[dict[str, Any]], None]) -> None:
        self._heard = heard
        self._groups: set[str] = set()
        self._layer: Any = get_channel_layer()
        self._channel: str | None = None

    async def listen(self) -> None:
        """Runs until cancelled."""
        while True:
            try:
                await self._listen_once()
            except (RedisError, OSError):
                logger.warning("the channel layer is away")
            finally:
                await self._let_go()
            await asyncio.sleep(_AGAIN_SECONDS)

    async def join(self, group: str) -> None:
        self._groups.add(group)
        if self._channel is not None:
            await self._quietly(self._layer.group_add, group, self._channel)

    async def leave(self, group: str) -> None:
        self._groups.discard(group)
        if self._channel is not None:
            await self._quietly(self._layer.group_discard, group, self._channel)

    async def _listen_once(self) -> None:
        channel = self._channel = await self._layer.new_channel()
        # A copy: others join and leave meanwhile, and see to their own group.
        for group in tuple(self._groups):
            await self._layer.group_add(group, channel)
        while True:
            self._heard(await self._layer.receive(channel))

    async def _let_go(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            for group in tuple(self._groups):
                await self._quietly(self._layer.group_discard, group, channel)

    async def _quietly(self, act: Callable[[str, str], Any], group: str, channel: str) -> None:
        try:
            await act(group, channel)
        except (RedisError, OSError):
            logger.warning("the channel layer is away")
