"""The database's side of a `Viewer`: inside `viewing`, every statement is answered as to that person.

The values are local to the transaction, so that a pooled connection cannot carry them to the next request; they are put
back on leaving, so that a viewer nested in another (or a test's outer transaction) leaves no trace.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from kbchat.core.viewer import Viewer

_SET = """
    SELECT coalesce(current_setting('kbchat.viewer', true), ''), coalesce(current_setting('kbchat.within', true), ''),
           set_config('kbchat.viewer', %s, true), set_config('kbchat.within', %s, true)
"""


@contextmanager
def viewing(viewer: Viewer) -> Iterator[None]:
    """One transaction, seen as `viewer` sees it."""
    with transaction.atomic():
        before = _set(str(viewer.user_id), _within(viewer))
        yield
        # Not in a `finally`: after an error all of this is rolled back, and the values with it.
        _set(*before)


@contextmanager
def no_viewer() -> Iterator[None]:
    """One transaction, seen as nobody sees it: of what is protected, nothing."""
    with transaction.atomic():
        before = _set("", "")
        yield
        _set(*before)


def _within(viewer: Viewer) -> str:
    """The collections as an array for PostgreSQL; "" for all of them, which an empty set is not."""
    if viewer.collections is None:
        return ""
    return "{" + ",".join(sorted(map(str, viewer.collections))) + "}"


def _set(person: str, within: str) -> tuple[str, str]:
    """Set both variables for this transaction; returns what they were ("" for none)."""
    with connection.cursor() as cursor:
        cursor.execute(_SET, [person, within])
        row = cursor.fetchone()
    return (str(row[0]), str(row[1])) if row else ("", "")
