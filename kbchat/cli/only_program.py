"""The one `manage.py run` of a data folder: a second one would start a second set of processes over the same files."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kbchat.embedded.errors import EmbeddedError
from kbchat.embedded.file_lock import FileLock

_NAME: Final = "program.lock"


@contextmanager
def only_program(data_dir: Path) -> Iterator[Callable[[str], object]]:
    """For the time of the block, or until this process is gone, however it ends. Gives what is to be told the address,
    for whoever comes second. Raises EmbeddedError where another one runs."""
    path = data_dir / _NAME
    try:
        _touch(path)
        lock = FileLock(path)
    except OSError:
        # What needs the folder says so, and why.
        yield lambda _: None
        return
    try:
        if not lock.take_alone():
            raise _runs_already(data_dir, path.read_text().strip())
        # Of one that is gone.
        path.write_text("")
        yield path.write_text
    finally:
        lock.close()


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    owner = path.parent.stat()
    # Root who starts it once in a person's folder leaves it usable by that person.
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid)


def _runs_already(data_dir: Path, address: str) -> EmbeddedError:
    return EmbeddedError(
        f"kbchat runs already on {data_dir}" + (f", at {address}." if address else "; it is just starting."),
        next_step="Use that one, or end it first. To run another one beside it, give it a data folder of its own: "
        "KBCHAT_DATA_DIR=… make run",
    )
