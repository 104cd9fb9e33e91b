"""How much of the processors a build takes: it stands still while somebody waits for an answer, and has a third of the
time all the same, however many ask.
"""

import time
from collections.abc import Callable
from typing import Final

from kbchat.core.waiting import somebody_waits
from kbchat.indexing.filling import BATCH

LEAST_BATCH: Final = 4
BATCH_SECONDS: Final = 0.1
"""What a batch is to take: whoever begins to ask waits for no more than the rest of one."""
WAITED_FOR_WORKED: Final = 2.0
"""Seconds for which it stands still at most, for one of work."""

# Of work that it may be repaid for: what it did an hour ago gives nobody a right to hold it up now.
_MOST_REMEMBERED: Final = 15.0
_LOOK_AGAIN_SECONDS: Final = 0.1


class Courtesy:
    """Of one process. `waits`: whether somebody waits for an answer; `sleep`: for so many seconds."""

    def __init__(
        self, waits: Callable[[], bool] = somebody_waits, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._waits = waits
        self._sleep = sleep
        self._credit = 0.0
        self.batch = LEAST_BATCH
        """Passages that are to be written next."""

    def worked(self, passages: int, seconds: float) -> None:
        """So many were written in so long."""
        self._credit = min(self._credit + seconds, _MOST_REMEMBERED)
        if passages and seconds > 0:
            self.batch = min(max(int(passages / seconds * BATCH_SECONDS), LEAST_BATCH), BATCH)

    def give_way(self) -> None:
        """Returns when nobody waits any more, or it has stood still for long enough. Blocking."""
        while self._credit > 0 and self._waits():
            self._sleep(_LOOK_AGAIN_SECONDS)
            self._credit -= _LOOK_AGAIN_SECONDS / WAITED_FOR_WORKED
