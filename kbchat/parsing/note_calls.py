"""Footnotes and endnotes of running text: what stands where one is called, and before the note itself.

Not [1]: a model marks its citations like that, and would cite a passage by a mark that it copies out of one. Nor
(Note 1), where whoever looks for quantities finds one. Knows no format.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from kbchat.parsing.characters import is_unspaced
from kbchat.parsing.raised import Piece, written

_RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Call:
    """``number``: as it is printed, "" where the mark is among the text. ``note``: where it is found, in the format's
    own terms."""

    number: str
    note: Any = None


def written_with_calls(pieces: Iterable[Piece | Call]) -> str:
    """The line as text, with its notes' marks."""
    return written(_placed(pieces))


def written_without_calls(pieces: Iterable[Piece | Call]) -> str:
    """The line as text without its notes' marks: for headings, by which sections are known."""
    return written(piece for piece in pieces if not isinstance(piece, Call))


def noted(number: str, text: str) -> str:
    """The note behind its mark, "" for one that says nothing."""
    return f"{_mark(number)} {text.strip()}".strip() if text.strip() else ""


def _placed(pieces: Iterable[Piece | Call]) -> Iterator[Piece]:
    """Behind a digit a call is a raised number, 500^1 EUR, so that 500 keeps its unit."""
    before = ""
    for piece in pieces:
        if not isinstance(piece, Call):
            yield piece
            before = piece[0][-1:] or before
        elif before.isdecimal() and piece.number.isdecimal():
            yield piece.number, True
            before = "^"
        elif piece.number:
            stands_apart = before and not before.isspace() and not is_unspaced(before)
            yield " " * bool(stands_apart) + _mark(piece.number), False
            before = "^"


def _mark(number: str) -> str:
    """¹ or, for other signs than figures, (iv)."""
    if number.isdecimal() and number.isascii():
        return number.translate(_RAISED)
    return f"({number})" if number else ""
