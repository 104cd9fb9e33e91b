"""A server that fails again and again is left alone, and tried by one request now and then until it is well (Nygard,
"Release It!", 2007).

Plain arithmetic over a clock; knows no server.
"""

import time
from collections.abc import Callable
from typing import Final

from kbchat.inference.jitter import jittered

FAILURES: Final = 3
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 20.0


class CircuitBreaker:
    """Of one server: closed (it is used), open (nobody asks it), half open (one probe is under way)."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures = 0
        self._pause = FIRST_PAUSE_SECONDS
        self._open_until: float | None = None
        self._is_probing = False

    @property
    def is_closed(self) -> bool:
        return self._open_until is None

    def succeeded(self) -> None:
        """Of a usual request. Where it is open, one that began before says nothing of now."""
        self._failures = 0

    def failed(self) -> None:
        """Of a usual request: so many in a row open it."""
        self._failures += 1
        if self.is_closed and self._failures >= FAILURES:
            self._open()

    def begin_probe(self) -> bool:
        """Whether the caller is the one to try it now; then he says how it ended."""
        if self._open_until is None or self._is_probing or self._now() < self._open_until:
            return False
        self._is_probing = True
        return True

    def end_probe(self, *, is_well: bool) -> None:
        """Each probe that fails doubles the pause."""
        self._is_probing = False
        if is_well:
            self._failures, self._pause, self._open_until = 0, FIRST_PAUSE_SECONDS, None
        else:
            self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
            self._open()

    def _open(self) -> None:
        self._open_until = self._now() + jittered(self._pause)
