"""Waiting for what another thread or process does, and how late it may be."""

import os
import time
from collections.abc import Callable

_TIMES = 1.0 if os.environ.get("KBCHAT_EXACT_TIMES") == "1" else 5.0


def allowed(seconds: float) -> float:
    """How long a test waits for what has to happen within `seconds`: five times as long, since other work shares the
    machine. `make timings` holds the marked tests to the bar itself."""
    return seconds * _TIMES


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Raises AssertionError when `condition` does not hold in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.02)
