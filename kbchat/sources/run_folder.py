"""A folder for what one run has fetched: it goes with the run. What a process that was killed has left goes before the
next one is made.
"""

import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

_PREFIX: Final = "kbchat-git-"
_NEW_SECONDS: Final = 60.0
"""Within this time a folder that was just made is locked, too."""


class RunFolder:
    """At `path`. Locked as long as its process lives, so that nobody else takes it for one that was left."""

    def __init__(self) -> None:
        _remove_left()
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = _locked(self.path)

    def close(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)


def _remove_left() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            known = folder.lstat()
            if known.st_uid != os.geteuid() or time.time() - known.st_mtime < _NEW_SECONDS:
                continue
            lock = _locked(folder)
        except OSError:
            # It went meanwhile, or is no folder.
            continue
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _locked(folder: Path) -> int | None:
    """A descriptor that holds it until it is closed; None: somebody else does. Raises OSError."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        return None
    return opened
