"""What thresholds cost, how one is chosen, and the bound that it comes with."""

import pytest

from kbchat.evaluation.abstaining import (
    Outcome,
    abstention_curve,
    area_under_risk,
    bounded,
    least_cost,
    upper_bound,
)

# Answerable ones are the surer, but for one of each.
OUTCOMES = [
    Outcome(0.9, is_answerable=True, is_right=True),
    Outcome(0.8, is_answerable=True, is_right=False),
    Outcome(0.6, is_answerable=False, is_right=False),
    Outcome(0.5, is_answerable=True, is_right=True),
    Outcome(0.2, is_answerable=False, is_right=False),
]


def test_the_curve_goes_from_answering_nothing_to_answering_everything() -> None:
    points = abstention_curve(OUTCOMES)
    assert [point.threshold for point in points] == [1.0, 0.9, 0.8, 0.6, 0.5, 0.2]
    assert [point.false_answers for point in points] == [0, 0, 0, 0.5, 0.5, 1]
    assert [point.false_refusals for point in points] == pytest.approx([1, 2 / 3, 1 / 3, 1 / 3, 0, 0])
    assert [point.coverage for point in points] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert [point.risk for point in points] == pytest.approx([0, 0, 1 / 2, 2 / 3, 1 / 2, 3 / 5])


def test_equal_probabilities_are_one_point() -> None:
    outcomes = [Outcome(0.5, is_answerable=way, is_right=way) for way in (True, False)]
    assert [point.coverage for point in abstention_curve(outcomes)] == [0, 1]


def test_the_area_is_the_mean_risk_over_coverages() -> None:
    assert area_under_risk(abstention_curve(OUTCOMES)) == pytest.approx(
        (0 + 1 / 2 + 2 / 3 + 1 / 2 + 3 / 5) / 5
    )


def test_a_dear_false_answer_makes_the_threshold_strict() -> None:
    cheap = least_cost(OUTCOMES, false_answer=0.1)
    dear = least_cost(OUTCOMES, false_answer=10)
    assert (cheap.point.threshold, dear.point.threshold) == (0.5, 0.8)
    assert 0.2 < cheap.value < 0.5
    assert 0.6 < dear.value < 0.8


@pytest.mark.parametrize(
    ("answerable", "silent"), [(0.99040, 0.9901), (0.9968, 0.99665), (0.0004, 0.0003), (0.9, 0.2)]
)
def test_the_threshold_lies_between_its_neighbours_however_near_they_are(
    answerable: float, silent: float
) -> None:
    found = least_cost([Outcome(answerable, True, True), Outcome(silent, False, False)])
    assert silent < found.value <= answerable
    assert (found.point.false_answers, found.point.false_refusals) == (0, 0)


def test_a_bound_needs_as_many_questions_as_the_design_says() -> None:
    assert upper_bound(0, 59) < 0.05 < upper_bound(0, 58)
    assert upper_bound(3, 3) == upper_bound(0, 0) == 1.0


def test_a_bounded_threshold_is_the_lowest_that_keeps_to_it() -> None:
    silent = [Outcome(0.01 * n, is_answerable=False, is_right=False) for n in range(100)]
    asked = [Outcome(0.995, is_answerable=True, is_right=True), *silent]
    found = bounded(asked, 0.05)
    assert found.is_bounded
    assert found.bound <= 0.05
    assert found.point.false_answers == pytest.approx(0.01)
    assert upper_bound(2, 100) > 0.05


def test_where_no_threshold_can_keep_to_it_the_cheapest_is_taken_and_says_so() -> None:
    found = bounded(OUTCOMES, 0.05)
    assert not found.is_bounded
    assert found == least_cost(OUTCOMES)


def test_one_kind_of_question_alone_fits_nothing() -> None:
    with pytest.raises(ValueError, match="answered"):
        least_cost(OUTCOMES[:2])
