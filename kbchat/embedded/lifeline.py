"""Children that cannot outlive this process, even when it is killed with SIGKILL.

Two nets: each child carries a death signal, set by `launcher.py` after any change of user; and `watcher.py`,
one process for each `Lifeline`, ends the process groups once the pipe to this process closes. Knows nothing
of what it starts.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from kbchat.embedded.identity import Identity

_HERE = Path(__file__).resolve().parent
# Isolated and without site-packages: starts in a few milliseconds and depends on nothing that is being
# installed.
_BARE_PYTHON = (sys.executable, "-I", "-S")


@dataclass(slots=True)
class Child:
    """A running child, the leader of its own process group and session."""

    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals
    started_at: float
    _lifeline: "Lifeline"

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self.process.poll()

    def wait(self, seconds: float) -> bool:
        """Whether it ended within `seconds`."""
        try:
            self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def ask_to_stop(self) -> None:
        """Send the stop signal to the leader, which tells its own children in its own order."""
        if self.exit_code is None:
            self.process.send_signal(self.stop_signal)

    def end(self, grace_seconds: float) -> None:
        """Ask it to stop, wait, then kill whatever is left of its process group."""
        self.ask_to_stop()
        self.wait(grace_seconds)
        self.kill_group()

    def kill_group(self) -> None:
        """Kill the process group and forget it; also once the leader is gone, for what it left behind."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        self._lifeline.forget(self)


class Lifeline:
    """Starts children and ends them with this process. Use from the main thread: a death signal follows the
    thread.

    The kernel sends the death signal when the *thread* that started the child ends, so `start` raises
    RuntimeError in any other thread.
    """

    def __init__(self) -> None:
        self._watcher = subprocess.Popen(
            [*_BARE_PYTHON, str(_HERE / "watcher.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    def start(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        output: int | IO[bytes] | None = None,
        identity: Identity | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace_seconds: float = 3.0,
    ) -> Child:
        """Start `argv` in its own session. `output` takes stdout and stderr (None: those of this process).

        `env` replaces the environment (None: this one's); `identity` asks for a change of user; `stop_signal`
        is sent by `end` and on this process's death; `grace_seconds` is what the watcher then waits before
        SIGKILL.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError(
                "children are started from the main thread: they die with the thread that started them"
            )
        order = {
            "parent": os.getpid(),
            "death_signal": int(stop_signal),
            "become": None
            if identity is None
            else {"uid": identity.uid, "gid": identity.gid, "capabilities": list(identity.capabilities)},
        }
        process = subprocess.Popen(
            [*_BARE_PYTHON, str(_HERE / "launcher.py"), json.dumps(order), *argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
        )
        self._tell(f"+{process.pid} {int(stop_signal)} {grace_seconds}\n")
        return Child(process, stop_signal, time.monotonic(), self)

    def forget(self, child: Child) -> None:
        self._tell(f"-{child.pid}\n")

    def _tell(self, line: str) -> None:
        pipe = self._watcher.stdin
        if pipe is None or pipe.closed:
            return
        try:
            pipe.write(line.encode())
            pipe.flush()
        except BrokenPipeError:
            # The watcher was killed; the death signal still holds.
            pass

    def close(self) -> None:
        """Let the watcher go. It ends any child that was not ended before."""
        if self._watcher.stdin is not None:
            self._watcher.stdin.close()
        self._watcher.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
