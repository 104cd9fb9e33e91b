"""What two witnesses think together, and what follows from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.answering.evidence import ANSWER_FROM, together

PROBABILITIES = st.floats(0, 1)
LEAST = ANSWER_FROM["generating"]


@given(st.floats(0.05, 0.95))
def test_a_judge_in_the_middle_says_nothing(probability: float) -> None:
    assert together(probability, 0.5) == pytest.approx(probability)


@given(PROBABILITIES, PROBABILITIES, PROBABILITIES)
def test_more_of_either_is_never_less_together(one: float, other: float, fixed: float) -> None:
    less, more = sorted((one, other))
    assert together(less, fixed) <= together(more, fixed)
    assert together(fixed, less) <= together(fixed, more)
    assert 0 < together(one, other) < 1


@pytest.mark.parametrize(
    ("probability", "judge", "is_enough"),
    [
        (0.99, 0.0, False),  # a model that is sure outweighs words and vectors
        (0.02, 1.0, True),
        (0.99, 0.36, True),  # a small one that hardly leaves the middle does not
        (0.55, 0.36, True),
        (0.09, 0.30, False),
        (0.17, 0.22, False),
    ],
)
def test_who_outweighs_whom(probability: float, judge: float, *, is_enough: bool) -> None:
    assert (together(probability, judge) >= LEAST) == is_enough
