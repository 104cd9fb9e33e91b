"""What comes in at a socket, one frame after another: so large, so many in a minute, so often, and no more."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from kbchat.core.errors import Busy, Invalid
from kbchat.core.limits import Limit, reached
from kbchat.web.ws.closing import IDLE, NOT_TEXT, TOO_LARGE, TRY_LATER, Close

_MINUTE = 60.0

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Pace:
    """So many in a minute, on average, and no more than a minute's worth at once."""

    def __init__(self, most_a_minute: int, *, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._now = most_a_minute, now
        self._left, self._at = float(most_a_minute), now()

    def allows(self) -> bool:
        """Whether one more may come now; then it is counted."""
        now = self._now()
        self._left = min(self._most, self._left + (now - self._at) * self._most / _MINUTE)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Incoming:
    """`is_following`: whether the client has a reason to be silent, since it waits for an answer."""

    def __init__(self, receive: Receive, *, is_following: Callable[[], bool]) -> None:
        self._receive, self._is_following = receive, is_following
        self._pace = Pace(settings.LIMITS.most_frames_a_minute)

    async def next(self) -> str | None:
        """The next frame's text, None when the client has left. Raises Close."""
        message = await self._heard()
        if message["type"] == "websocket.disconnect":
            return None
        text = message.get("text")
        if text is None:
            raise Close(NOT_TEXT)
        most = settings.LIMITS.most_frame_bytes
        if len(text) > most or len(text.encode()) > most:
            raise Close(TOO_LARGE, reached(Limit.FRAME_BYTES, Invalid("frame_too_large", most=most)))
        if not self._pace.allows():
            busy = Busy(
                "too_many_frames", most=settings.LIMITS.most_frames_a_minute, wait_seconds=int(_MINUTE)
            )
            raise Close(TRY_LATER, reached(Limit.FRAMES_A_MINUTE, busy))
        return str(text)

    async def _heard(self) -> MutableMapping[str, Any]:
        receiving = asyncio.ensure_future(self._receive())
        try:
            while not (await asyncio.wait({receiving}, timeout=settings.LIMITS.socket_idle_seconds))[0]:
                if not self._is_following():
                    raise Close(IDLE, reached(Limit.SOCKET_IDLE, Busy("socket_idle")))
            return receiving.result()
        finally:
            receiving.cancel()
