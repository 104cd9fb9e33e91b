"""The process that owns the embedded servers: they live as long as somebody uses them, and no longer.

`python -m kbchat.embedded.keeper DATA_DIR`, started by `cluster.attach_or_start` in a session of its own.
Whoever uses the servers shares the holders' lock; the kernel gives it back however he ends, and the keeper,
which waits for it alone, then stops the servers. Its standard output carries one line to the process that
started it: ready, or why not.
"""

import contextlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from kbchat.embedded.database import RolePasswords, ensure_database
from kbchat.embedded.errors import EmbeddedError
from kbchat.embedded.file_lock import FileLock, held_alone
from kbchat.embedded.folder import Credentials, DataFolder
from kbchat.embedded.lifeline import Child, Lifeline
from kbchat.embedded.postgres import EmbeddedPostgres, superuser_conninfo
from kbchat.embedded.redis import EmbeddedRedis
from kbchat.embedded.server import EmbeddedServer

_POLL_SECONDS = 0.1
# A keeper that is stopping its servers gives the folder up within its own limits, below.
_PREDECESSOR_SECONDS = 15.0
_STOP_SECONDS = 2.5
_HURRIED_STOP_SECONDS = 0.5
# A service manager signals all at once: those who use the servers are given this long to leave first.
_HOLDERS_LEAVE_SECONDS = 7.0
_RESTART_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 10.0


class Keeper:
    """Runs the servers of one data folder. `holders` is not taken through this object yet."""

    def __init__(self, folder: DataFolder, holders: FileLock) -> None:
        self._folder = folder
        self._holders = holders
        self._unused = threading.Event()
        self._is_starting = True
        self._leave_at: float | None = None
        self._running: list[tuple[EmbeddedServer, Child]] = []

    def run(self) -> None:
        """Start, look after and stop the servers. Raises EmbeddedError when they cannot be started."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_leave)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        identity = self._folder.server_identity()
        credentials = self._folder.credentials()
        sockets = self._folder.socket_folder(identity)
        servers: tuple[EmbeddedServer, ...] = (
            EmbeddedPostgres(self._folder, credentials, sockets=sockets, identity=identity),
            EmbeddedRedis(self._folder, credentials, sockets=sockets, identity=identity),
        )
        threading.Thread(target=self._wait_until_unused, daemon=True).start()
        with Lifeline() as lifeline:
            try:
                for server in servers:
                    server.prepare(lifeline)
                    self._running.append((server, server.start(lifeline)))
                _ensure_application_database(sockets, credentials)
                self._is_starting = False
                self._folder.declare(sockets, ready=True)
                _report({"ready": True})
                self._look_after(lifeline)
            finally:
                self._is_starting = False
                self._folder.declare(sockets, ready=False)
                self._stop()
                self._folder.remove_socket_folder()

    def _ask_to_leave(self, number: int, frame: FrameType | None) -> None:
        if self._is_starting:
            raise EmbeddedError("The start of the servers was called off.", next_step="Start again.")
        if self._leave_at is None:
            self._leave_at = time.monotonic() + _HOLDERS_LEAVE_SECONDS

    def _look_after(self, lifeline: Lifeline) -> None:
        """Restart what crashes, until nobody uses the servers, or a signal said to leave and time is up."""
        while not self._unused.wait(_POLL_SECONDS):
            if self._has_to_leave:
                return
            for place, (server, child) in enumerate(self._running):
                if child.exit_code is not None:
                    _log(f"{server.name} ended with code {child.exit_code}; starting it again")
                    child.kill_group()
                    if (again := self._started_again(server, lifeline)) is None:
                        return
                    self._running[place] = (server, again)

    def _started_again(self, server: EmbeddedServer, lifeline: Lifeline) -> Child | None:
        """However often it takes: a disk that is full has room again some time. None where nobody waits any more."""
        pause = _RESTART_PAUSE_SECONDS
        while not self._unused.wait(pause) and not self._has_to_leave:
            try:
                server.prepare(lifeline)
                return server.start(lifeline)
            except EmbeddedError as error:
                _log(str(error))
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        return None

    @property
    def _has_to_leave(self) -> bool:
        return self._leave_at is not None and time.monotonic() > self._leave_at

    def _wait_until_unused(self) -> None:
        # Never given back: whoever comes now waits for this process to be gone, then starts another keeper.
        self._holders.wait_alone()
        self._unused.set()
        if self._is_starting:
            # Whoever wanted them was killed; the main thread may be waiting for a slow server.
            os.kill(os.getpid(), signal.SIGTERM)

    def _stop(self) -> None:
        """All at once, politely, then less so. What is killed recovers from its log at the next start."""
        children = [child for _, child in self._running]
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + _STOP_SECONDS
        for child in children:
            if not child.wait(deadline - time.monotonic()):
                child.process.send_signal(signal.SIGQUIT)
        deadline += _HURRIED_STOP_SECONDS
        for child in children:
            child.wait(deadline - time.monotonic())
            child.kill_group()


def _ensure_application_database(sockets: Path, credentials: Credentials) -> None:
    ensure_database(
        superuser_conninfo(sockets, credentials),
        RolePasswords(
            owner=credentials.owner_password,
            application=credentials.application_password,
            worker=credentials.worker_password,
        ),
    )


def _report(message: dict[str, object]) -> None:
    """The one line to the starter. Once he is gone, nobody holds the lock and the keeper leaves by itself."""
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), json.dumps(message).encode() + b"\n")
    # Let the starter see the end of the pipe, and nothing else write there.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def _log(words: str) -> None:
    sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {words}\n")


def main(data_dir: Path) -> int:
    os.chdir("/")
    try:
        folder = DataFolder.open(data_dir)
        with held_alone(
            folder.keeper_lock,
            wait_seconds=_PREDECESSOR_SECONDS,
            busy=f"The servers in {data_dir} are still being stopped.",
        ):
            Keeper(folder, FileLock(folder.holders_lock)).run()
    except EmbeddedError as error:
        _log(str(error))
        _report({"ready": False, "problem": error.problem, "next_step": error.next_step})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
