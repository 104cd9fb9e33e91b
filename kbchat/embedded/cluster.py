"""The embedded servers as a program sees them: attach to those that run, or start them.

No process owns the servers for others: a keeper does, for as long as at least one `Cluster` is open anywhere.
So a short `manage.py` command may start them, `make run` may come and go meanwhile, and the last to leave
ends them.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import kbchat
from kbchat.embedded.database import APPLICATION_ROLE, DATABASE, OWNER_ROLE, WORKER_ROLE
from kbchat.embedded.errors import EmbeddedError
from kbchat.embedded.file_lock import FileLock, held_alone
from kbchat.embedded.folder import Credentials, DataFolder
from kbchat.embedded.postgres import superuser_conninfo
from kbchat.embedded.redis import SOCKET_NAME

_POLL_SECONDS = 0.02
# Creating the database on a slow disk, by somebody else who came first.
_OTHER_STARTER_SECONDS = 300.0
_STOPPING_KEEPER_SECONDS = 15.0
_SEE_SERVERS_END_SECONDS = 5.0
# What a keeper may know of the environment it is started from; nothing else in it concerns the servers.
_KEEPER_ENVIRONMENT = ("PATH", "HOME", "LANG", "TMPDIR", "XDG_RUNTIME_DIR", "LD_LIBRARY_PATH")


@dataclass(slots=True)
class Cluster:
    """Running embedded servers, held until `close`, the end of a `with` block, or the end of the process.

    Processes forked from this one without exec hold them too.
    """

    sockets: Path
    logs: Path
    _credentials: Credentials
    _folder: DataFolder
    _lease: FileLock
    _keeper_pid: int | None
    _opened_by: int = field(default_factory=os.getpid)

    @property
    def database_url(self) -> str:
        """The application role: web and answers."""
        return self._url(APPLICATION_ROLE, self._credentials.application_password)

    @property
    def owner_database_url(self) -> str:
        """The role that owns the database: migrations."""
        return self._url(OWNER_ROLE, self._credentials.owner_password)

    @property
    def worker_database_url(self) -> str:
        """The role of the workers."""
        return self._url(WORKER_ROLE, self._credentials.worker_password)

    @property
    def redis_url(self) -> str:
        """For redis-py and channels_redis; Celery spells the same address `redis+socket://`."""
        return f"unix://:{self._credentials.redis_password}@{quote(str(self.sockets / SOCKET_NAME))}"

    @property
    def superuser_conninfo(self) -> str:
        """A libpq string for the superuser: tests that make databases of their own, making a dump and restoring it."""
        return superuser_conninfo(self.sockets, self._credentials)

    def _url(self, role: str, password: str) -> str:
        return f"postgresql://{role}:{password}@{quote(str(self.sockets), safe='')}/{DATABASE}"

    def is_alive(self) -> bool:
        """Whether the keeper still looks after the servers. False only when something killed it."""
        return _keeper_lives(self._folder)

    def close(self) -> None:
        """Let the servers go. Whoever was the last waits a few seconds for them to end. May be repeated."""
        if self._lease.is_closed:
            return
        # A forked process shares the lock with the one it was forked from, and must not change it.
        was_last = self._opened_by == os.getpid() and self._lease.take_alone()
        self._lease.close()
        if was_last:
            _wait(lambda: not _keeper_lives(self._folder), _SEE_SERVERS_END_SECONDS)
        self._reap()

    def _reap(self) -> None:
        """A keeper that this process started is its child, and would stay as a zombie."""
        pid, self._keeper_pid = self._keeper_pid, None
        if pid is None:
            return
        patience = 0.0 if self.is_alive() else 1.0
        with contextlib.suppress(ChildProcessError):
            _wait(lambda: os.waitpid(pid, os.WNOHANG)[0] != 0, patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def attach_or_start(data_dir: Path, *, announce: Callable[[str], None] = lambda words: None) -> Cluster:
    """Attach to the embedded servers of `data_dir`, starting them first when they do not run.

    Several processes may do this at once; one starts the servers, the others wait for it. `announce` is told
    when something slow begins. Raises EmbeddedError with the reason and the next step.
    """
    folder = DataFolder.open(data_dir)
    busy = f"Another process has been starting the servers in {data_dir} for {_OTHER_STARTER_SECONDS:.0f} s."
    with (
        held_alone(folder.starting_lock, wait_seconds=_OTHER_STARTER_SECONDS, busy=busy),
        contextlib.ExitStack() as given_back_on_error,
    ):
        lease = FileLock(folder.holders_lock)
        given_back_on_error.callback(lease.close)
        if not _wait(lease.take_shared, _STOPPING_KEEPER_SECONDS):
            raise EmbeddedError(f"The servers in {data_dir} do not end.", next_step="Try again in a minute.")
        keeper_pid = None
        sockets = folder.running_sockets() if _keeper_lives(folder) else None
        if sockets is None:
            if not folder.postgres.exists():
                announce("Creating the embedded database (once, a few seconds).")
            keeper_pid = _start_keeper(folder)
            sockets = folder.running_sockets()
        if sockets is None:
            raise EmbeddedError("The embedded servers ended at once.", next_step=f"See {folder.logs}.")
        cluster = Cluster(sockets, folder.logs, folder.credentials(), folder, lease, keeper_pid)
        given_back_on_error.pop_all()
        return cluster


def _keeper_lives(folder: DataFolder) -> bool:
    probe = FileLock(folder.keeper_lock)
    try:
        return not probe.take_shared()
    finally:
        probe.close()


def _start_keeper(folder: DataFolder) -> int:
    """Start a keeper and wait for its report; returns its process id. Raises EmbeddedError."""
    project = str(Path(kbchat.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, (project, os.environ.get("PYTHONPATH"))))
    environment = {name: os.environ[name] for name in _KEEPER_ENVIRONMENT if name in os.environ}
    reading, writing = os.pipe()
    log = folder.open_log(folder.logs / "keeper.log")
    try:
        # Not subprocess: the keeper is meant to outlive this process, without a warning that it does.
        keeper_pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-P", "-m", "kbchat.embedded.keeper", str(folder.root.parent)],
            {**environment, "PYTHONPATH": path},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, writing, 1),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
            ],
            setsid=True,
        )
    finally:
        os.close(writing)
        log.close()
    with os.fdopen(reading) as pipe:
        line = pipe.readline()
    report = json.loads(line) if line else {"problem": "The embedded servers did not start."}
    if report.get("ready"):
        return keeper_pid
    os.waitpid(keeper_pid, 0)
    raise EmbeddedError(report["problem"], next_step=report.get("next_step", f"See {folder.logs}."))


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll until `condition` holds or the time is up; returns whether it held."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
