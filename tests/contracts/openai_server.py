"""A scripted OpenAI-compatible server, as a process of its own so that closing a connection is really seen.

    python -m tests.contracts.openai_server --port 0 --scenario-file scenario.json

Prints "listening PORT" when ready. Beside the API: GET /control/requests (what came, and when each client
left), POST /control/script (a script as in tests/contracts/scenario.py), POST /control/forget. Every answer
closes its connection. It answers the calls that a server behind deploy/vllm/allowed_calls.py answers, and no other.
"""

import argparse
import asyncio
import contextlib
import json
import math
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from deploy.vllm.allowed_calls import ALLOWED
from tests.contracts.openai_replies import (
    ServedVocabulary,
    chat_completion,
    chat_events,
    echo_completion,
    embeddings,
    reranked,
)
from tests.contracts.scenario import Scenario, Script


@dataclass(slots=True)
class Seen:
    """One request as the server saw it. Seconds are of a monotonic clock, counted from the request's
    arrival.
    """

    number: int
    method: str
    path: str
    body: dict[str, Any]
    prompt: str
    status: int = 0
    events: int = 0
    seconds_to_first_event: float | None = None
    finished_after_seconds: float | None = None
    closed_by_client_after_seconds: float | None = None
    arrived: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        return time.monotonic() - self.arrived


class Server:
    def __init__(self, script: Script) -> None:
        self._script = script
        self._vocabulary = ServedVocabulary()
        self._seen: list[Seen] = []
        self._turned_away: dict[int, int] = {}

    async def serve(self, host: str, port: int) -> None:
        server = await asyncio.start_server(self._connection, host, port, limit=1 << 24)
        print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201
        async with server:
            await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            method, path, body = await _request(reader)
            answer = _Answer(writer)
            if path.startswith("/control/"):
                await self._control(method, path, body, answer)
            else:
                seen = Seen(len(self._seen) + 1, method, path, body, _prompt(body))
                await self._watched(seen, reader, answer)
        writer.close()

    async def _watched(self, seen: Seen, reader: asyncio.StreamReader, answer: "_Answer") -> None:
        """Answers until done or until the client leaves, whichever comes first."""
        self._seen.append(seen)
        answer.seen = seen
        answering = asyncio.create_task(self._answer(seen, answer))
        leaving = asyncio.create_task(_gone(reader))
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            leaving.cancel()
            answering.result()
            seen.finished_after_seconds = seen.seconds()
        else:
            seen.closed_by_client_after_seconds = seen.seconds()
            answering.cancel()

    async def _control(self, method: str, path: str, body: dict[str, Any], answer: "_Answer") -> None:
        if (method, path) == ("GET", "/control/requests"):
            await answer.json(200, [asdict(seen) for seen in self._seen])
            return
        if path == "/control/script":
            self._script = Script.from_json(body)
            self._turned_away.clear()
        if path == "/control/forget":
            self._seen.clear()
        await answer.json(200, {})

    async def _answer(self, seen: Seen, answer: "_Answer") -> None:
        script, body = self._script, seen.body
        if (seen.method, seen.path) not in ALLOWED:
            print(f"{seen.method} {seen.path}: not in deploy/vllm/allowed_calls.py", file=sys.stderr)  # noqa: T201
            await answer.json(404, _error("no such path"))
            return
        scenario = script.choose(seen.prompt)
        if self._is_busy(scenario):
            await answer.json(
                scenario.busy_status, _error("busy"), headers={"Retry-After": scenario.retry_after}
            )
            return
        match seen.path:
            case "/v1/models":
                entry = {"id": script.model, "object": "model", "owned_by": script.owner}
                entry["max_model_len"] = script.context_tokens
                await answer.json(200, {"object": "list", "data": [entry]})
            case "/v1/chat/completions":
                await self._chat(seen, scenario, answer)
            case "/v1/completions" if script.log_probabilities:
                await answer.json(200, echo_completion(self._vocabulary, body))
            case "/v1/embeddings":
                await answer.json(200, embeddings(body, scenario))
            case "/rerank" if script.reranks == ("texts" if "texts" in body else "documents"):
                await answer.json(200, reranked(body, scenario))
            case "/rerank" if script.reranks:
                await answer.json(422, _error("missing field"))
            case "/tokenize" if script.tokenizes and (script.templates or "messages" not in body):
                tokens = self._vocabulary.tokenize(body, script.opening)
                await answer.json(200, {"count": len(tokens), "tokens": tokens})
            case "/detokenize" if script.tokenizes:
                await answer.json(200, {"prompt": self._vocabulary.text(body["tokens"])})
            case "/health":
                await answer.json(200, {})
            case _:
                await answer.json(404, _error("no such path"))

    def _is_busy(self, scenario: Scenario) -> bool:
        turned_away = self._turned_away.get(id(scenario), 0)
        self._turned_away[id(scenario)] = turned_away + 1
        return turned_away < scenario.busy_times

    async def _chat(self, seen: Seen, scenario: Scenario, answer: "_Answer") -> None:
        body = seen.body
        if "max_tokens" not in body or body.get("top_logprobs", 0) > 20 or scenario.mode == "refuse":
            await answer.json(400, _error(f"refused: {seen.prompt}"))
        elif scenario.mode == "hang_before_headers":
            await asyncio.sleep(math.inf)
        elif scenario.mode == "error_json":
            await answer.json(200, _error(f"engine died at: {seen.prompt}"))
        elif body.get("stream"):
            await answer.stream(chat_events(body, seen.prompt, scenario), scenario)
        else:
            wanted = body.get("logprobs") and self._script.log_probabilities
            vocabulary = self._vocabulary if wanted else None
            await answer.json(200, chat_completion(vocabulary, body, seen.prompt, scenario))


class _Answer:
    """HTTP/1.1 by hand, because the faults need a hand on every byte."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.seen: Seen | None = None

    async def json(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(content, ensure_ascii=False).encode()
        more = {name: value for name, value in (headers or {}).items() if value}
        self._head(status, {"Content-Type": "application/json", "Content-Length": str(len(data)), **more})
        self._writer.write(data)
        await self._writer.drain()

    async def stream(self, events: AsyncIterator[bytes | None], scenario: Scenario) -> None:
        """Events as chunks; None breaks the connection."""
        self._head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
        await self._writer.drain()
        async for event in events:
            if event is None:
                self._writer.transport.abort()
                return
            if self.seen:
                self.seen.events += 1
                self.seen.seconds_to_first_event = self.seen.seconds_to_first_event or self.seen.seconds()
            size = 1 if scenario.mode == "split_utf8" else len(event)
            for start in range(0, len(event), size):
                piece = event[start : start + size]
                self._writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                await self._writer.drain()
                if size == 1:
                    await asyncio.sleep(0)
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def _head(self, status: int, headers: dict[str, str]) -> None:
        if self.seen:
            self.seen.status = status
        lines = [f"HTTP/1.1 {status} -", "Connection: close", *(f"{k}: {v}" for k, v in headers.items())]
        self._writer.write("\r\n".join([*lines, "", ""]).encode())


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, Any]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
    data = await reader.readexactly(int(headers.get("content-length", 0)))
    body = json.loads(data) if data else {}
    return method, path.partition("?")[0], body if isinstance(body, dict) else {}


async def _gone(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionError):
        while await reader.read(1024):
            pass


def _prompt(body: dict[str, Any]) -> str:
    """All text of a request, for rules and for tests that look for what must not be there."""
    messages = body.get("messages", [])
    return "\n\n".join(message["content"] for message in messages) or str(body.get("prompt", ""))


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "scripted", "code": None}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--scenario-file", type=Path)
    options = parser.parse_args()
    file: Path | None = options.scenario_file
    script = Script.from_json(json.loads(file.read_text(encoding="utf-8"))) if file else Script()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(Server(script).serve(options.host, options.port))


if __name__ == "__main__":
    main()
