"""Locks that the kernel gives back when a process dies, however it dies. Knows nothing of what they guard."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kbchat.embedded.errors import EmbeddedError


class FileLock:
    """An flock(2) on a file: the kernel releases it with the last process that holds the descriptor."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def take_alone(self) -> bool:
        """Whether nobody else holds it now; not waited for. A share held before is given up either way."""
        return self._try(fcntl.LOCK_EX)

    def take_shared(self) -> bool:
        """Whether it is held together with other sharers now; not waited for."""
        return self._try(fcntl.LOCK_SH)

    def wait_alone(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno == errno.EWOULDBLOCK:
                return False
            raise
        return True

    @property
    def is_closed(self) -> bool:
        return self._descriptor < 0

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def held_alone(path: Path, *, wait_seconds: float, busy: str) -> Iterator[None]:
    """Hold the lock at `path` alone. Raises EmbeddedError saying `busy` after `wait_seconds` in vain."""
    lock = FileLock(path)
    deadline = time.monotonic() + wait_seconds
    try:
        while not lock.take_alone():
            if time.monotonic() > deadline:
                raise EmbeddedError(busy, next_step="Try again in a minute.")
            time.sleep(0.02)
        yield
    finally:
        lock.close()
