"""The rank test of the bench gives what scipy gives (scipy.stats.mannwhitneyu, asymptotic), and the bench its rule."""

import pytest

from bench.existence import Measured
from bench.ranks import mann_whitney


@pytest.mark.parametrize(
    ("one", "other", "chance"),
    [
        (range(20), range(5, 25), 0.01852194627574225),
        ([1, 1, 2, 2, 3] * 5, [2, 3, 3, 3, 4] * 5, 4.418776566581456e-06),
        ([1.0] * 20, [1.0] * 20, 1.0),
        (range(20), range(20), 1.0),
    ],
)
def test_it_is_the_known_one(one: list[float], other: list[float], chance: float) -> None:
    assert mann_whitney(one, other) == pytest.approx(chance)
    assert mann_whitney(other, one) == pytest.approx(chance)


@pytest.mark.parametrize(("apart", "tells"), [(0.006, True), (0.004, False), (-0.006, True), (0.0, False)])
def test_what_is_significant_and_large_tells(apart: float, tells: bool) -> None:
    absent = [0.010 + number / 100_000 for number in range(50)]
    assert Measured("get /x", [seconds + apart for seconds in absent], absent).tells is tells
