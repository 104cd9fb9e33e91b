"""The folder of the embedded servers: what lies where, to whom it belongs, and its secrets.

Everything is under `<data folder>/embedded`; no permission outside the data folder is ever changed. Under
root the servers' own folders belong to an unprivileged id that exists already, the secrets stay root's.
"""

import json
import os
import secrets
import shutil
import stat
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Self

from kbchat.core.private_files import private_file
from kbchat.embedded.errors import EmbeddedError
from kbchat.embedded.identity import Identity

# sockaddr_un.sun_path holds 108 bytes with its closing zero, unix(7).
_LONGEST_SOCKET_PATH_BYTES = 107
# The longer of the two socket names below the folder of sockets; Postgres adds `.lock` to a file, not to a
# socket.
_LONGEST_SOCKET_NAME = ".s.PGSQL.5432"
_LONGEST_LOG_BYTES = 5_000_000
# `nobody` wherever an id is needed that owns nothing else.
_NOBODY = 65534
_CHOOSE_ANOTHER = "Set KBCHAT_DATA_DIR to a folder of your own, or run as the user who owns this one."


@dataclass(frozen=True, slots=True)
class Credentials:
    """Passwords of the embedded servers, made once for a data folder. Never logged."""

    superuser_password: str
    owner_password: str
    application_password: str
    worker_password: str
    redis_password: str

    @classmethod
    def fresh(cls) -> Self:
        return cls(*(secrets.token_urlsafe(24) for _ in range(5)))

    def __repr__(self) -> str:
        return "Credentials(…)"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths below `root`, which is `<data folder>/embedded`. Make one with `open`."""

    root: Path

    @classmethod
    def open(cls, data_dir: Path) -> Self:
        """Create what is missing. Raises EmbeddedError when the folder cannot be written."""
        folder = cls(data_dir.resolve() / "embedded")
        try:
            folder.root.parent.mkdir(parents=True, exist_ok=True)
            folder._make_private(folder.root)
            # Servers of another id pass through this folder to their own; nobody but its owner lists it.
            folder.root.chmod(0o711 if os.geteuid() == 0 else 0o700)
            folder._make_private(folder.logs)
            for lock in (folder.starting_lock, folder.holders_lock, folder.keeper_lock):
                folder._touch(lock)
        except OSError as error:
            raise EmbeddedError(
                f"Cannot write in {data_dir} ({error.strerror}).", next_step=_CHOOSE_ANOTHER
            ) from error
        return folder

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def starting_lock(self) -> Path:
        """Held by whoever attaches or starts, for that moment."""
        return self.root / "starting.lock"

    @property
    def holders_lock(self) -> Path:
        """Shared by all who use the servers; taken alone by the keeper once nobody does."""
        return self.root / "holders.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper as long as it lives."""
        return self.root / "keeper.lock"

    @property
    def _running_file(self) -> Path:
        return self.root / "running.json"

    def server_identity(self) -> Identity | None:
        """Who the servers run as: None for the current user.

        Under root: the owner of the database files, of the data folder, or `nobody`, the first who is not
        root. Raises EmbeddedError when the database files belong to somebody else and this is not root.
        """
        owners = [path.stat() for path in (self.postgres, self.root.parent) if path.exists()]
        if os.geteuid() != 0:
            if self.postgres.exists() and owners[0].st_uid != os.geteuid():
                raise EmbeddedError(
                    f"The database in {self.root} belongs to user id {owners[0].st_uid}.",
                    next_step=_CHOOSE_ANOTHER,
                )
            return None
        ids = next(((s.st_uid, s.st_gid) for s in owners if s.st_uid != 0), (_NOBODY, _NOBODY))
        return Identity(*ids)

    def credentials(self) -> Credentials:
        """The passwords of this folder; made and written (0600) on the first call. Raises EmbeddedError."""
        path = self.root / "secrets.json"
        try:
            return Credentials(**json.loads(path.read_text()))
        except FileNotFoundError:
            if self.postgres.exists():
                raise EmbeddedError(
                    f"{path} is missing, and with it the passwords of the database beside it.",
                    next_step="Restore the file from a backup, or move the data folder away to begin anew.",
                ) from None
        except (ValueError, TypeError):
            raise EmbeddedError(f"{path} is damaged.", next_step="Restore the file from a backup.") from None
        credentials = Credentials.fresh()
        self._write_private(path, json.dumps(asdict(credentials), indent=1))
        return credentials

    def socket_folder(self, identity: Identity | None) -> Path:
        """A fresh folder of mode 0700 for the sockets, below the data folder or, when it must be, outside it.

        Outside when the path is too long for a socket, or has a comma, with which libpq separates hosts.
        """
        self.remove_socket_folder()
        folder = self.root / "run"
        fits = len(os.fsencode(folder / _LONGEST_SOCKET_NAME)) <= _LONGEST_SOCKET_PATH_BYTES
        if fits and "," not in str(folder):
            folder.mkdir(mode=0o700)
        else:
            folder = Path(tempfile.mkdtemp(prefix="kbchat-", dir=self._runtime_folder()))
        if identity is not None:
            os.chown(folder, identity.uid, identity.gid)
        self.declare(folder, ready=False)
        return folder

    @staticmethod
    def _runtime_folder() -> str:
        """Where a short path can be made. A person's runtime folder is closed to the id root drops to."""
        personal = os.environ.get("XDG_RUNTIME_DIR", "")
        if os.geteuid() != 0 and len(personal) <= 64 and os.access(personal, os.W_OK):
            return personal
        return tempfile.gettempdir()

    def remove_socket_folder(self) -> None:
        """Remove what the last run left, and only that: outside, a private folder that carries our name."""
        sockets = self.running_sockets(ready_only=False)
        self._running_file.unlink(missing_ok=True)
        shutil.rmtree(self.root / "run", ignore_errors=True)
        if sockets is None or not sockets.name.startswith("kbchat-"):
            return
        try:
            found = os.lstat(sockets)
        except FileNotFoundError:
            return
        identity = self.server_identity()
        owner = os.geteuid() if identity is None else identity.uid
        if stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700 and found.st_uid == owner:
            shutil.rmtree(sockets, ignore_errors=True)

    def running_sockets(self, *, ready_only: bool = True) -> Path | None:
        """The folder of sockets of the servers that run (or last ran), None when there is none."""
        try:
            running = json.loads(self._running_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return Path(running["sockets"]) if running["ready"] or not ready_only else None

    def declare(self, sockets: Path, *, ready: bool) -> None:
        """Tell whoever attaches where the servers listen, and whether they do."""
        self._write_private(self._running_file, json.dumps({"sockets": str(sockets), "ready": ready}))

    def open_log(self, log: Path) -> IO[bytes]:
        """Append to a log, which begins anew when it has grown long."""
        if log.exists() and log.stat().st_size > _LONGEST_LOG_BYTES:
            log.replace(log.with_suffix(".old.log"))
        self._touch(log)
        return log.open("ab")

    def make_server_folder(self, path: Path, identity: Identity | None) -> None:
        """Create `path` (0700) for a server that runs as `identity`."""
        path.mkdir(mode=0o700, exist_ok=True)
        if identity is not None:
            os.chown(path, identity.uid, identity.gid)

    def _make_private(self, path: Path) -> None:
        path.mkdir(mode=0o700, exist_ok=True)
        self._share_owner(path)

    def _touch(self, path: Path) -> None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._share_owner(path)

    def _write_private(self, path: Path, text: str) -> None:
        with private_file(path) as file:
            file.write(text.encode())
            self._share_owner(Path(file.name))

    def _share_owner(self, path: Path) -> None:
        """Root working in a person's data folder leaves everything usable by that person."""
        owner = self.root.parent.stat()
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.chown(path, owner.st_uid, owner.st_gid)
