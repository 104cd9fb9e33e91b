"""What a clause denies and where one ends, whichever way it is said."""

import pytest

from kbchat.answering.denial import Bound, bounds, clauses, denies


@pytest.mark.parametrize(
    "clause", ["cannot be carried over", "is not paid", "不得结转", "没有年假", "无需审批", "严禁外传"]
)
def test_a_denial(clause: str) -> None:
    assert denies(clause)


@pytest.mark.parametrize(
    "clause",
    ["not only managers", "no later than Friday", "不仅限于经理", "不超过三天", "非常重要", "不少于 5 天"],
)
def test_no_denial(clause: str) -> None:
    assert not denies(clause)


def test_bounds_are_read_whichever_way_they_are_said() -> None:
    assert bounds("不超过 3 天") == bounds("at most 3 days") == bounds("up to 3 days") == {Bound.AT_MOST}
    assert bounds("至少 3 天") == bounds("no less than 3 days") == bounds("超过 3 天") == {Bound.AT_LEAST}


def test_clauses_leave_numbers_whole() -> None:
    assert clauses("two and a half years and five (5) days") == ["two and a half years", "five (5) days"]
    assert clauses("It costs 1,000.50, and starts at 9:30.") == ["It costs 1,000.50", "and starts at 9:30"]
