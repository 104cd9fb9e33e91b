"""The cells of one sheet of a workbook, read as a stream: what each shows, and what the sheet hides."""

import math
import re
from dataclasses import dataclass
from typing import Any

from kbchat.parsing.grids import Cell, Grid, Room, written_cell
from kbchat.parsing.number_formats import GENERAL, NumberFormat, written_moment
from kbchat.parsing.raised import Piece, written
from kbchat.parsing.xml_parts import attribute, child, children, is_on, local_name

BEGUN_IN_A_SHEET = ("{*}row",)
ENDED_IN_A_SHEET = ("{*}c", "{*}col", "{*}mergeCell")
"""The elements that ``Sheet.take`` takes."""

_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


@dataclass(frozen=True, slots=True)
class Shown:
    """What a workbook's cells refer to."""

    strings: list[str]
    formats: list[NumberFormat]
    since_1904: bool
    room: Room


class Sheet:
    """The cells of one sheet, as they come. ``hides_cells``: something stands in rows or columns that are not shown;
    ``lacks_values``: formulas were saved without what they give."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self._grid = Grid(shown.room)
        self._row = self._column = 0
        self._hidden_columns: set[int] = set()
        self._is_row_hidden = False
        self._merged: list[tuple[range, range]] = []
        self.hides_cells = self.lacks_values = False

    def take(self, element: Any) -> None:
        """A row that begins, a cell, columns or merged cells. Places that are not told follow the one before."""
        self._shown.room.look()
        name = local_name(element)
        if name == "row":
            self._row, self._column = int(attribute(element, "r") or self._row + 1), 0
            # That rows have no height unless they are told (zeroHeight) is said of those that no file holds.
            self._is_row_hidden = _is_hidden(element, "ht")
        elif name == "c":
            place = _PLACE.fullmatch(attribute(element, "r"))
            self._column = _column(place[1]) if place else self._column + 1
            self._cell(element)
        elif name == "col" and _is_hidden(element, "width"):
            if self._row:
                raise ValueError("columns are told before their cells")
            columns = _range(attribute(element, "min"), attribute(element, "max"))
            if columns.stop > _LAST_COLUMN + 1:
                raise ValueError("columns outside every sheet")
            self._hidden_columns.update(columns)
        elif name == "mergeCell":
            self._merge(attribute(element, "ref"))

    def finished(self) -> Grid:
        """The grid without what lies below merged cells, where stale values may stand that nobody sees."""
        for rows, columns in self._merged:
            is_short = len(rows) < len(self._grid.rows)
            self._shown.room.look(min(len(rows), len(self._grid.rows)))
            for row in rows if is_short else [one for one in self._grid.rows if one in rows]:
                self._uncover(row, columns, is_first=row == rows.start)
        return self._grid

    def _uncover(self, row: int, columns: range, *, is_first: bool) -> None:
        cells = self._grid.rows.get(row, {})
        if is_first and len(columns) > 1 and columns.start in cells:
            self._grid.spread.add(row)
        self._shown.room.look(min(len(columns), len(cells)))
        for column in list(columns) if len(columns) < len(cells) else list(cells):
            if column in cells and column in columns and not (is_first and column == columns.start):
                del cells[column]
        if not cells:
            self._grid.rows.pop(row, None)

    def _cell(self, element: Any) -> None:
        if self._row > _LAST_ROW or self._column > _LAST_COLUMN:
            raise ValueError("a cell outside every sheet")
        cell = self._read(element)
        if cell is None or not cell.text.strip():
            return
        if self._is_row_hidden or self._column in self._hidden_columns:
            self.hides_cells = True
        else:
            self._grid.put(self._row, self._column, cell)

    def _read(self, element: Any) -> Cell | None:
        kind = element.get("t", "n")
        if kind == "inlineStr":
            inline = child(element, "is")
            return self._words(element, "" if inline is None else text_of(inline))
        value = child(element, "v")
        told = "" if value is None else value.text or ""
        if not told:
            self.lacks_values |= value is None and child(element, "f") is not None
            return None
        if kind == "s":
            return self._words(element, self._shown.strings[int(told)])
        if kind == "n":
            return self._number(element, float(told))
        if kind == "b":
            return Cell("TRUE" if told.strip() == "1" else "FALSE", is_value=True)
        if kind == "d":
            return Cell(written_moment(told), is_value=True)
        return Cell(told, is_value=True) if kind == "e" else self._words(element, told)

    def _words(self, element: Any, text: str) -> Cell | None:
        if self._format(element).hides and text.strip():
            self.hides_cells = True
            return None
        return written_cell(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), text))

    def _number(self, element: Any, value: float) -> Cell | None:
        if not math.isfinite(value):
            return None
        style = self._format(element)
        self.hides_cells |= style.hides
        return Cell(style.shown(value, since_1904=self._shown.since_1904), is_value=True)

    def _format(self, element: Any) -> NumberFormat:
        place = int(element.get("s", 0))
        return self._shown.formats[place] if place < len(self._shown.formats) else GENERAL

    def _merge(self, ref: str) -> None:
        first, _, last = ref.partition(":")
        begins, ends = _PLACE.fullmatch(first), _PLACE.fullmatch(last)
        if begins and ends:
            self._merged.append((_range(begins[2], ends[2]), range(_column(begins[1]), _column(ends[1]) + 1)))


def text_of(item: Any) -> str:
    """Of a shared or inline string, without the reading aids of Japanese and Chinese."""
    pieces: list[Piece] = []
    for inner in children(item, "t", "r"):
        text = inner if local_name(inner) == "t" else child(inner, "t")
        above = attribute(child(child(inner, "rPr"), "vertAlign"), "val") == "superscript"
        pieces.append(("" if text is None else text.text or "", above))
    return written(pieces)


def _is_hidden(element: Any, size: str) -> bool:
    """By a switch, or by having no height or width."""
    return is_on(element, "hidden") or (
        attribute(element, size) != "" and float(attribute(element, size)) == 0
    )


def _range(first: str, last: str) -> range:
    return range(int(first), int(last) + 1)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
