"""What the embedded servers have in common: a log, an environment of their own, and orphans to look for."""

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from kbchat.embedded.errors import EmbeddedError
from kbchat.embedded.folder import DataFolder
from kbchat.embedded.identity import Identity, processes_in
from kbchat.embedded.lifeline import Child, Lifeline

_ORPHAN_SECONDS = 10.0


class EmbeddedServer(Protocol):
    """A server the keeper runs: prepared once, then started, looked after and stopped."""

    name: str

    def prepare(self, lifeline: Lifeline) -> None:
        """Make its folder fit to start from. Raises EmbeddedError."""

    def start(self, lifeline: Lifeline) -> Child:
        """Start it and wait until it answers. Raises EmbeddedError."""


def server_environment(sockets: Path) -> dict[str, str]:
    """No variable of the caller reaches a server: PG* would redirect it, and the rest may hold secrets."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "HOME": str(sockets), "TMPDIR": "/tmp"}  # noqa: S108


def start_with_log(
    lifeline: Lifeline,
    argv: Sequence[str],
    *,
    folder: DataFolder,
    log: Path,
    cwd: Path,
    sockets: Path,
    identity: Identity | None,
    stop_signal: signal.Signals,
) -> Child:
    """Start a server with its output appended to `log`."""
    with folder.open_log(log) as output:
        return lifeline.start(
            argv,
            env=server_environment(sockets),
            cwd=cwd,
            output=output,
            identity=identity,
            stop_signal=stop_signal,
        )


def end_orphans(folder: Path, name: str) -> None:
    """End servers left in `folder` by a keeper that is gone. Call only while holding the keeper's lock.

    Raises EmbeddedError when one will not go.
    """
    deadline = time.monotonic() + _ORPHAN_SECONDS
    number = signal.SIGINT
    while orphans := processes_in(folder):
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"An old {name} still works in {folder} (process {orphans[0]}).",
                next_step="End it, then start again.",
            )
        for pid in orphans:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
            except PermissionError:
                break
        time.sleep(0.2)
        if time.monotonic() > deadline - _ORPHAN_SECONDS / 2:
            number = signal.SIGKILL


def last_lines(log: Path, count: int = 5) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return " / ".join(lines[-count:])
