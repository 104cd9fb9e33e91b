"""Whether what was said with a probability is right as often. Plain arithmetic."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Reliability:
    """A reliability diagram. `bins`: of each tenth that holds any prediction, their mean, the share that was right and
    how many; `error`: the mean distance of the two, weighted by how many (expected calibration error, Naeini et al.,
    AAAI 2015)."""

    bins: list[tuple[float, float, int]]
    error: float


def reliability_of(predicted: Iterable[tuple[float, bool]]) -> Reliability:
    """`predicted`: a probability, and whether it came true. Without any the error is 0."""
    held: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for said, is_right in predicted:
        held[min(int(said * _BINS), _BINS - 1)].append((said, is_right))
    bins = [
        (
            statistics.fmean(said for said, _ in each),
            statistics.fmean(is_right for _, is_right in each),
            len(each),
        )
        for each in held
        if each
    ]
    count = sum(count for *_, count in bins)
    return Reliability(bins, sum(abs(said - right) * n for said, right, n in bins) / count if count else 0.0)
