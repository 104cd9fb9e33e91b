"""Citation markers in a streamed answer: found however the stream is cut, taken out of the text, never invented.

A model marks its claims with [1], [1][2], [1, 3], 【1】 or ([2]). The answer's text carries no markers: they become
events with an offset. Outside code a bracketed number of at most three digits is always a marker, so a number that
was never offered vanishes instead of dangling; [draft], [2024] and everything inside code stay as they were written.
Knows no models, no sockets and no passages.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

_CLOSING: Final = {"[": "]", "【": "】", "［": "］", "(": ")", "（": "）"}
_PARENTHESES: Final = "(（"
_BLANKS: Final = " \t"
_SEPARATORS: Final = ",，、;；"
_RANGES: Final = "-–~～至"
_CONJUNCTIONS: Final = ("and", "以及", "和", "与", "及")
_SPECIAL: Final = frozenset("[【［(（`\n\\" + _BLANKS)
_MOST_DIGITS: Final = 3
_MOST_BLANKS: Final = 3
_MOST_NUMBERS: Final = 12
_LONGEST_CODE_SPAN: Final = 400


@dataclass(frozen=True, slots=True)
class Words:
    """Text of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Citations at this place: offered numbers, each once, in the order written."""

    numbers: tuple[int, ...]


Piece = Words | Marks


class _NeedMore(Exception):
    """What stands here cannot be told before more of the stream has come."""


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What is known of the stream from here on; looking past the end raises until the stream has ended."""

    text: str
    ended: bool

    def at(self, place: int) -> str:
        """The character at `place`, "" behind the end of an ended stream."""
        if place < len(self.text):
            return self.text[place]
        if self.ended:
            return ""
        raise _NeedMore

    def skip(self, place: int, characters: str, most: int) -> int:
        """The first place from `place` on, at most `most` further, that holds none of `characters`."""
        stop = place + most
        while place < stop and (found := self.at(place)) and found in characters:
            place += 1
        return place

    def word(self, place: int, word: str) -> bool:
        return all(self.at(place + i) == letter for i, letter in enumerate(word))

    def line_end(self, place: int) -> int:
        while (found := self.at(place)) and found != "\n":
            place += 1
        return place


class MarkerParser:
    """Turns the deltas of a stream into words and marks; any cut of the same text gives the same pieces."""

    def __init__(self, offered: Collection[int]) -> None:
        self._offered = offered
        self._held = ""
        self._fence = ""
        self._line_start = True
        self._after_marks = False

    def feed(self, delta: str) -> list[Piece]:
        """Pieces that are certain now; what may still become a marker is held back."""
        self._held += delta
        return list(self._pieces(ended=False))

    def finish(self) -> list[Piece]:
        """What was held back, now that nothing follows."""
        return list(self._pieces(ended=True))

    def _pieces(self, *, ended: bool) -> Iterator[Piece]:
        while self._held:
            try:
                piece, used = self._next(_Ahead(self._held, ended))
            except _NeedMore:
                return
            self._held = self._held[used:]
            self._after_marks = isinstance(piece, Marks)
            if isinstance(piece, Words):
                self._line_start = piece.text.endswith("\n")
                yield piece
            elif piece.numbers:
                yield piece

    def _next(self, ahead: _Ahead) -> tuple[Piece, int]:
        """The piece at the front and how many characters it takes up."""
        if self._fence:
            return self._code_line(ahead)
        if self._line_start and not self._after_marks and (opening := self._fence_opening(ahead)):
            return opening
        if cluster := self._cluster(ahead):
            return cluster
        first = ahead.at(0)
        if first == "`":
            return self._code_span(ahead)
        if first == "\n":
            return Words(first), 1
        if first in _BLANKS:
            end = ahead.skip(0, _BLANKS, len(ahead.text))
            # A marker that opened its line leaves no blank behind.
            leftover = "" if self._after_marks and self._line_start else ahead.text[:end]
            return (Words(leftover), end) if leftover else (Marks(()), end)
        end = 1
        while end < len(ahead.text) and ahead.text[end] not in _SPECIAL:
            end += 1
        return Words(ahead.text[:end]), end

    # Markers

    def _cluster(self, ahead: _Ahead) -> tuple[Marks, int] | None:
        """Blanks, then one marker; or, behind a marker, also what joined it to this one (", ", " and ")."""
        start = ahead.skip(0, _BLANKS, _MOST_BLANKS)
        if self._after_marks:
            start = self._joint(ahead, start)
        found = _parenthesised(ahead, start) or _marker(ahead, start)
        if found is None:
            return None
        numbers, end = found
        return Marks(tuple(dict.fromkeys(n for n in numbers if n in self._offered))), end

    def _joint(self, ahead: _Ahead, place: int) -> int:
        if (found := ahead.at(place)) and found in _SEPARATORS:
            return ahead.skip(place + 1, _BLANKS, _MOST_BLANKS)
        for word in _CONJUNCTIONS:
            if ahead.word(place, word):
                return ahead.skip(place + len(word), _BLANKS, _MOST_BLANKS)
        return place

    # Code: verbatim

    def _fence_opening(self, ahead: _Ahead) -> tuple[Words, int] | None:
        """A line that opens a fenced block (CommonMark 4.5)."""
        start = ahead.skip(0, " ", 3)
        mark = ahead.at(start)
        if not mark or mark not in "`~" or not ahead.word(start, mark * 3):
            return None
        run = start
        while ahead.at(run) == mark:
            run += 1
        end = ahead.line_end(run)
        if mark == "`" and "`" in ahead.text[run:end]:
            return None
        self._fence = ahead.text[start:run]
        end += len(ahead.at(end))
        return Words(ahead.text[:end]), end

    def _code_line(self, ahead: _Ahead) -> tuple[Words, int]:
        end = ahead.line_end(0)
        line = ahead.text[:end].strip()
        if line.startswith(self._fence) and not line.strip(self._fence[0]):
            self._fence = ""
        end += len(ahead.at(end))
        return Words(ahead.text[:end]), end

    def _code_span(self, ahead: _Ahead) -> tuple[Words, int]:
        """A code span within one line, or, where none closes, its backticks alone as ordinary characters."""
        ticks = 1
        while ahead.at(ticks) == "`":
            ticks += 1
        place = ticks
        while place < _LONGEST_CODE_SPAN and (found := ahead.at(place)) and found != "\n":
            if found != "`":
                place += 1
                continue
            run = place
            while ahead.at(place) == "`":
                place += 1
            if place - run == ticks:
                return Words(ahead.text[:place]), place
        return Words(ahead.text[:ticks]), ticks


def _marker(ahead: _Ahead, place: int) -> tuple[list[int], int] | None:
    """The numbers of a bracketed marker at `place` and where it ends. Escaped brackets count as brackets."""
    escaped = ahead.at(place) == "\\"
    place += escaped
    opening = ahead.at(place)
    if not opening or opening not in _CLOSING or opening in _PARENTHESES:
        return None
    listed = _numbers(ahead, place + 1)
    if listed is None:
        return None
    numbers, place = listed
    place += ahead.at(place) == "\\"
    if ahead.at(place) != _CLOSING[opening]:
        return None
    return numbers, place + 1


def _numbers(ahead: _Ahead, place: int) -> tuple[list[int], int] | None:
    """Numbers joined by commas, blanks or a range's dash, and the place behind them."""
    numbers: list[int] = []
    in_range = False
    while len(numbers) < _MOST_NUMBERS:
        place = ahead.skip(place, _BLANKS, _MOST_BLANKS)
        digits = ""
        while len(digits) <= _MOST_DIGITS and (found := ahead.at(place)).isdecimal():
            digits += found
            place += 1
        if not 0 < len(digits) <= _MOST_DIGITS:
            return None
        last = int(digits)
        numbers += range(numbers[-1] + 1, min(last, numbers[-1] + _MOST_NUMBERS) + 1) if in_range else [last]
        blank = place
        place = ahead.skip(place, _BLANKS, _MOST_BLANKS)
        joint = ahead.at(place)
        in_range = bool(joint) and joint in _RANGES
        if in_range or (joint and joint in _SEPARATORS):
            place += 1
        elif not (place > blank and joint.isdecimal()):
            return numbers, place
    return None


def _parenthesised(ahead: _Ahead, place: int) -> tuple[list[int], int] | None:
    """Markers that alone fill a pair of parentheses: ([1]), （[1]、[2]）."""
    opening = ahead.at(place)
    if not opening or opening not in _PARENTHESES:
        return None
    numbers: list[int] = []
    place += 1
    while len(numbers) < _MOST_NUMBERS:
        place = ahead.skip(place, _BLANKS, _MOST_BLANKS)
        found = _marker(ahead, place)
        if found is None:
            return None
        numbers += found[0]
        place = ahead.skip(found[1], _BLANKS, _MOST_BLANKS)
        joint = ahead.at(place)
        if joint == _CLOSING[opening]:
            return numbers, place + 1
        if joint and joint in _SEPARATORS:
            place += 1
    return None
