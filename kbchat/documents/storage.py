"""Bytes by their content: a blob's name is the SHA-256 of its bytes, in hex. Any Django storage backend will do."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection

from kbchat.core.disk import is_full
from kbchat.core.errors import Unavailable
from kbchat.core.private_files import private_file

_PIECE_BYTES = 1024 * 1024
_DIGITS = 64


class FolderStorage(FileSystemStorage):
    """A folder of blobs that only the program's own user reads; a blob is there whole or not at all."""

    def __init__(self, location: str | None = None) -> None:
        super().__init__(location, file_permissions_mode=0o600, directory_permissions_mode=0o700)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Two who store the same bytes at once may both write them: the later replaces the same with the same."""
        return name

    def _save(self, name: str, content: "File[bytes]") -> str:
        target = Path(self.path(name))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with private_file(target) as file:
            file.writelines(content.chunks())
        return name


def address_of(file: IO[bytes]) -> tuple[str, int]:
    """The SHA-256 of the bytes of `file`, in hex, and their number."""
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    for piece in iter(lambda: file.read(_PIECE_BYTES), b""):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def keep_blob(blob: str, file: IO[bytes]) -> None:
    """Keep the bytes of `file` under their address, once. Raises Unavailable("storage_full").

    Inside the transaction that makes the row pointing there: the lock, held to its end, keeps `drop_blob` from
    removing the same bytes in between.
    """
    hold_blob(blob)
    if not is_kept(blob):
        _save(blob, file)


def drop_blob(blob: str, is_used: Callable[[], bool]) -> bool:
    """Remove the bytes unless `is_used` finds a row that points to them; whether they are removed. Inside a
    transaction."""
    hold_blob(blob)
    if is_used():
        return False
    default_storage.delete(_path(blob))
    return True


def keep_again(blob: str, file: IO[bytes]) -> None:
    """As `keep_blob`, in place of whatever stands there: bytes that storage lost or spoiled."""
    hold_blob(blob)
    default_storage.delete(_path(blob))
    _save(blob, file)


def is_kept(blob: str) -> bool:
    """Whether anything stands at the address, whole or not."""
    return default_storage.exists(_path(blob))


def is_whole(blob: str) -> bool:
    """Whether the bytes are there, and are those that their address says. Reads all of them."""
    try:
        with open_blob(blob) as file:
            return address_of(file)[0] == blob
    except FileNotFoundError:
        return False


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`blob`: "" for one that is no blob: a write that broke off."""

    name: str
    blob: str
    changed_at: datetime


def stored_files() -> Iterator[StoredFile]:
    """All that storage holds; what goes meanwhile is left out. Nothing where nobody has stored anything yet, or the
    folder was not restored."""
    try:
        folders, _ = default_storage.listdir("")
    except FileNotFoundError:
        return
    for folder in sorted(folders):
        _, names = default_storage.listdir(folder)
        for name in sorted(names):
            path = f"{folder}/{name}"
            try:
                changed_at = default_storage.get_modified_time(path)
            except FileNotFoundError:
                continue
            yield StoredFile(path, name if _path(name) == path and len(name) == _DIGITS else "", changed_at)


def drop_unfinished(file: StoredFile) -> None:
    """Of a write that broke off: nobody points to it."""
    default_storage.delete(file.name)


def open_blob(blob: str) -> "File[bytes]":
    """Raises FileNotFoundError where storage has lost it."""
    return default_storage.open(_path(blob))


def read_blob(blob: str) -> bytes:
    """All bytes of it. Raises FileNotFoundError where storage has lost it."""
    with open_blob(blob) as file:
        data: bytes = file.read()
    return data


def _save(blob: str, file: IO[bytes]) -> None:
    file.seek(0)
    try:
        default_storage.save(_path(blob), File(file))
    except OSError as error:
        if is_full(error):
            raise Unavailable("storage_full") from error
        raise


def hold_blob(blob: str) -> None:
    """Inside a transaction: to its end nobody else keeps, drops or looks for these bytes by this."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [blob])


def _path(blob: str) -> str:
    return f"{blob[:2]}/{blob}"
