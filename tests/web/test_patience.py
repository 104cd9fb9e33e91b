"""A connection has so long, and so many bytes, to say what it wants (T46)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from django.conf import settings
from uvicorn.config import Config
from uvicorn.server import ServerState

from kbchat.asgi import application
from kbchat.core.limits import Limit
from kbchat.web.patience import PatientProtocol
from tests.web.limits_support import count, set_limit

pytestmark = [pytest.mark.django_db(transaction=True)]


@asynccontextmanager
async def patient_server() -> AsyncIterator[int]:
    """uvicorn's protocol as `manage.py run` names it, around the real application."""
    config = Config(application, http=PatientProtocol, log_config=None)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: PatientProtocol(config, state, {}), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_half_a_request_is_not_waited_for_and_a_whole_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    set_limit(monkeypatch, handshake_seconds=0.4)
    before = count(Limit.HANDSHAKE)
    async with patient_server() as port, asyncio.timeout(5):
        open_ones = []
        for said in (
            b"",
            b"GET /ws/v1 HT",
            b"GET /ws/v1 HTTP/1.1\r\nHost: localhost:8000\r\nUpgrade: websocket\r\n",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(said)
            open_ones.append((reader, writer))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost:8000\r\n\r\n")
            assert (await reader.readuntil(b"ok\n")).startswith(b"HTTP/1.1 200")
        # A second request of the same connection that never ends.
        writer.write(b"GET /healthz HTTP/1.1\r\n")
        for waiting, _ in [*open_ones, (reader, writer)]:
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await waiting.readexactly(1)
    assert count(Limit.HANDSHAKE) == before + 4


async def write_on(writer: asyncio.StreamWriter, said: bytes) -> None:
    for _ in range(1000):
        writer.write(said)
        await writer.drain()


@pytest.mark.parametrize("unended", [b"a" * 2**16, b"x: y\r\n" * 2**13], ids=["one line", "many headers"])
async def test_headers_without_an_end_are_not_read_on(unended: bytes) -> None:
    before = count(Limit.HANDSHAKE)
    async with patient_server() as port, asyncio.timeout(settings.LIMITS.handshake_seconds / 2):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost:8000\r\nX-Long: ")
        with pytest.raises(ConnectionError):
            await write_on(writer, unended)
        # As much, but with its ends: a body counts for nothing.
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(b"POST /healthz HTTP/1.1\r\nHost: localhost:8000\r\nContent-Length: 400000\r\n\r\n")
            writer.write(bytes(400_000))
            await reader.readuntil(b"HTTP/1.1 403 Forbidden\r\n")
    assert count(Limit.HANDSHAKE) == before + 1
