"""The scripted server as a process, for tests of anything that talks to a model."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from tests.waiting import allowed

MODEL = "scripted-model"
_ROOT = Path(__file__).parents[2]
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ScriptedServer:
    """A context manager: started and answering inside, ended and waited for behind it."""

    def __init__(self, script: dict[str, Any] | None = None, *, port: int = 0) -> None:
        self._script = script or {}
        self._port = port
        self._process: subprocess.Popen[str] | None = None
        self.root = ""

    @property
    def base_url(self) -> str:
        return f"{self.root}/v1"

    @property
    def as_language_model(self) -> dict[str, str]:
        """Settings by which kbchat asks this server for its answers."""
        return {"KBCHAT_LLM_BASE_URL": self.base_url, "KBCHAT_LLM_MODEL": MODEL}

    @property
    def as_encoder(self) -> dict[str, str]:
        """Settings by which kbchat asks this server for its vectors: none of its processes loads a model, which takes
        each of them five seconds of a processor."""
        return {"KBCHAT_EMBEDDING_BASE_URL": self.base_url, "KBCHAT_EMBEDDING_MODEL": MODEL}

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.contracts.openai_server", "--port", str(self._port)]
        self._process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        word, _, port = self._process.stdout.readline().strip().partition(" ")
        assert word == "listening", "the scripted server did not start"
        self.root = f"http://127.0.0.1:{port}"
        self.script(**self._script)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            assert self._process.stdout is not None
            self._process.stdout.close()

    def script(self, **script: Any) -> None:
        """Replaces the script (tests/contracts/scenario.py) and forgets the requests so far."""
        self._call("POST", "/control/script", script)
        self._call("POST", "/control/forget", {})

    def requests(self, path: str = "") -> list[dict[str, Any]]:
        """What the server has seen, oldest first; of one path if given. Fields: openai_server.Seen."""
        seen: list[dict[str, Any]] = self._call("GET", "/control/requests")
        return [request for request in seen if request["path"] == path or not path]

    def wait_for(
        self, condition: Callable[[dict[str, Any]], bool], seconds: float = allowed(1.0)
    ) -> dict[str, Any]:
        """The last request, once `condition` holds for it. Raises AssertionError when it does not in time."""
        end = time.monotonic() + seconds
        while True:
            requests = self.requests()
            if requests and condition(requests[-1]):
                return requests[-1]
            assert time.monotonic() < end, f"not seen within {seconds} s: {requests[-1:]}"
            time.sleep(0.02)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data=data, method=method)  # noqa: S310
        with _DIRECTLY.open(request, timeout=10) as answer:
            return json.load(answer)
