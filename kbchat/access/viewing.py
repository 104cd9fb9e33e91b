"""The database's side of a `Viewer`: inside `viewing`, every statement is answered as to that person.

The value is local to the transaction, so that a pooled connection cannot carry it to the next request; it is put
back on leaving, so that a viewer nested in another (or a test's outer transaction) leaves no trace.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from kbchat.core.viewer import Viewer

_VARIABLE = "kbchat.viewer"


@contextmanager
def viewing(viewer: Viewer) -> Iterator[None]:
    """One transaction, seen as `viewer` sees it."""
    with transaction.atomic():
        before = _set(str(viewer.user_id))
        yield
        # Not in a `finally`: after an error all of this is rolled back, and the value with it.
        _set(before)


@contextmanager
def no_viewer() -> Iterator[None]:
    """One transaction, seen as nobody sees it: of what is protected, nothing."""
    with transaction.atomic():
        before = _set("")
        yield
        _set(before)


def _set(value: str) -> str:
    """Set the variable for this transaction; returns what it was ("" for none)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting(%s, true), ''), set_config(%s, %s, true)",
            [_VARIABLE, _VARIABLE, value],
        )
        row = cursor.fetchone()
    return str(row[0]) if row else ""
