"""What reaches a model's server that deploy/vllm/start.sh started, over a real socket: what kbchat asks, and no more.

The server behind the list is a stand-in that answers everything; tests/vllm asks the same of a real one.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from deploy.vllm.allowed_calls import ALLOWED, ASKED_BY_KBCHAT, ASKED_BY_OPERATORS, AllowedCalls
from kbchat.inference.openai_language_model import OpenAILanguageModel
from kbchat.inference.ports import Sampling
from kbchat.inference.served_embedder import ServedEmbedder
from kbchat.inference.served_reranker import ServedReranker
from kbchat.settings.environment import PROJECT_ROOT
from tests.contracts.language_model_contract import PROMPT, deadline
from tests.contracts.server_process import MODEL, ScriptedServer
from tests.waiting import wait_until

_STAND_IN = Path(__file__).with_name("vllm_stand_in.py")
_START_SECONDS = 30
_UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}

# Doors of vLLM 0.32, with those of its development mode, and addresses that another reader might take for allowed ones.
OTHER_DOORS = [
    ("POST", "/pause"),
    ("POST", "/resume"),
    ("POST", "/sleep"),
    ("POST", "/wake_up"),
    ("POST", "/collective_rpc"),
    ("POST", "/reset_prefix_cache"),
    ("POST", "/scale_elastic_ep"),
    ("POST", "/invocations"),
    ("GET", "/ping"),
    ("POST", "/v1/load_lora_adapter"),
    ("POST", "/v1/unload_lora_adapter"),
    ("POST", "/v1/responses"),
    ("GET", "/v1/responses/resp_1"),
    ("POST", "/v1/messages"),
    ("POST", "/inference/v1/generate"),
    ("POST", "/pooling"),
    ("POST", "/score"),
    ("GET", "/server_info"),
    ("GET", "/tokenizer_info"),
    ("GET", "/version"),
    ("GET", "/load"),
    ("GET", "/docs"),
    ("GET", "/openapi.json"),
    ("GET", "/"),
]
OTHER_WAYS = [
    ("GET", "/v1/chat/completions"),
    ("POST", "/v1/models"),
    ("HEAD", "/health"),
    ("OPTIONS", "/v1/chat/completions"),
    ("DELETE", "/v1/models"),
    ("post", "/v1/chat/completions"),
    ("POST", "/V1/chat/completions"),
    ("POST", "/v1/chat/completions/"),
    ("POST", "//v1/chat/completions"),
    ("POST", "/v1//chat/completions"),
    ("POST", "/v1/./chat/completions"),
    ("POST", "/v1/models/../chat/completions"),
    ("POST", "/v1/chat/completions/../../../pause"),
    ("POST", "/v1/chat/completions;/pause"),
    ("POST", "/v1/chat/completions%00"),
    ("POST", "/v1/chat/completion%73"),
    ("POST", "/v1%2fchat/completions"),
    ("POST", "/v1/%2e%2e/pause"),
    ("GET", "/metrics/"),
    ("GET", "/health%20"),
    ("GET", "/%2fhealth"),
]


class Started:
    """start.sh with a `vllm` that is the stand-in. A context manager: answering inside, ended behind it."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._folder, self._arguments = folder, arguments
        self._told = folder / "told"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])

    def __enter__(self) -> Self:
        command = self._folder / "vllm"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{_STAND_IN}" "$@"\n')
        command.chmod(0o755)
        environment = os.environ | {
            "PATH": f"{self._folder}{os.pathsep}{os.environ['PATH']}",
            "VLLM_PORT": str(self._port),
            "VLLM_USE_RUST_FRONTEND": "1",
            "VLLM_DEBUG_LOG_API_SERVER_RESPONSE": "true",
        }
        environment.pop("PYTHONPATH", None)
        with self._told.open("wb") as told:
            self._process = subprocess.Popen(
                [PROJECT_ROOT / "deploy" / "vllm" / "start.sh", "model", *self._arguments],
                stdout=told,
                env=environment,
                cwd=self._folder,
            )
        wait_until(self._listens, _START_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)

    def _listens(self) -> bool:
        assert self._process.poll() is None, "it did not start"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    @property
    def told(self) -> list[Any]:
        """What it was started with, and then what reached the app."""
        return [json.loads(line) for line in self._told.read_text().splitlines()]

    def ask(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request(method, path, body.encode() or None, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("vllm with a space")
    with Started(folder, "--enable-log-requests") as running:
        yield running


async def test_the_list_is_what_the_adapters_ask(server: ScriptedServer) -> None:
    """The scripted server is closed to all else, so in every test a call that is missing here fails."""
    server.script(default={"reply": "15 days", "labels": {"yes": 0.9, "no": 0.1}})
    model = OpenAILanguageModel(server.base_url, model=MODEL)
    async for _ in model.stream(PROMPT, Sampling(max_tokens=5), deadline=deadline()):
        pass
    await model.label_probabilities(PROMPT, ["yes", "no"])
    await model.count_tokens(["Leave"])
    await model.close()
    embedder = ServedEmbedder(server.base_url, model=MODEL)
    embedder.embed_queries(["Leave"])
    embedder.count_tokens(["Leave"])
    embedder.close()
    reranker = ServedReranker(server.base_url)
    reranker.relevance("Leave?", ["Leave", "Canteen"])
    reranker.close()
    assert {(seen["method"], seen["path"]) for seen in server.requests()} == ASKED_BY_KBCHAT


@pytest.mark.parametrize(("method", "path"), sorted(ALLOWED))
def test_what_is_listed_passes_untouched(started: Started, method: str, path: str) -> None:
    body = '{"prompt": "年假"}' if method == "POST" else ""
    assert started.ask(method, path, body) == (200, "one two")
    assert started.told[-1] == ["http", method, path, body]


@pytest.mark.parametrize(("method", "path"), OTHER_DOORS + OTHER_WAYS)
def test_everything_else_is_not_found_and_reaches_nothing(started: Started, method: str, path: str) -> None:
    before = len(started.told)
    status, said = started.ask(method, path, "{}" if method == "POST" else "")
    # What is no HTTP is refused by uvicorn itself.
    assert status in ({400, 404} if method == "post" else {404})
    assert "one" not in said
    assert len(started.told) == before


@pytest.mark.parametrize("path", ["/v1/realtime", *sorted({path for _, path in ALLOWED})])
def test_no_websocket_is_opened(started: Started, path: str) -> None:
    before = len(started.told)
    assert started.ask("GET", path, headers=_UPGRADE)[0] == 404
    assert len(started.told) == before


@pytest.mark.parametrize("path", ["/pause", "/v1/models"])
async def test_a_server_that_cannot_answer_a_websocket_closes_it(path: str) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await AllowedCalls(_never)({"type": "websocket", "path": path, "raw_path": path.encode()}, _never, send)
    assert sent == [{"type": "websocket.close"}]


async def test_a_server_that_does_not_tell_how_a_path_was_sent_gets_nothing_through() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    method, path = next(iter(ASKED_BY_OPERATORS))
    await AllowedCalls(_never)({"type": "http", "method": method, "path": path}, _never, send)
    assert sent[0]["status"] == 404


async def _never(*_: object) -> Any:
    raise AssertionError("reached")


def test_neither_prompts_nor_answers_are_logged_whatever_is_asked_for(started: Started) -> None:
    assert started.told[0] == {
        "logs": False,
        "VLLM_USE_RUST_FRONTEND": "0",
        "VLLM_DEBUG_LOG_API_SERVER_RESPONSE": "0",
    }
