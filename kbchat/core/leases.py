"""Leases of rows that a worker works on: kept by a thread beside the work, and lost when they run out.

Whoever holds one writes by compare-and-set with its token, so that a worker that was cut off changes nothing more.
"""

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
    """Another worker has the row, or its work was cancelled: stop without writing."""


@contextmanager
def renewed(renew: Callable[[datetime], bool]) -> Iterator[None]:
    """While the block works, `renew` is called from a thread of its own with the time until which the lease is to hold;
    it says whether it is still held."""
    done = threading.Event()
    thread = threading.Thread(target=_renew, args=(renew, done), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(renew: Callable[[datetime], bool], done: threading.Event) -> None:
    try:
        while not done.wait(_RENEW_SECONDS):
            try:
                is_held = renew(timezone.now() + timedelta(seconds=LEASE_SECONDS))
            except DatabaseError:
                # A new connection tries again before the lease runs out.
                logger.warning("lease not renewed", exc_info=True)
                connection.close()
                continue
            if not is_held:
                # The next fenced write notices; until then the work is wasted, not wrong.
                logger.warning("lease lost")
                return
    finally:
        connection.close()
