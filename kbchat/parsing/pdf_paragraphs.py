"""Printed lines to paragraphs and list items, by the looks of a page.

A paragraph goes on as long as size, spacing, indentation and fullness of the lines say so. Nothing is
joined over a page's end: a citation names one page.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kbchat.parsing.list_marks import ListMark, list_mark
from kbchat.parsing.numbered_headings import numbered_rank
from kbchat.parsing.pdf_lines import Line

_INDENT = 0.8
_SAME_COLUMN = 4.0
"""In multiples of the font size."""
_NEIGHBOURS = 8
_TERMINAL = tuple("。！？；：.!?;:”」』…")


@dataclass(slots=True)
class Paragraph:
    """``mark``: the list mark it begins with; ``gap``: points of space above it, None at a page's top."""

    lines: list[Line]
    mark: ListMark | None = None
    gap: float | None = None

    @property
    def size(self) -> float:
        return self.lines[0].size

    @property
    def bold(self) -> bool:
        return all(line.bold for line in self.lines)

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


class Leading:
    """The usual distance of two lines' tops, in multiples of their font size.

    Told for a font size on a page where lines enough show it, else for the size in the document, else 1.2.
    """

    def __init__(self, pages: Mapping[int, Sequence[Line]]) -> None:
        self._on_page: dict[tuple[int, int], Counter[float]] = {}
        self._in_document: dict[int, Counter[float]] = {}
        for page, lines in pages.items():
            for before, line in pairwise(lines):
                if abs(before.size - line.size) < 0.5 and line.size > 0:
                    distance = round((line.top - before.top) / line.size, 1)
                    if 0.9 < distance < 3:
                        self._on_page.setdefault((page, round(line.size)), Counter())[distance] += 1
                        self._in_document.setdefault(round(line.size), Counter())[distance] += 1

    def of(self, size: float, page: int) -> float:
        on_page = self._on_page.get((page, round(size)), Counter())
        distances = on_page if on_page.total() >= 4 else self._in_document.get(round(size), Counter())
        return distances.most_common(1)[0][0] if distances else 1.2


def paragraphs_of(lines: Sequence[Line], page: int, leading: Leading) -> list[Paragraph]:
    """The paragraphs of lines of page ``page`` (1-based), in their order."""
    ends = _ColumnEnds(lines)
    paragraphs: list[Paragraph] = []
    for position, line in enumerate(lines):
        before = lines[position - 1] if position else None
        current = paragraphs[-1] if paragraphs else None
        if (
            before is not None
            and current is not None
            and _goes_on(current, before, line, leading.of(line.size, page), ends)
        ):
            current.lines.append(line)
        else:
            gap = line.top - before.bottom if before is not None else None
            paragraphs.append(Paragraph([line], list_mark(line.text), gap))
    return paragraphs


class _ColumnEnds:
    """How far to the right the neighbours of a line reach that begin where it begins.

    Neighbours only: a page may set one text over its whole width and the next in columns.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._positions = {id(line): position for position, line in enumerate(lines)}
        self._known: dict[int, float] = {}

    def is_full(self, line: Line) -> bool:
        """Whether the line reaches the end of its column, but for a word that did not fit."""
        end = self._end(line)
        return line.right >= end - max(0.12 * (end - line.left), 2 * line.size)

    def is_short(self, line: Line) -> bool:
        """Whether the line leaves so much of its column free that it was ended on purpose."""
        end = self._end(line)
        return line.right < line.left + 0.65 * (end - line.left)

    def _end(self, line: Line) -> float:
        position = self._positions[id(line)]
        if position not in self._known:
            around = self._lines[max(position - _NEIGHBOURS, 0) : position + _NEIGHBOURS + 1]
            self._known[position] = max(
                other.right
                for other in around
                if abs(other.left - line.left) <= _SAME_COLUMN * line.size and abs(other.size - line.size) < 1
            )
        return self._known[position]


def _goes_on(current: Paragraph, before: Line, line: Line, leading: float, ends: _ColumnEnds) -> bool:
    if abs(before.size - line.size) > 0.6 or not _is_close(before, line, leading):
        return False
    if before.bold != line.bold and not ends.is_full(before):
        return False
    if len(before.segments) > 1 or len(line.segments) > 1:
        # Wide gaps inside are forms and tables of contents: each line for itself, but for an item's mark.
        return bool(current.mark) and len(line.segments) == 1 and ends.is_full(before)
    if _begins_something(current, before, line, ends):
        return False
    return _is_aligned(current, before, line, ends)


def _is_close(before: Line, line: Line, leading: float) -> bool:
    distance = line.top - before.top
    overlap = min(before.right, line.right) - max(before.left, line.left)
    return 0.3 * line.size < distance <= 1.25 * leading * line.size and overlap > 0


def _begins_something(current: Paragraph, before: Line, line: Line, ends: _ColumnEnds) -> bool:
    """Whether ``line`` looks like the beginning of an item or a heading, not like a continuation."""
    mark = list_mark(line.text)
    if mark is not None and (mark.is_bullet or current.mark is not None or not ends.is_full(before)):
        return True
    if numbered_rank(line.text, stands_alone=False) is not None and not ends.is_full(before):
        return True
    return numbered_rank(current.text, stands_alone=False) is not None and not ends.is_full(before)


def _is_aligned(current: Paragraph, before: Line, line: Line, ends: _ColumnEnds) -> bool:
    shift = line.left - before.left
    ended = before.text.endswith(_TERMINAL)
    if ends.is_short(before):
        return bool(current.mark) and not ended and abs(shift) < _INDENT * line.size
    if shift > _INDENT * line.size:
        return len(current.lines) == 1 and (current.mark is not None or ends.is_full(before))  # hanging
    if shift < -_INDENT * line.size:
        return len(current.lines) == 1 and current.mark is None  # the first line was indented
    return ends.is_full(before) or not ended
