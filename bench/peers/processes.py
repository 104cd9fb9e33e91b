"""The bench's side of a peer: its process in the peers' environment, asked and answered line by line."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final

from bench.peers.protocol import Answer, Fill, Leg, Open, Place, Search, line_of, message_in

_PROJECT: Final = Path(__file__).parents[2]
# Neither reports to its makers, nor is any of it asked to trace.
_QUIET: Final = {
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "LANGSMITH_TRACING": "false",
    "ANONYMIZED_TELEMETRY": "False",
}


@dataclass(frozen=True, slots=True)
class Process:
    name: str
    _child: "subprocess.Popen[str]"

    def fill(self, folder: Path) -> float:
        """Seconds inside the library. Raises RuntimeError with what the library raised."""
        return self._asked(Fill(str(folder))).seconds

    def search(
        self, question: str, vector: list[float], *, k: int, groups: Sequence[str] = (), leg: Leg = "hybrid"
    ) -> Answer:
        """Raises RuntimeError with what the library raised."""
        return self._asked(Search(question, vector, k, [*groups], leg))

    def _asked(self, message: Fill | Search) -> Answer:
        # A process that has ended takes nothing, or says nothing more.
        with suppress(BrokenPipeError):
            _pipe(self._child.stdin).write(line_of(message))
            _pipe(self._child.stdin).flush()
        line = _pipe(self._child.stdout).readline()
        if not line:
            raise RuntimeError(f"{self.name} ended; its log says why.")
        answer = message_in(line)
        assert isinstance(answer, Answer), answer
        if answer.problem:
            raise RuntimeError(f"{self.name}: {answer.problem}")
        return answer


@contextmanager
def running(python: Path, name: str, place: Place, logs: Path) -> Iterator[Process]:
    """The peer `name` over a table of its own in `place`, until the block ends. The password goes by the pipe, never by
    the command."""
    logs.mkdir(parents=True, exist_ok=True)
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    with (
        (logs / f"{name}.log").open("a") as log,
        subprocess.Popen(
            [str(python), "-m", "bench.peers.child", name],
            cwd=_PROJECT, env=environment | _QUIET, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            text=True, encoding="utf-8",
        ) as child,
    ):  # fmt: skip
        own = replace(place, table=f"{name}_{place.table}")
        _pipe(child.stdin).write(line_of(Open(own)))
        try:
            yield Process(name, child)
        finally:
            with suppress(BrokenPipeError):
                _pipe(child.stdin).close()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe
