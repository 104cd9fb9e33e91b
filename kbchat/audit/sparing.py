"""What is recorded once in a while, however often it happens: whoever repeats himself cannot fill the trail.

Kept in the memory of each process: several web processes record up to one event each.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock


class Sparing:
    """`is_due` is true once for each key in so many seconds; of more than `most` keys the oldest are forgotten."""

    def __init__(
        self, seconds: float = 60, *, most: int = 10_000, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._most, self._now = seconds, most, now
        self._last: OrderedDict[Hashable, float] = OrderedDict()
        self._lock = Lock()

    def is_due(self, key: Hashable) -> bool:
        """Then it counts as recorded."""
        now = self._now()
        with self._lock:
            last = self._last.get(key)
            if last is not None and now - last < self._seconds:
                return False
            self._last[key] = now
            self._last.move_to_end(key)
            if len(self._last) > self._most:
                self._last.popitem(last=False)
            return True

    def forget(self) -> None:
        with self._lock:
            self._last.clear()
