"""Cells in rows and columns to tables: what a sheet or a file of values holds, as its readers take it.

A sheet is a surface, not a table: it may hold titles, several tables and remarks, with blank rows and columns
around them. Knows no format.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.document import BlockKind
from kbchat.parsing.errors import ParseError, ParseErrorCode

MOST_CELLS = 500_000
_MOST_LOOKED_AT = 2_000_000
"""Rows and cells, blank ones among them: a file may hold any number of them."""
MOST_CHARACTERS = 30_000_000
_MOST_PLACES = 4_000_000
"""Of all tables, blank ones among them: two cells can be as far apart as a sheet is large."""

_LONGEST_TITLE = 100
_ODD_AMONG = 6
"""One number among so many names makes them no row of values: the head of an unnamed first column."""
_MOST_BESIDE = 20
_YEAR = re.compile(r"(19|20)\d\d")
_VALUE = re.compile(
    r"[-+(]?\s*(?:[A-Z]{3}\s?)?[¥￥$€£]?\s*\d[\d,.  ]*\s*(?:%|‰|元|万元|[¥€$£])?\)?"
    r"|\d{1,4}[-/.年]\d{1,2}(?:[-/.月]\d{1,4}日?|月)?(?:[T ]\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(?::\d{2})?"
    r"|true|false|yes|no|是|否|n/?a|-+|—+",
    re.IGNORECASE,
)
_LONGEST_VALUE = 40


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown. ``is_value``: a number, a date or a yes or no, which a column's name is not."""

    text: str
    is_value: bool = False


def written_cell(text: str) -> Cell:
    """A cell of a file that knows text only."""
    told = text.strip()
    return Cell(text, is_value=len(told) <= _LONGEST_VALUE and bool(_VALUE.fullmatch(told)))


@dataclass(slots=True)
class Room:
    """What the cells of one file may take together."""

    cells: int = 0
    characters: int = 0
    looked_at: int = 0
    places: int = 0

    def look(self, times: int = 1) -> None:
        """At one more row or cell, or at several. Raises as ``take``."""
        self.looked_at += times
        if self.looked_at > _MOST_LOOKED_AT:
            raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_cells=_MOST_LOOKED_AT)

    def take(self, text: str) -> None:
        """:raises ParseError: TOO_LARGE_UNPACKED (``limit_cells`` or ``limit_characters``)."""
        self.expect(1)
        self.cells += 1
        self.characters += len(text)
        if self.characters > MOST_CHARACTERS:
            raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_characters=MOST_CHARACTERS)

    def lay_out(self, places: int) -> None:
        """A table of so many. Raises as ``take``."""
        self.places += places
        if self.places > _MOST_PLACES:
            raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_cells=_MOST_PLACES)

    def expect(self, cells: int) -> None:
        """Before so many are made. Raises as ``take``."""
        if self.cells + cells > MOST_CELLS:
            raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_cells=MOST_CELLS)


@dataclass(slots=True)
class Grid:
    """The cells that show something, by row and column. ``spread``: rows with a cell over several columns."""

    room: Room
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    spread: set[int] = field(default_factory=set)

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Cells without anything to see are passed over. Raises as ``Room.take``."""
        if cell.text.strip():
            self.room.take(cell.text)
            self.rows.setdefault(row, {})[column] = cell


_Rows = list[tuple[int, Mapping[int, Cell]]]


def add_grid(builder: DocumentBuilder, grid: Grid, *, page: int | None = None) -> None:
    """Adds what stands in the grid: a table for each part of it, and paragraphs for what stands alone.

    :raises ParseError: TOO_LARGE_UNPACKED (``limit_cells``) where blank cells between others make a table too large.
    """
    for part in _parts(grid):
        part.add_to(builder, grid.room, page)


class _Part:
    """Rows that belong together. The title right above a table's head is part of the head."""

    def __init__(self, rows: _Rows, spread: set[int]) -> None:
        self._columns = sorted({column for _, cells in rows for column in cells})
        self._lone = 0
        while len(self._columns) > 1 and self._lone < len(rows) - 1 and len(rows[self._lone][1]) == 1:
            self._lone += 1
        self._rows = [cells for _, cells in rows]
        is_spread = rows[self._lone][0] in spread
        self._heads = _head_of(self._rows[self._lone :], len(self._columns), is_spread=is_spread)

    def takes(self, part: "_Part") -> bool:
        """Takes in rows from behind a blank one if they are more of this table: under its columns, with no head."""
        is_below = set(part._columns) <= set(self._columns) and len(part._rows[0]) > 1
        if not is_below or part._heads:
            return False
        is_bare_head = self._lone == len(self._rows) - 1 and _are_names(self._rows[-1], 2)
        if self._heads or is_bare_head:
            self._heads = self._heads or 1
            self._rows += part._rows
            return True
        return False

    def add_to(self, builder: DocumentBuilder, room: Room, page: int | None) -> None:
        has_title = self._lone and self._heads and _is_title(self._rows[self._lone - 1])
        first = self._lone - 1 if has_title else self._lone
        for cells in self._rows[:first]:
            builder.block(BlockKind.PARAGRAPH, " ".join(cell.text for cell in cells.values()), page=page)
        rows = self._rows[first:]
        room.lay_out(len(rows) * len(self._columns))
        if len(self._columns) == 1 and len(rows) == 1:
            builder.block(BlockKind.PARAGRAPH, rows[0][self._columns[0]].text, page=page)
            return
        blank = Cell("")
        table = [[cells.get(column, blank).text for column in self._columns] for cells in rows]
        heads = self._heads + self._lone - first if self._heads else 0
        builder.table(table, header_rows=heads, page=page)


def _parts(grid: Grid) -> Iterator[_Part]:
    """What stands between blank rows, and side by side between blank columns; a table that goes on behind a blank row
    is one."""
    reached: list[_Part] = []
    for run in _runs([(row, grid.rows[row]) for row in sorted(grid.rows)]):
        parts = [_Part(rows, grid.spread) for rows in _beside(run)]
        if len(parts) == len(reached) == 1 and reached[0].takes(parts[0]):
            continue
        yield from reached
        reached = parts
    yield from reached


def _runs(rows: Iterable[tuple[int, Mapping[int, Cell]]]) -> Iterator[_Rows]:
    """Rows without a blank one between them."""
    run: _Rows = []
    for row, cells in rows:
        if run and row > run[-1][0] + 1:
            yield run
            run = []
        run.append((row, cells))
    if run:
        yield run


def _beside(run: _Rows) -> list[_Rows]:
    """The rows of tables that stand side by side. A blank column alone parts nothing: there are such in tables."""
    columns = sorted({column for _, cells in run for column in cells})
    edges = [
        0,
        *(place for place in range(1, len(columns)) if columns[place] > columns[place - 1] + 1),
        len(columns),
    ]
    bands = [columns[first:last] for first, last in pairwise(edges)]
    if len(bands) == 1 or len(bands) > _MOST_BESIDE:
        return [run]
    parts = [_within(run, bands[0])]
    for band in bands[1:]:
        part = _within(run, band)
        if _stand_apart(parts[-1], part):
            parts.append(part)
        else:
            both = dict(parts[-1])
            parts[-1] = [
                (row, {**both.get(row, {}), **dict(part).get(row, {})})
                for row in sorted(both.keys() | dict(part).keys())
            ]
    return [rows for part in parts for rows in _runs(part)] if len(parts) > 1 else [run]


def _within(run: _Rows, band: Sequence[int]) -> _Rows:
    inside = range(band[0], band[-1] + 1)
    found = [
        (row, {column: cell for column, cell in cells.items() if column in inside}) for row, cells in run
    ]
    return [(row, cells) for row, cells in found if cells]


def _stand_apart(left: _Rows, right: _Rows) -> bool:
    """Both are tables of their own, with several columns and a head each. Labels must not part from their values."""
    wide = [{column for _, cells in rows for column in cells} for rows in (left, right)]
    if min(map(len, wide)) < 2:
        return False
    heads = [
        _head_of([cells for _, cells in rows], len(columns), is_spread=False)
        for rows, columns in zip((left, right), wide, strict=True)
    ]
    return all(heads)


def _head_of(rows: Sequence[Mapping[int, Cell]], width: int, *, is_spread: bool) -> int:
    """How many of the first rows name the columns: one, two where the first spreads over those of the second."""
    if len(rows) > 2 and is_spread and _are_names(rows[0], 1) and _are_names(rows[1], 2):
        return 2
    if len(rows) < 2 or not _are_names(rows[0], max(2, (width + 1) // 2) if width > 1 else 1):
        return 0
    if width == 1:
        return int(any(cell.is_value for cell in rows[1].values()))
    if _odd_among(rows[0]) and not _contrast(rows[0], rows[1]):
        return 0
    texts = [cell.text.strip() for cell in rows[0].values()]
    return int(is_spread or len(set(texts)) == len(texts))


def _are_names(cells: Mapping[int, Cell], least: int) -> bool:
    """Years count as names beside at least one that is a word."""
    names = [cell for cell in cells.values() if not cell.is_value]
    are_short = all(len(cell.text) <= _LONGEST_TITLE for cell in names)
    return len(cells) >= least and bool(names) and are_short and _odd_among(cells) * _ODD_AMONG <= len(cells)


def _odd_among(cells: Mapping[int, Cell]) -> int:
    """How many are values, and no years."""
    return sum(cell.is_value and not _YEAR.fullmatch(cell.text.strip()) for cell in cells.values())


def _contrast(names: Mapping[int, Cell], below: Mapping[int, Cell]) -> bool:
    """Whether a value stands below a word."""
    return any(
        column in names and not names[column].is_value and cell.is_value for column, cell in below.items()
    )


def _is_title(cells: Mapping[int, Cell]) -> bool:
    text = next(iter(cells.values())).text.strip()
    return len(text) <= _LONGEST_TITLE and not text.endswith(("。", ".", "；", ";"))
