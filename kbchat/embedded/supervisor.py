"""Keeps the processes of the one command running: starts, restarts, shows their output, and ends them in
order.

Knows nothing of what the processes do. Nothing it started outlives it, not even its own SIGKILL (see
`lifeline.py`).
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from kbchat.embedded.lifeline import Child, Lifeline

_POLL_SECONDS = 0.1
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
# A process that lived this long is taken to be sound: its next crash starts the pauses anew.
_SOUND_SECONDS = 30.0
_LAST_LINES_SECONDS = 0.2
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# One request can arrive as several signals: `make` passes on the SIGTERM that its whole group got, `timeout` signals
# the process and its group. A person presses Ctrl-C a second time no sooner than this.
_SAME_REQUEST_SECONDS = 1.0
_SAME_KEY_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """A process to keep running. `env` is added to this process's environment.

    `ready_check` tells, cheaply and from any thread, whether the process does its work; it may take a second
    and may raise OSError for "not yet". With `after_ready` the process is started when all ready checks have passed;
    with `once` it is left alone when it has ended. With `stops_beside_previous` it is asked to stop at the same time as
    the one before it in the list. Where its `work_is_done_again`, nothing is said when it is killed for not stopping
    in time. `unsaid` are lines of its output that tell nobody anything.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    stop_grace_seconds: float = 2.0
    ready_check: Callable[[], bool] | None = None
    after_ready: bool = False
    once: bool = False
    stops_beside_previous: bool = False
    work_is_done_again: bool = False
    unsaid: Collection[str] = ()


@dataclass(slots=True)
class _Kept:
    """One process being kept: its current child, and when a crashed one is started again."""

    spec: ProcessSpec
    child: Child | None = None
    output: threading.Thread | None = None
    quick_crashes: int = 0
    start_at: float = 0.0
    is_over: bool = False


class Supervisor:
    """Runs `processes`, started and stopped in the order given. Use from the main thread.

    `on_ready` is called once, when every ready check has passed. `still_served` is asked now and then; when
    it turns False (the embedded servers are gone) everything is stopped. `write` gets each line of output,
    without its end. All processes are gone `stop_within_seconds` after a stop was asked for; a second request
    kills them at once.
    """

    def __init__(
        self,
        processes: Sequence[ProcessSpec],
        *,
        on_ready: Callable[[], None] = lambda: None,
        still_served: Callable[[], bool] = lambda: True,
        write: Callable[[str], None] | None = None,
        stop_within_seconds: float = 6.5,
    ) -> None:
        self._kept = [_Kept(spec) for spec in processes]
        self._on_ready = on_ready
        self._still_served = still_served
        self._write = write or _write_to_stdout
        self._stop_within_seconds = stop_within_seconds
        self._width = max((len(spec.name) for spec in processes), default=0)
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._stop_asked_at: float | None = None
        self._is_urgent = False

    def run(self) -> int:
        """Run until SIGINT, SIGTERM or SIGHUP (returns 0), or until the ground is gone (returns 1)."""
        before = {number: signal.signal(number, self._request_stop) for number in _STOP_SIGNALS}
        try:
            with Lifeline() as lifeline:
                try:
                    return self._keep_running(lifeline)
                finally:
                    self._stop_all()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._stop_asked_at is None:
            self._stop_asked_at = now
        else:
            same_seconds = _SAME_KEY_SECONDS if number == signal.SIGINT else _SAME_REQUEST_SECONDS
            self._is_urgent |= now - self._stop_asked_at > same_seconds
        self._stopping.set()

    def _keep_running(self, lifeline: Lifeline) -> int:
        threading.Thread(target=self._watch_readiness, daemon=True).start()
        announced = False
        while not self._stopping.is_set():
            for kept in self._kept:
                self._look_at(kept, lifeline)
            if self._ready.is_set() and not announced:
                announced = True
                self._on_ready()
            if not self._still_served():
                self._say("the embedded servers are gone; stopping")
                return 1
            self._stopping.wait(_POLL_SECONDS)
        return 0

    def _look_at(self, kept: _Kept, lifeline: Lifeline) -> None:
        """Start what is due, and plan the next start of what has crashed."""
        child = kept.child
        if child is None:
            waits = kept.is_over or (kept.spec.after_ready and not self._ready.is_set())
            if not waits and time.monotonic() >= kept.start_at:
                self._start(kept, lifeline)
            return
        if child.exit_code is None:
            return
        lived_seconds = time.monotonic() - child.started_at
        child.kill_group()
        kept.child = None
        if kept.spec.once:
            kept.is_over = True
            if child.exit_code:
                self._say(f"{kept.spec.name} failed ({_in_words(child.exit_code)})")
            return
        kept.quick_crashes = 0 if lived_seconds > _SOUND_SECONDS else kept.quick_crashes + 1
        pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** max(0, kept.quick_crashes - 1))
        kept.start_at = time.monotonic() + pause
        self._say(f"{kept.spec.name} ended ({_in_words(child.exit_code)}); starting it again in {pause:g} s")

    def _start(self, kept: _Kept, lifeline: Lifeline) -> None:
        spec = kept.spec
        child = lifeline.start(
            spec.argv,
            env=environment_of(spec),
            cwd=spec.cwd,
            output=subprocess.PIPE,
            grace_seconds=spec.stop_grace_seconds,
        )
        kept.child = child
        kept.output = threading.Thread(target=self._show_output, args=(spec, child), daemon=True)
        kept.output.start()

    def _show_output(self, spec: ProcessSpec, child: Child) -> None:
        if child.process.stdout is None:
            return
        with child.process.stdout as stream:
            for line in stream:
                words = line.decode(errors="replace").rstrip()
                if words and words not in spec.unsaid:
                    self._write(f"{spec.name:<{self._width}} | {words}")

    def _watch_readiness(self) -> None:
        waiting = [kept.spec.ready_check for kept in self._kept if kept.spec.ready_check is not None]
        while waiting and not self._stopping.wait(_POLL_SECONDS):
            try:
                while waiting and waiting[0]():
                    waiting.pop(0)
            except OSError:
                continue
        if not self._stopping.is_set():
            self._ready.set()

    def _stop_all(self) -> None:
        """One after another, in order (some beside each other), each within its grace and what is left of the whole;
        SIGKILL ends the rest.
        """
        self._stopping.set()
        deadline = time.monotonic() + self._stop_within_seconds
        for together in self._stop_order():
            running = [(kept, kept.child) for kept in together if kept.child is not None]
            for _, child in running:
                child.ask_to_stop()
            asked_at = time.monotonic()
            for kept, child in running:
                self._end(kept, child, min(deadline, asked_at + kept.spec.stop_grace_seconds))

    def _stop_order(self) -> list[list[_Kept]]:
        order: list[list[_Kept]] = []
        for kept in self._kept:
            if kept.spec.stops_beside_previous and order:
                order[-1].append(kept)
            else:
                order.append([kept])
        return order

    def _end(self, kept: _Kept, child: Child, patience_ends_at: float) -> None:
        while not child.wait(min(_POLL_SECONDS, patience_ends_at - time.monotonic())):
            is_late = time.monotonic() >= patience_ends_at
            if is_late and not kept.spec.work_is_done_again:
                self._say(f"{kept.spec.name} did not stop in time and was killed")
            if is_late or self._is_urgent:
                break
        child.kill_group()
        if kept.output is not None:
            # Its last lines; a stranger who inherited the pipe may keep it open, and is not waited for.
            kept.output.join(_LAST_LINES_SECONDS)

    def _say(self, words: str) -> None:
        self._write(f"{'':<{self._width}} | {words}")


def environment_of(spec: ProcessSpec) -> dict[str, str]:
    """What the process is started with."""
    return {**os.environ, "PYTHONUNBUFFERED": "1", **spec.env}


def _in_words(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"by {signal.Signals(-exit_code).name}"
    return f"exit code {exit_code}"


def _write_to_stdout(line: str) -> None:
    # `make run | head`: the reader is gone, the processes stay.
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
