"""Keeping a lease on a row while the work that it stands for goes on."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

logger = logging.getLogger(__name__)

LEASE_SECONDS: Final = 30.0
_RENEW_SECONDS: Final = LEASE_SECONDS / 3


class LeaseLost(Exception):
    """Another worker has the row, or somebody ended it: stop without writing."""


def lease_end() -> datetime:
    """Of a lease that is taken or renewed now."""
    return timezone.now() + timedelta(seconds=LEASE_SECONDS)


@contextmanager
def renewed(renew: Callable[[datetime], bool], of: str) -> Iterator[None]:
    """Calls `renew` with the lease's new end from a thread of its own while the block works or waits for a child
    process; it says whether the lease was still held. `of`: the row, for the log."""
    done = threading.Event()
    thread = threading.Thread(target=_renew, args=(renew, of, done), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(renew: Callable[[datetime], bool], of: str, done: threading.Event) -> None:
    try:
        while not done.wait(_RENEW_SECONDS):
            try:
                is_held = renew(lease_end())
            except DatabaseError:
                # A new connection tries again before the lease runs out.
                logger.warning("lease not renewed", extra={"of": of}, exc_info=True)
                connection.close()
                continue
            if not is_held:
                # The next fenced write notices; until then the work is wasted, not wrong.
                logger.warning("lease lost", extra={"of": of})
                return
    finally:
        connection.close()
