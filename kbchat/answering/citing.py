"""Citation markers in a streamed answer: found however it is cut, taken out of its text, never invented.

A model marks its claims with [1], [1][2], [1, 3], 【1】 or ([2]), a small one with [passage 2] or （段落2）, as the
prompt calls them. The answer's text carries no markers: they become events with an offset. Outside code a bracketed
number of at most three digits is always a marker, so a number that was never offered vanishes instead of dangling;
[draft], [2024] and everything inside code stay as they were written. Knows no models, no sockets and no passages.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

_OPENING: Final = frozenset("[【［")
_CLOSING: Final = frozenset("]】］")  # models mix them
_PARENTHESES: Final = {"(": ")", "（": "）"}
_BLANKS: Final = " \t"
_SEPARATORS: Final = ",，、;；"
_RANGES: Final = "-–~～至"
_CONJUNCTIONS: Final = ("and", "以及", "和", "与", "及")
_INSIDE: Final = frozenset(_BLANKS + _SEPARATORS + _RANGES + "\\")
_SPECIAL: Final = frozenset("[【［(（`\n\\" + _BLANKS)
# In lower case; in parentheses only the first four, as "(document 2)" may be a form's name.
_LABELS: Final = ("passage", "source", "段落", "来源", "document", "文档", "资料")
_LABELS_IN_PARENTHESES: Final = _LABELS[:4]
_BEHIND_LABEL: Final = _BLANKS + ":：#"
_MOST_DIGITS: Final = 3
_MOST_BLANKS: Final = 3
_MOST_NUMBERS: Final = 50
_LONGEST_RANGE: Final = 12
_LONGEST_CODE_SPAN: Final = 400
_DEEPEST_FENCE: Final = 12


@dataclass(frozen=True, slots=True)
class Words:
    """Text of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Citations at this place: offered numbers, each once, in the order written."""

    numbers: tuple[int, ...]


Piece = Words | Marks


class _NeedMoreError(Exception):
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
        raise _NeedMoreError

    def skip(self, place: int, characters: str, most: int) -> int:
        """The first place from `place` on, at most `most` further, that holds none of `characters`."""
        stop = place + most
        while place < stop and (found := self.at(place)) and found in characters:
            place += 1
        return place

    def word(self, place: int, word: str) -> bool:
        return all(self.at(place + i).lower() == letter for i, letter in enumerate(word))

    def line_end(self, place: int) -> int:
        end = self.text.find("\n", place)
        if end < 0 and not self.ended:
            raise _NeedMoreError
        return end if end >= 0 else len(self.text)


class MarkerParser:
    """Turns the deltas of a stream into words and marks; any cut of the same text gives the same pieces."""

    def __init__(self, offered: Collection[int]) -> None:
        self._offered = offered
        self._held = ""
        self._fence = ""
        self._line_start = True
        self._after_marks = False
        self._seam = _Seam()

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
            except _NeedMoreError:
                return
            self._held = self._held[used:]
            self._after_marks = isinstance(piece, Marks)
            if isinstance(piece, Words):
                self._line_start = piece.text.endswith("\n")
            if piece != Marks(()) and piece != Words(""):
                yield piece

    def _next(self, ahead: _Ahead) -> tuple[Piece, int]:
        """The piece at the front and how many characters it takes up."""
        if code := self._code(ahead):
            return Words(self._seam.verbatim(ahead.text[:code])), code
        if cluster := self._cluster(ahead):
            self._seam.marker_removed()
            return cluster
        if ahead.at(0) in _BLANKS and self._after_marks and self._line_start:
            return Marks(()), 1  # a marker that opened its line leaves no blank behind
        end = self._prose(ahead)
        return Words(self._seam.prose(ahead.text[:end])), end

    @staticmethod
    def _prose(ahead: _Ahead) -> int:
        """How many characters at the front are certainly ordinary text, at least one."""
        first = ahead.at(0)
        if first == "\\":
            return 1 + len(ahead.at(1))
        end = 1
        if first == "`":
            while ahead.at(end) == "`":
                end += 1
        elif first not in _BLANKS and first != "\n":
            while end < len(ahead.text) and ahead.text[end] not in _SPECIAL:
                end += 1
        return end

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

    # Code

    def _code(self, ahead: _Ahead) -> int:
        """How many characters at the front are code, to be left alone; 0 when prose begins here."""
        if self._fence:
            return self._fenced_line(ahead)
        if self._line_start and not self._after_marks and (opening := self._fence_opening(ahead)):
            return opening
        return _code_span(ahead) if ahead.at(0) == "`" else 0

    def _fence_opening(self, ahead: _Ahead) -> int:
        """The length of a line that opens a fenced block (CommonMark 4.5; deeper inside a list)."""
        start = ahead.skip(0, " ", _DEEPEST_FENCE)
        mark = ahead.at(start)
        if not mark or mark not in "`~" or not ahead.word(start, mark * 3):
            return 0
        run = start
        while ahead.at(run) == mark:
            run += 1
        end = ahead.line_end(run)
        if mark == "`" and "`" in ahead.text[run:end]:
            return 0
        self._fence = ahead.text[start:run]
        return end + len(ahead.at(end))

    def _fenced_line(self, ahead: _Ahead) -> int:
        end = ahead.line_end(0)
        line = ahead.text[:end].strip()
        if line.startswith(self._fence) and not line.strip(self._fence[0]):
            self._fence = ""
        return end + len(ahead.at(end))


class _Seam:
    """Keeps the text around a removed marker from closing up into a new one: "[[1]2]" must not leave
    "[2]"."""

    def __init__(self) -> None:
        self._open = False
        self._removed = False

    def marker_removed(self) -> None:
        self._removed = self._open

    def verbatim(self, code: str) -> str:
        self._open = False
        return code

    def prose(self, text: str) -> str:
        """`text` without a closing bracket that would complete a marker across a removed one."""
        kept = []
        for character in text:
            if character in _OPENING:
                self._open, self._removed = True, False
            elif character in _CLOSING:
                if self._open and self._removed:
                    continue
                self._open = False
            elif not (character.isdecimal() or character in _INSIDE):
                self._open = False
            kept.append(character)
        return "".join(kept)


def _code_span(ahead: _Ahead) -> int:
    """The length of a code span within one line; 0 when no run of as many backticks closes it."""
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
            return place
    return 0


def _marker(ahead: _Ahead, place: int) -> tuple[list[int], int] | None:
    """The numbers of a bracketed marker at `place` and where it ends. Escaped brackets count as brackets."""
    escaped = ahead.at(place) == "\\"
    place += escaped
    if ahead.at(place) not in _OPENING:
        return None
    listed = _numbers(ahead, place + 1, _LABELS)
    if listed is None:
        return None
    numbers, place = listed
    place += ahead.at(place) == "\\"
    if ahead.at(place) not in _CLOSING:
        return None
    return numbers, place + 1


def _behind_label(ahead: _Ahead, place: int, labels: Collection[str]) -> int:
    """The place behind one of `labels` and what joins it to its number; `place` where none stands."""
    for label in labels:
        if ahead.word(place, label):
            place += len(label)
            place += label.isascii() and ahead.word(place, "s")
            return ahead.skip(place, _BEHIND_LABEL, _MOST_BLANKS)
    return place


def _numbers(ahead: _Ahead, place: int, labels: Collection[str]) -> tuple[list[int], int] | None:
    """Numbers joined by commas, blanks or a range's dash, each behind a label or not, and the place behind them."""
    numbers: list[int] = []
    in_range = False
    while len(numbers) < _MOST_NUMBERS:
        place = ahead.skip(place, _BLANKS, _MOST_BLANKS)
        place = _behind_label(ahead, place, labels)
        digits = ""
        while len(digits) <= _MOST_DIGITS and (found := ahead.at(place)).isdecimal():
            digits += found
            place += 1
        if not 0 < len(digits) <= _MOST_DIGITS:
            return None
        last = int(digits)
        numbers += range(numbers[-1] + 1, min(last, numbers[-1] + _LONGEST_RANGE) + 1) if in_range else [last]
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
    """Markers that alone fill a pair of parentheses: ([1]), （[1]、[2]）, (passage 1), （来源：1）."""
    opening = ahead.at(place)
    if opening not in _PARENTHESES:
        return None
    place = ahead.skip(place + 1, _BLANKS, _MOST_BLANKS)
    if _behind_label(ahead, place, _LABELS_IN_PARENTHESES) != place:
        listed = _numbers(ahead, place, _LABELS_IN_PARENTHESES)
        is_closed = listed is not None and ahead.at(listed[1]) == _PARENTHESES[opening]
        return (listed[0], listed[1] + 1) if listed and is_closed else None
    numbers: list[int] = []
    while len(numbers) < _MOST_NUMBERS:
        place = ahead.skip(place, _BLANKS, _MOST_BLANKS)
        found = _marker(ahead, place)
        if found is None:
            return None
        numbers += found[0]
        place = ahead.skip(found[1], _BLANKS, _MOST_BLANKS)
        joint = ahead.at(place)
        if joint == _PARENTHESES[opening]:
            return numbers, place + 1
        if joint and joint in _SEPARATORS:
            place += 1
    return None
