"""Work in threads of its own, with connections of its own: while something else is in the midst of its own work."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any, TypeVar
from unittest import mock

from django.db import connection, connections

from tests.waiting import allowed, wait_until

Result = TypeVar("Result")


def in_turn(one: Callable[[], object], other: Callable[[], object], place: object, name: str) -> None:
    """`one` stops where it first comes to the function `name` of `place`, until `other` waits for a lock. Raises what
    either raises, and where `other` waits for nothing."""
    with ThreadPoolExecutor(2) as threads, _stopped_at(place, name) as has_come:
        running = [threads.submit(_done, one)]
        assert has_come.wait(allowed(10))
        running.append(threads.submit(_done, other))
        for each in running:
            each.result(60)


def elsewhere(work: Callable[[], Result]) -> Result:
    """As another process would do it; ends before it returns."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_done, work).result(60)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone() == (True,))


@contextmanager
def _stopped_at(place: object, name: str) -> Iterator[Event]:
    has_come = Event()
    original = getattr(place, name)

    def waiting(*arguments: Any, **named: Any) -> Any:
        if not has_come.is_set():
            has_come.set()
            wait_until(somebody_waits, allowed(10))
        return original(*arguments, **named)

    with mock.patch.object(place, name, waiting):
        yield has_come


def _done(work: Callable[[], Result]) -> Result:
    try:
        return work()
    finally:
        connections.close_all()
