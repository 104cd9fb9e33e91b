"""How long something takes, and how it is told."""

import statistics
import time
from collections.abc import Callable, Sequence


def seconds_of(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def told(seconds: Sequence[float], *, digits: int = 0) -> str:
    """p50 and p95 in milliseconds."""
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return f"{statistics.median(seconds) * 1000:.{digits}f} / {p95 * 1000:.{digits}f} ms"
