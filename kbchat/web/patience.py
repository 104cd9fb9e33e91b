"""How long a connection may take to say what it wants: uvicorn itself waits for ever for a request's headers (T46).

Named to uvicorn by `--http`. Bodies are not timed: a long upload over a slow line is no abuse.
"""

import asyncio

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kbchat.core.limits import Limit, note_reached


class PatientProtocol(HttpToolsProtocol):
    """One connection. The time begins with the connection, and anew with the first byte of each later request."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._waiting is None:
            self._wait()

    def on_headers_complete(self) -> None:
        self._wait_no_more()
        super().on_headers_complete()

    def _wait(self) -> None:
        seconds = settings.LIMITS.handshake_seconds
        self._waiting = self.loop.call_later(seconds, self._give_up)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        note_reached(Limit.HANDSHAKE)
        if not self.transport.is_closing():
            self.transport.abort()
