"""A proxy that remembers who was called and lets nobody answer; it stands in for the internet of a browser."""

import asyncio
import contextlib
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

HOST = "page.test"
"""The one host that it serves itself, with `pages`."""


# What Chromium asks for by itself, whatever page is open.
_OF_THE_BROWSER = ("content-autofill.googleapis.com:443",)


class RecordingProxy:
    """A context manager. `called`: every request that left the browser, oldest first. `pages`: by path, a page of its
    own host and the headers it comes with. `through`: the one host and port that is reached by it."""

    def __init__(self, through: str = "") -> None:
        self._through = through
        self.called: list[str] = []
        self.pages: dict[str, tuple[Mapping[str, str], str]] = {}
        self.address = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        starting = asyncio.start_server(self._answer, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(10)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(_end_the_others(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            line = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0].decode("latin-1")
            method, target, _ = line.split(" ", 2)
            if (method, target) == ("CONNECT", self._through):
                await _tunnel(reader, writer, target)
            else:
                writer.write(self._reply(method, target))
                await writer.drain()
        writer.close()

    def _reply(self, method: str, target: str) -> bytes:
        parts = urlsplit(target)
        if method != "CONNECT" and parts.hostname == HOST:
            return _page(*self.pages.get(parts.path, ({}, "")))
        if target not in _OF_THE_BROWSER:
            self.called.append(f"{method} {target}")
        return b"HTTP/1.1 204 -\r\nConnection: close\r\n\r\n"


async def _tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: str) -> None:
    host, _, port = target.rpartition(":")
    back, there = await asyncio.open_connection(host, int(port))
    writer.write(b"HTTP/1.1 200 -\r\n\r\n")
    await asyncio.gather(_pour(reader, there), _pour(back, writer))


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while piece := await source.read(65536):
        sink.write(piece)
        await sink.drain()
    sink.close()


async def _end_the_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _page(headers: Mapping[str, str], html: str) -> bytes:
    body = html.encode()
    usual = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    lines = [f"{name}: {value}" for name, value in (usual | dict(headers)).items()]
    return "\r\n".join(["HTTP/1.1 200 -", *lines, "", ""]).encode() + body
