"""How the database runs a search: no longer than the asker waits, and without compiling what runs once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import OperationalError, connection
from psycopg.errors import QueryCanceled

from kbchat.core.deadline import Deadline
from kbchat.core.errors import Unavailable

_SETTINGS: Final = ("statement_timeout", "jit")
_SET: Final = "SELECT {}, {}".format(
    ", ".join(f"current_setting('{name}')" for name in _SETTINGS),
    ", ".join(f"set_config('{name}', %s, true)" for name in _SETTINGS),
)


@contextmanager
def time_limit(deadline: Deadline | None) -> Iterator[None]:
    """Inside, each statement is cancelled when the deadline passes. Stands inside a transaction, whose end puts the
    settings back after an error. Raises Unavailable("search_timed_out")."""
    if deadline is not None and deadline.has_passed:
        raise Unavailable("search_timed_out")
    with connection.cursor() as cursor:
        milliseconds = "0" if deadline is None else str(max(int(deadline.remaining_seconds * 1000), 1))
        cursor.execute(_SET, [milliseconds, "off"])
        before = cursor.fetchone()[: len(_SETTINGS)]
        try:
            yield
            # No less under the limit: a deadline that passes just now cancels this.
            cursor.execute(_SET, before)
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled):
                raise Unavailable("search_timed_out") from error
            raise
