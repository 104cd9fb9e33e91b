"""Work that stands in rows and is done by whoever holds a row's lease: claimed once, kept while it goes on, written by
its holder alone, and claimed anew when its holder is gone. Which states there are beside QUEUED and RUNNING, and what
leads from one to another, is each room's own.

Time is the database's: clocks of other machines may be wrong by hours.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import BooleanField, F, Q, QuerySet
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Now

from kbchat.core.models import Leased

logger = logging.getLogger(__name__)

QUEUED: Final = "queued"
RUNNING: Final = "running"
NO_LEASE: Final = {"lease": None, "leased_until": None}
"""Values of a row that nobody holds."""
DONE_AGAIN: Final = Q(
    RawSQL("set_config('synchronous_commit', 'off', true) = 'off'", [], output_field=BooleanField())
)
"""A condition that always holds, of a change that is not waited for until it is on the disk, with its whole
transaction: a database that is torn down takes back the last of these, and what they were about is done again."""
LEASE_SECONDS: Final = 30.0
_RENEW_SECONDS: Final = LEASE_SECONDS / 3


class LeaseLost(Exception):
    """Another worker has the row, or somebody ended it: stop without writing."""


def due(waiting: Q | None = None) -> Q:
    """Rows that nobody works on although somebody should: the job was lost, the worker killed, or a pause is over.
    `waiting`: which of the queued ones; None: all."""
    queued = Q(state=QUEUED) if waiting is None else Q(state=QUEUED) & waiting
    return queued | Q(state=RUNNING, leased_until__lt=Now())


def claim(rows: QuerySet[Any], **values: object) -> bool:
    """Whether the one of `rows` that is still to be had is the caller's from now on. `values` are written with it."""
    return bool(
        rows.update(
            state=RUNNING, lease=uuid4(), leased_until=_lease_end(), attempts=F("attempts") + 1, **values
        )
    )


def write(row: Leased, *conditions: Q, **values: object) -> None:
    """Raises LeaseLost, also where one of the conditions does not hold; inside a transaction the row is then locked to
    its end."""
    if not _held(row).filter(*conditions).update(**values):
        raise LeaseLost(str(row.pk))


def is_poison(row: Leased, most_attempts: int) -> bool:
    """Whether every attempt before this one was killed in the middle: the work itself may be what kills them."""
    return row.attempts > most_attempts


def pause_after(attempts: int, first_seconds: float) -> timedelta:
    """Twice as long after each attempt."""
    return timedelta(seconds=first_seconds * 2 ** max(attempts - 1, 0))


@contextmanager
def kept(row: Leased) -> Iterator[threading.Event]:
    """Renews the lease, from a thread of its own, while the block works or waits for a child process. Gives an event
    that is set once it was found lost, for what writes nothing for long."""
    done, lost = threading.Event(), threading.Event()
    thread = threading.Thread(target=_renew, args=(row, done, lost), name="lease", daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        done.set()
        thread.join()


def _held(row: Leased) -> QuerySet[Any]:
    return type(row)._default_manager.filter(pk=row.pk, state=RUNNING, lease=row.lease)


def _lease_end() -> Combinable:
    """Of a lease that is taken or renewed now."""
    return Now() + timedelta(seconds=LEASE_SECONDS)


def _renew(row: Leased, done: threading.Event, lost: threading.Event) -> None:
    of = f"{row._meta.model_name} {row.pk}"
    has_connection = False
    try:
        while not done.wait(_RENEW_SECONDS):
            has_connection = True
            try:
                is_held = _held(row).update(leased_until=_lease_end())
            except DatabaseError:
                # A new connection tries again before the lease runs out.
                logger.warning("lease not renewed", extra={"of": of}, exc_info=True)
                connection.close()
                continue
            if not is_held:
                # The next fenced write notices; until then the work is wasted, not wrong.
                logger.warning("lease lost", extra={"of": of})
                lost.set()
                return
    finally:
        # Most work is over before: to close what was never used would make it first.
        if has_connection:
            connection.close()
