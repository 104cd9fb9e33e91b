"""A real vLLM as a process, started as operators start it (deploy/vllm/start.sh), with a tiny model made on the spot.

Needs the environment that deploy/vllm/install_cpu.sh makes; its place is KBCHAT_VLLM_DIR, or var/vllm.
"""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from kbchat.settings.environment import PROJECT_ROOT
from tests.waiting import allowed, wait_until

ENVIRONMENT = Path(os.environ.get("KBCHAT_VLLM_DIR") or PROJECT_ROOT / "var" / "vllm").resolve()
MODEL = "tiny"
_HERE = Path(__file__).parent
_START_SECONDS = 180
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


def is_installed() -> bool:
    return (ENVIRONMENT / "bin" / "vllm").exists()


def by_vllms_python(script: str, *arguments: object, given: object = None) -> Any:
    """What one of this folder's scripts says, as JSON (None where it says nothing); `given` is its input."""
    command = [str(ENVIRONMENT / "bin" / "python"), str(_HERE / script), *map(str, arguments)]
    done = subprocess.run(
        command,
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        env=os.environ | _OFFLINE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout or "null")


class VllmServer:
    """A context manager: started and answering inside, ended and waited for behind it. Its log stands in `folder`."""

    def __init__(self, model: Path, folder: Path, *arguments: str) -> None:
        self._model = model
        self._log = folder / "vllm.log"
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self.root = ""
        self.closings: list[float] = []
        """Seconds from the end of a request at our side until vLLM wrote nothing any more, as tests saw it."""

    @property
    def base_url(self) -> str:
        return f"{self.root}/v1"

    def __enter__(self) -> Self:
        port = _free_port()
        self.root = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            **_OFFLINE,
            "PATH": f"{ENVIRONMENT / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "VLLM_DEVICE": "cpu",
            "VLLM_PORT": str(port),
            "VLLM_NAME": MODEL,
        }
        sizes = ("--max-model-len", "8192", "--kv-cache-memory-bytes", "64M")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [PROJECT_ROOT / "deploy" / "vllm" / "start.sh", self._model, *sizes, *self._arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                # Its engine is a process of its own, which outlives a killed parent.
                start_new_session=True,
            )
        try:
            wait_until(self._answers, _START_SECONDS)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._signal(signal.SIGCONT)
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(20)
            self.kill()

    def kill(self) -> None:
        """As the kernel ends a server that took too much memory."""
        assert self._process is not None
        self._signal(signal.SIGKILL)
        self._process.wait()

    def freeze(self) -> None:
        """Its connections stay open, and nothing comes any more."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def metric(self, name: str) -> float:
        """The sum of a metric of vLLM's own, such as "num_requests_running"."""
        with _DIRECTLY.open(f"{self.root}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        values = [float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"vllm:{name}{{")]
        assert values, f"vLLM has no metric {name}"
        return sum(values)

    @property
    def running(self) -> int:
        """Requests that it writes at this moment."""
        return int(self.metric("num_requests_running"))

    def wait_until_idle(self, *, within_seconds: float = 1.0) -> None:
        """Raises AssertionError where it still writes then."""
        wait_until(lambda: self.running == 0, allowed(within_seconds))

    def writes_nothing_more(self) -> bool:
        """Whether no token is added within a quarter of a second."""
        before = self.metric("generation_tokens_total")
        time.sleep(0.25)
        return self.metric("generation_tokens_total") == before

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"vLLM did not start:\n{self._log.read_text(errors='replace')}"
        try:
            with _DIRECTLY.open(f"{self.root}/health", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
            return False


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
