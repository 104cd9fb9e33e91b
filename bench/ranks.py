"""Whether two samples differ by more than chance: the rank test of Mann and Whitney (1947)."""

import math
from collections import Counter
from collections.abc import Sequence
from statistics import NormalDist


def mann_whitney(one: Sequence[float], other: Sequence[float]) -> float:
    """Two-sided p, by the normal approximation with a correction for ties and for continuity: for 20 and more each."""
    together = Counter([*one, *other])
    ranks, below = {}, 0
    for value in sorted(together):
        ranks[value] = below + (together[value] + 1) / 2
        below += together[value]
    size = len(one) * len(other)
    apart = sum(ranks[value] for value in one) - len(one) * (len(one) + 1) / 2 - size / 2
    ties = sum(count**3 - count for count in together.values()) / (below * (below - 1))
    spread = math.sqrt(size / 12 * (below + 1 - ties))
    if spread == 0:
        return 1.0
    return min(1.0, 2 * NormalDist().cdf(-(abs(apart) - 0.5) / spread))
