"""How long a connection may take to say what it wants, and how much it may say for that: uvicorn itself waits for ever
for a request's headers, and reads them however long they are (T46).

Named to uvicorn by `--http`. Bodies are neither timed nor counted: a long upload over a slow line is no abuse.
"""

import asyncio

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kbchat.core.limits import Limit, note_reached

# With the beginning of a body that came along: a read has 256 KiB at most.
_MOST_HEAD_BYTES = 512 * 1024


class PatientProtocol(HttpToolsProtocol):
    """One connection. The time begins with the connection, and anew with the first byte of each later request."""

    _waiting: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._waiting is not None:
            self._head_bytes += len(data)
            if self._head_bytes > _MOST_HEAD_BYTES:
                self._give_up()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._waiting is None:
            self._wait()

    def on_headers_complete(self) -> None:
        self._wait_no_more()
        self._head_bytes = 0
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
