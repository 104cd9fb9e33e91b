"""The citation parser: no cut of a stream changes what it finds, and no number dangles."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbchat.answering.citing import MarkerParser, Marks, Piece, Words

OFFERED = frozenset(range(1, 9))

Found = list[str | tuple[int, ...]]

DANGLING = re.compile(
    r"[\[【［][ \t]{0,3}\d{1,3}(?:[ \t]{0,3}[,，、;；][ \t]{0,3}\d{1,3})*[ \t]{0,3}[\]】］]"
)


def pieces(text: str, cuts: tuple[int, ...] = ()) -> Found:
    """What the parser makes of `text` cut at `cuts`, neighbouring words joined."""
    parser = MarkerParser(OFFERED)
    given_out: list[Piece] = []
    start = 0
    for end in (*sorted(cuts), len(text)):
        given_out += parser.feed(text[start:end])
        start = end
    joined: Found = []
    for piece in [*given_out, *parser.finish()]:
        if isinstance(piece, Marks):
            joined.append(piece.numbers)
        elif joined and isinstance(joined[-1], str):
            joined[-1] += piece.text
        else:
            joined.append(piece.text)
    return joined


def words(found: Found) -> str:
    return "".join(piece for piece in found if isinstance(piece, str))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Leave is 15 days [1].", ["Leave is 15 days", (1,), "."]),
        ("Leave is 15 days[1]. Ask HR.", ["Leave is 15 days", (1,), ". Ask HR."]),
        ("Both [1][2] say so.", ["Both", (1,), (2,), " say so."]),
        ("Both [1], [2] and [3].", ["Both", (1,), (2,), (3,), "."]),
        ("All [1, 3] agree", ["All", (1, 3), " agree"]),
        ("All [1-3] agree", ["All", (1, 2, 3), " agree"]),
        ("年假 15 天【1】。病假另计［２］。", ["年假 15 天", (1,), "。病假另计", (2,), "。"]),
        ("年假 15 天（[1]、[2]）。", ["年假 15 天", (1, 2), "。"]),
        ("As said ([4]).", ["As said", (4,), "."]),
        ("[2] says no.\n[3] says yes.", [(2,), "says no.\n", (3,), "says yes."]),
        ("Escaped \\[1\\] too", ["Escaped", (1,), " too"]),
        ("15 days [passage 2].", ["15 days", (2,), "."]),
        ("15 days [Passage 3, passage 4].", ["15 days", (3, 4), "."]),
        ("15 days (Passages 1-2).", ["15 days", (1, 2), "."]),
        ("15 days (source: 3).", ["15 days", (3,), "."]),
        ("15 days [Document #4].", ["15 days", (4,), "."]),
        ("最多 18 天[段落3]。", ["最多 18 天", (3,), "。"]),
        ("最多 18 天（段落 3）。", ["最多 18 天", (3,), "。"]),
        ("最多 18 天（来源：3）。", ["最多 18 天", (3,), "。"]),
    ],
)
def test_markers_become_marks(text: str, expected: Found) -> None:
    assert pieces(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "A [draft] of the [2024] plan, 国办发[2024]12号, (1) and [x] stay.",
        "Use `array[3]` and ``a[1] ` b`` here.",
        "```python\nx = rows[1]\n```\nDone.",
        "1. Run\n    ~~~\n    rows[1]\n    ~~~\n",
        "Never closed: [1, 2",
        "[note 1] and [1a] are words",
    ],
)
def test_ordinary_brackets_and_code_stay(text: str) -> None:
    assert pieces(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No such source [99].", "No such source."),
        ("Some [2, 77] such.", "Some such."),
        ("[[1]2] nested", "[2 nested"),
        ("an open ` tick [1]\nnext", "an open ` tick\nnext"),
    ],
)
def test_numbers_never_dangle(text: str, expected: str) -> None:
    found = pieces(text)
    assert words(found) == expected
    assert all(number in OFFERED for piece in found if isinstance(piece, tuple) for number in piece)


def test_unknown_numbers_leave_the_known_ones() -> None:
    assert (2,) in pieces("Some [2, 77] such.")


def test_an_open_code_span_is_held_back_until_it_is_clear() -> None:
    parser = MarkerParser(OFFERED)
    assert parser.feed("see `a[1") == [Words("see"), Words(" ")]
    assert parser.feed("]` ok") == [Words("`a[1]`"), Words(" "), Words("ok")]


FRAGMENTS = st.sampled_from(
    [
        *"[]【】［］（()）12９,，、-` \t\n\\",
        *[
            "77",
            "```",
            "~~~",
            "word",
            "天。",
            "and",
            "和",
            "[1]",
            "【2】",
            "[1,3]",
            "[77]",
            "[2, 99]",
            "[2024]",
            "a[3]",
        ],
        "   ",
        "[1, 3]",
    ]
)
TEXTS = st.lists(FRAGMENTS, max_size=25).map("".join) | st.text(alphabet="[]【】12,` \n\\()a", max_size=30)


def check_stream(text: str, cuts: tuple[int, ...]) -> None:
    """What the parser promises of any text in any pieces."""
    found = pieces(text, cuts)
    assert found == pieces(text), "a cut changes nothing"
    if "`" not in text and "~~~" not in text:
        assert DANGLING.search(words(found)) is None, "no marker is left outside code"
    rest = iter(text)
    assert all(character in rest for character in words(found)), "nothing is invented, nothing moved"
    marks = [mark for mark in found if isinstance(mark, tuple)]
    assert all(mark and set(mark) <= OFFERED for mark in marks), "only what was offered is cited"


def cuts_of(text: str, data: st.DataObject) -> tuple[int, ...]:
    return tuple(data.draw(st.lists(st.integers(0, len(text)), max_size=len(text) + 1)))


@given(TEXTS, st.data())
def test_a_fuzzed_stream_keeps_the_promises(text: str, data: st.DataObject) -> None:
    check_stream(text, cuts_of(text, data))


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(max_examples=10_000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(TEXTS, st.data())
def test_ten_thousand_fuzzed_streams_keep_the_promises(text: str, data: st.DataObject) -> None:
    check_stream(text, cuts_of(text, data))


@given(st.lists(st.sampled_from(["Rest", "天", " and ", "。", "\n", ", "]), max_size=12).map("".join))
def test_text_without_brackets_is_unchanged(text: str) -> None:
    assert words(pieces(text)) == text
