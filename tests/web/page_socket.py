"""One browser's socket, for tests."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.testing import ApplicationCommunicator

from kbchat.asgi import application
from kbchat.core.telling import GATHER_SECONDS
from tests.waiting import allowed
from tests.web.conftest import ORIGIN


class Page:
    """One browser's socket."""

    def __init__(self, communicator: ApplicationCommunicator) -> None:
        self._socket = communicator

    async def send(self, **command: Any) -> None:
        await self.raw(json.dumps(command, default=str))

    async def raw(self, text: str) -> None:
        await self._socket.send_input({"type": "websocket.receive", "text": text})

    async def frame(self) -> dict[str, Any]:
        message = await self._socket.receive_output(timeout=5)
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    async def watch_library(self) -> None:
        """From here on it is told."""
        await self.send(type="watch_library")
        assert await self.frame() == {"type": "library_watched"}

    async def closed(self, seconds: float = 6) -> int:
        async with asyncio.timeout(seconds):
            while True:
                message = await self._socket.receive_output(timeout=seconds)
                if message["type"] == "websocket.close":
                    return int(message["code"])

    async def hear_out(self) -> None:
        """What happened before is told a little later; what is heard from here on is of what happens now."""
        while not await self.silent(allowed(2 * GATHER_SECONDS)):
            await self.frame()

    async def silent(self, seconds: float = 0.8) -> bool:
        return await self._socket.receive_nothing(timeout=seconds)


async def dial(
    cookie: str = "", *, origin: str | None = ORIGIN, key: str = "", address: str = "127.0.0.1"
) -> tuple[ApplicationCommunicator, dict[str, Any]]:
    """The connection, and how the handshake was answered."""
    headers = [(b"cookie", f"theme=dark; kbchat_session={cookie}".encode())] if cookie else []
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    if key:
        headers.append((b"authorization", f"Bearer {key}".encode()))
    scope = {"type": "websocket", "path": "/ws/v1", "headers": headers, "client": (address, 50_000)}
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "websocket.connect"})
    return communicator, await communicator.receive_output(timeout=5)


@asynccontextmanager
async def connected(cookie: str = "", **how: Any) -> AsyncIterator[Page]:
    communicator, answer = await dial(cookie, **how)
    assert answer == {"type": "websocket.accept"}
    try:
        yield Page(communicator)
    finally:
        await communicator.send_input({"type": "websocket.disconnect", "code": 1001})
        await communicator.wait(timeout=5)
