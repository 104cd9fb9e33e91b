"""The parts of a backup that are no database: stored files and the secret key, copied between two folders."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from django.core.files.storage import FileSystemStorage, storages

BLOBS: Final = "blobs"
SECRET_KEY: Final = "secret_key"  # noqa: S105 (a file's name)


def stored_files() -> Path | None:
    """The folder that holds the files of the library; None where they are in no folder, as in a bucket."""
    storage = storages["default"]
    return Path(storage.location) if isinstance(storage, FileSystemStorage) else None


def copy_files(source: Path, target: Path, step: Callable[[], object]) -> int:
    """Every whole file below `source` under the same name below `target`, and how many; `step` is called after each.
    Where a file is there already it is the same one: its name is its checksum. Raises OSError."""
    count = 0
    for path in source.rglob("*"):
        if path.name.startswith(".") or not path.is_file():
            continue
        copy = target / path.relative_to(source)
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What is purged meanwhile belongs to nothing any more.
        with suppress(FileNotFoundError):
            shutil.copy2(path, copy)
            count += 1
        step()
    return count


def copy_secret_key(source: Path, target: Path) -> None:
    """Nothing where it is set by environment. Raises OSError."""
    with suppress(FileNotFoundError):
        shutil.copy2(source / SECRET_KEY, target / SECRET_KEY)
