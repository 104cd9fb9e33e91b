"""Files that the program's own user alone reads, from the first byte on. Plain Python: settings use it too."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import uuid4


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to be filled (mode 0600) that stands at `path` once the block has ended well, and not before."""
    with _unfinished(path) as (unfinished, file):
        yield file
        _flush(file)
        unfinished.replace(path)


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, in place of what was there."""
    with private_file(path) as file:
        file.write(text.encode())


def kept_private(path: Path, make: Callable[[], str]) -> str:
    """What stands at `path`, where it must first be made. Of those who make it at once all get the same."""
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    with _unfinished(path) as (unfinished, file):
        file.write(make().encode())
        _flush(file)
        with suppress(FileExistsError):
            os.link(unfinished, path)
    return path.read_text()


@contextmanager
def _unfinished(path: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    beside = path.with_name(f".{uuid4().hex}")
    try:
        with open(beside, "xb", opener=_owner_only) as file:
            yield beside, file
    finally:
        beside.unlink(missing_ok=True)


def _flush(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
