"""Differences of texts: which paragraph became which, and which words of it changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.analysis import Piece, paired, steps, words_changed


def told(before: str, after: str) -> str:
    signs = {"same": "{}", "removed": "[-{}-]", "added": "[+{}+]"}
    return "".join(signs[piece.kind].format(piece.text) for piece in words_changed(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Everybody has 28 days.", "Everybody has 30 days.", "Everybody has [-28-][+30+] days."),
        ("每位员工有二十八天年假。", "每位员工有三十天年假。", "每位员工有[-二十八-][+三十+]天年假。"),
        ("Ask by mail.", "Ask by mail or phone.", "Ask by mail[+ or phone+]."),
        ("One and two", "Six and ten", "[-One-][+Six+] and [-two-][+ten+]"),
        ("One, two", "Six, ten", "[-One, two-][+Six, ten+]"),
        ("同样", "同样", "同样"),
        ("", "New.", "[+New.+]"),
        ("Old.", "", "[-Old.-]"),
        ("年假1.5天", "年假2.5天", "年假[-1.5-][+2.5+]天"),
    ],
)
def test_words_and_characters(before: str, after: str, expected: str) -> None:
    assert told(before, after) == expected


def test_what_is_too_long_to_compare_is_told_whole() -> None:
    before = "word " * 700
    assert [piece.kind for piece in words_changed(before, before + "more")] == ["removed", "added"]


texts = st.text(st.sampled_from("ab1 .\n年假日，"), max_size=40)


@given(before=texts, after=texts)
def test_both_texts_can_be_read_from_it(before: str, after: str) -> None:
    pieces = words_changed(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
    assert all(piece.text for piece in pieces)
    if before == after:
        assert pieces == [Piece("same", before)] * bool(before)


@given(before=st.lists(texts, max_size=6), after=st.lists(texts, max_size=6))
def test_every_paragraph_is_there_once_and_in_order(before: list[str], after: list[str]) -> None:
    pairs = paired(before, after)
    assert [old for old, _ in pairs if old is not None] == list(range(len(before)))
    assert [new for _, new in pairs if new is not None] == list(range(len(after)))
    assert (None, None) not in pairs


def test_a_paragraph_is_paired_with_the_one_it_became() -> None:
    before = ["Leave is 28 days a year.", "Ask your manager first."]
    after = ["Bicycles are insured.", "Ask your manager by mail first.", "Leave is for all."]
    assert paired(before, after) == [(0, None), (None, 0), (1, 1), (None, 2)]


@pytest.mark.timeout(10)
def test_what_stands_everywhere_is_nothing_to_start_from() -> None:
    """Comparing would take the cube of how often: forms full of "N/A" took half a minute."""
    assert words_changed("的" * 600, "的一" * 300)
    assert steps(["N/A"] * 3000, ["N/A", "None"] * 1500)
    rows = [line for number in range(50) for line in (f"Row {number}", "N/A", "N/A")]
    without = rows[:60] + rows[63:]
    assert [step[0] for step in steps(rows, without)] == ["equal", "delete", "equal"]
