"""When to answer and when to say that nothing answers: what each threshold of p(answered) costs. Plain arithmetic.

Two ways to choose one. By cost: the least of false answers and false refusals, with a false answer so many times as
dear. By a bound: the lowest threshold above which the upper 95 % bound of the share of false answers (Clopper and
Pearson, 1934) stays under what is allowed, tested from the strictest threshold downwards, so that the level holds for
all of them together (fixed-sequence testing).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

CONFIDENCE: Final = 0.95
_ANSWERS_NOTHING: Final = 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question that was asked whatever its probability. `is_right`: its answer, if it was answered, is right."""

    probability: float
    is_answerable: bool
    is_right: bool


@dataclass(frozen=True, slots=True)
class Point:
    """Answering from `threshold` on. `coverage`: the share of all questions that is answered; `risk`: of those, the
    share that is answered wrongly or should not have been."""

    threshold: float
    false_answers: float
    false_refusals: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """`bound`: the upper 95 % bound of its share of false answers, on what it was chosen on. `is_bounded`: that was
    what it was chosen by; else none kept to it, and it is the one of least cost."""

    value: float
    point: Point
    bound: float
    is_bounded: bool = False


def abstention_curve(outcomes: Iterable[Outcome]) -> list[Point]:
    """A point for each probability that occurs, from answering nothing to answering everything."""
    ordered = sorted(outcomes, key=lambda one: -one.probability)
    answerable = sum(one.is_answerable for one in ordered)
    silent = len(ordered) - answerable
    points = [Point(_ANSWERS_NOTHING, 0.0, 1.0, 0.0, 0.0)]
    false = answered = right = 0
    for place, one in enumerate(ordered, 1):
        answered += one.is_answerable
        false += not one.is_answerable
        right += one.is_answerable and one.is_right
        if place < len(ordered) and ordered[place].probability == one.probability:
            continue
        points.append(
            Point(
                one.probability,
                false / silent if silent else 0.0,
                1 - answered / answerable if answerable else 0.0,
                place / len(ordered),
                1 - right / place,
            )
        )
    return points


def area_under_risk(points: Sequence[Point]) -> float:
    """The mean risk over all coverages, as a staircase (Geifman et al., ICLR 2019)."""
    area = before = 0.0
    for point in points:
        area += (point.coverage - before) * point.risk
        before = point.coverage
    return area


def least_cost(outcomes: Sequence[Outcome], *, false_answer: float = 1.0) -> Threshold:
    """`false_answer`: how many needless refusals one counts as. Of equals the strictest; it lies half-way to the next
    lower probability, so that what was just answered still is. Raises ValueError without both kinds of questions."""
    _require_both(outcomes)
    points = abstention_curve(outcomes)
    best = min(points, key=lambda point: false_answer * point.false_answers + point.false_refusals)
    return _threshold(best, points, outcomes)


def bounded(outcomes: Sequence[Outcome], most_false_answers: float) -> Threshold:
    """The lowest threshold that keeps to it; where none does, the one of least cost. Raises ValueError without both
    kinds of questions."""
    _require_both(outcomes)
    points = abstention_curve(outcomes)
    silent = sum(not one.is_answerable for one in outcomes)
    best: Point | None = None
    for point in points:
        if upper_bound(round(point.false_answers * silent), silent) > most_false_answers:
            break
        best = point
    if best is None:
        return least_cost(outcomes)
    found = _threshold(best, points, outcomes)
    return Threshold(found.value, found.point, found.bound, is_bounded=True)


def upper_bound(errors: int, count: int) -> float:
    """One-sided, of a share of which `errors` of `count` were seen; 1 where nothing was."""
    from scipy.stats import beta

    if errors >= count:
        return 1.0
    return float(beta.ppf(CONFIDENCE, errors + 1, count - errors))


def _threshold(best: Point, points: Sequence[Point], outcomes: Sequence[Outcome]) -> Threshold:
    silent = sum(not one.is_answerable for one in outcomes)
    lower = next((point.threshold for point in points if point.threshold < best.threshold), 0.0)
    half_way = (best.threshold + lower) / 2
    rounded = round(half_way, 3)
    # Where the two are nearer to each other than that, it would be on the other side of one of them.
    value = rounded if lower < rounded <= best.threshold else half_way
    return Threshold(value, best, upper_bound(round(best.false_answers * silent), silent))


def _require_both(outcomes: Sequence[Outcome]) -> None:
    if len({one.is_answerable for one in outcomes}) < 2:
        raise ValueError("a threshold is fitted on questions that are answered and on others")
