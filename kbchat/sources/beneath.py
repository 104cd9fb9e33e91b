"""Files below a folder that the operator has opened to sources, and nowhere else, whatever is renamed meanwhile."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kbchat.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class OpenedFolder:
    """`path`: without links in it, when it was looked at; below `root`, which the operator has opened."""

    root: Path
    path: Path

    def open(self, below: str) -> int:
        """As `open_beneath`. The way to the folder is gone anew: it may lead elsewhere by now."""
        way = self.path.relative_to(self.root).parts
        return open_beneath(self.root, "/".join((*way, below)))


def allowed_folder(named: str, roots: Sequence[Path]) -> OpenedFolder:
    """Raises Invalid for a folder that stands below none of the roots."""
    folder = Path(named)
    if "\0" in named or not folder.is_absolute():
        raise Invalid("source_folder_outside")
    real = folder.resolve()
    for root in roots:
        if real.is_relative_to(root.resolve()):
            return OpenedFolder(root.resolve(), real)
    raise Invalid("source_folder_outside")


def open_beneath(folder: Path, below: str) -> int:
    """A descriptor of the plain file, for reading. No link is followed on the way, also none that was put there after
    the folder was listed. Raises OSError."""
    *parents, name = below.split("/")
    if not name or {"", ".", ".."} & {*parents, name}:
        raise FileNotFoundError(below)
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for parent in parents:
            inner = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = inner
        # A pipe that nobody writes into would be waited for.
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
    finally:
        os.close(at)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise FileNotFoundError(below)
    return file
