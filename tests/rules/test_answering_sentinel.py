"""The word for "not found" is never shown, wherever it stands and however the stream is cut; other text always is."""

import time

import pytest

from kbchat.answering.sentinel import SentinelWatch


def fed(said: str, size: int) -> tuple[str, SentinelWatch]:
    watch = SentinelWatch()
    shown = "".join(watch.feed(said[start : start + size]) for start in range(0, len(said), size))
    return shown + watch.finish(), watch


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    "said",
    [
        "NOT_FOUND",
        " NOT_FOUND\n",
        "**NOT_FOUND**",
        "NOT FOUND",
        "NOT_FOUND. The passages say",
        "[NOT_FOUND]",
        "“NOT_FOUND”",
        "答案：NOT_FOUND",
        "Answer: NOT_FOUND.",
    ],
)
def test_the_word_is_caught_however_it_is_cut(said: str, size: int) -> None:
    shown, watch = fed(said, size)
    assert shown == ""
    assert watch.was_found


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("said", "before", "rest"),
    [
        ("The passages do not say this.\n\nNOT_FOUND", "The passages do not say this.", ""),
        (
            "这些段落里没有提到有关结转年假的任何规定。NOT_FOUND",
            "这些段落里没有提到有关结转年假的任何规定。",
            "",
        ),
        ("The passages do not say this: **NOT_FOUND**\n", "The passages do not say this:", "\n"),
        ("There are 28 days [1].\nNOT_FOUND\nAsk HR.", "There are 28 days [1].", "\nAsk HR."),
        ("NOT_FOUND. But [1] says 28 days.", "", "But [1] says 28 days."),
    ],
)
def test_what_stands_around_the_word_is_kept_apart(said: str, before: str, rest: str, size: int) -> None:
    shown, watch = fed(said, size)
    assert (shown.rstrip(), watch.rest) == (before, rest)
    assert watch.was_found


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    "said",
    [
        "Not found in any list is the red one.",
        "NOT a chance",
        "Nobody",
        "N",
        "The service answers NOT_FOUND where nothing is there [1].",
        "The code is HTTP_404_NOT_FOUND",
        "A page that is missing is told by 404 NOT FOUND",
        "See the list [NOTES] of [1].\n\n**NOT** now",
    ],
)
def test_other_text_passes(said: str, size: int) -> None:
    shown, watch = fed(said, size)
    assert shown == said
    assert not watch.was_found


def test_what_cannot_be_the_word_is_shown_at_once() -> None:
    watch = SentinelWatch()
    assert watch.feed("There are thirty days of leave.") == "There are thirty days of leave."
    assert watch.feed(" Ask") == " Ask"


@pytest.mark.parametrize("piece", ["\n", " ", "*", "N", "(", "NOT_", "NOT_FOUND and "])
def test_a_model_that_repeats_itself_takes_bounded_time(piece: str) -> None:
    watch, started = SentinelWatch(), time.process_time()
    for _ in range(2_000):
        watch.feed(f"{piece}")
    watch.finish()
    assert time.process_time() - started < 2.0
