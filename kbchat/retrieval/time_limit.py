"""How the database runs a search: no longer than the asker waits, and planned for the values at hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import OperationalError, connection
from psycopg.errors import QueryCanceled

from kbchat.core.deadline import Deadline
from kbchat.core.errors import Unavailable

# A generic plan would not know how much a viewer sees; compiling a statement costs more than running it.
_SETTINGS: Final = ("statement_timeout", "plan_cache_mode", "jit")
_READ: Final = "SELECT " + ", ".join(f"current_setting('{name}')" for name in _SETTINGS)
_WRITE: Final = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in _SETTINGS)


@contextmanager
def time_limit(deadline: Deadline | None) -> Iterator[None]:
    """Inside, each statement is cancelled when the deadline passes. Stands inside a transaction, whose end puts the
    settings back after an error. Raises Unavailable("search_timed_out")."""
    if deadline is not None and deadline.has_passed:
        raise Unavailable("search_timed_out")
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        before = cursor.fetchone()
        milliseconds = "0" if deadline is None else str(max(int(deadline.remaining_seconds * 1000), 1))
        cursor.execute(_WRITE, [milliseconds, "force_custom_plan", "off"])
        try:
            yield
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled):
                raise Unavailable("search_timed_out") from error
            raise
        cursor.execute(_WRITE, before)
