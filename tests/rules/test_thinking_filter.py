"""Thoughts are dropped wherever the stream cuts their tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.inference.thinking_filter import ThinkingFilter


def filtered(pieces: list[str], *, is_opened: bool = False) -> str:
    thoughts = ThinkingFilter(is_opened=is_opened)
    return "".join([*(thoughts.feed(piece) for piece in pieces), thoughts.finish()])


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("<think>plan</think>\n\nFifteen days.", "Fifteen days."),
        ("Fifteen <think>hm</think>days.", "Fifteen days."),
        ("<think>a < b </thin </think>ok", "ok"),
        ("<think>never ended", ""),
        ("plan</think>ok", "planok"),
        ("a < b and <th is no tag <", "a < b and <th is no tag <"),
        ("<think><think>twice</think>ok", "ok"),
        ("年假<think>想</think>十五天", "年假十五天"),
        ("", ""),
    ],
)
def test_however_it_is_cut(said: str, answer: str) -> None:
    for size in range(1, len(said) + 2):
        assert filtered([said[i : i + size] for i in range(0, len(said), size)]) == answer


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("plan\n</think>\n\nFifteen days.", "Fifteen days."),
        ("plan <think>more</think>ok", "ok"),
        ("never ended", ""),
        ("a</think>Fifteen <think>hm</think>days.", "Fifteen days."),
    ],
)
def test_a_thought_that_the_prompt_opened_is_dropped_however_it_is_cut(said: str, answer: str) -> None:
    for size in range(1, len(said) + 2):
        pieces = [said[i : i + size] for i in range(0, len(said), size)]
        assert filtered(pieces, is_opened=True) == answer


@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "th", "ink>", "/", "x", " "])))
def test_cutting_makes_no_difference(parts: list[str]) -> None:
    said = "".join(parts)
    answer = filtered([said])
    assert filtered(list(said)) == filtered(parts) == answer


def test_certain_text_is_not_held_back() -> None:
    thoughts = ThinkingFilter()
    assert thoughts.feed("Fifteen days.") == "Fifteen days."
    assert thoughts.feed(" <thi") == " "
    assert thoughts.feed("s is text") == "<this is text"


def test_what_the_server_separates_ends_the_prompt_s_thought_and_no_other() -> None:
    by_prompt, by_itself = ThinkingFilter(is_opened=True), ThinkingFilter()
    by_prompt.separated()
    assert by_prompt.feed("Yes.") == "Yes."
    assert by_itself.feed("<think>A secret") == ""
    by_itself.separated()
    assert by_itself.feed(" plan.</think>Yes.") == "Yes."
