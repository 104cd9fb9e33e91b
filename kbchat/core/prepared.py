"""Statements that PostgreSQL plans once for a connection, and not each time they are asked.

Under row-level security a statement carries the policies of every table it reads: to plan it takes longer than to run
it. Only for the few that every search asks, since each keeps up to a megabyte of its connection's memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper

_PLANNED_EACH_TIME: Final = 1
"""Uses of a text before it is kept: what is asked once by a short process need not be."""


@contextmanager
def prepared_cursor() -> Iterator[CursorWrapper]:
    """As `connection.cursor()`. Parameters are bound by the server: their types must follow from the text, and columns
    whose type may change while the program runs are cast, since a kept statement may not change its result's."""
    if connection.queries_logged:
        # Django tells the text of its own cursors' statements alone.
        with connection.cursor() as cursor:
            yield cursor
        return
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    # Django's own cursors put parameters in by themselves, and never prepare.
    raw.prepare_threshold = _PLANNED_EACH_TIME
    with CursorWrapper(psycopg.Cursor(raw), connection) as cursor:
        yield cursor
