"""What commands need in tests: workers that are this process."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.company import ingest


class WorkersOfThisProcess:
    def require_alive(self) -> None:
        ingest()


@contextmanager
def workers_of_this_process(environment: object) -> Iterator[WorkersOfThisProcess]:
    """In place of `workers_for_a_while`."""
    yield WorkersOfThisProcess()
