"""The cells of one sheet of a workbook, read as a stream: what each shows, and what the sheet hides."""

import math
import re
from dataclasses import dataclass
from typing import Any

from kbchat.parsing.grids import Cell, Grid, Room, written_cell
from kbchat.parsing.number_formats import GENERAL, NumberFormat, written_moment
from kbchat.parsing.raised import Piece, written
from kbchat.parsing.xml_parts import attribute, child, children, is_on, local_name, words_of

BEGUN_IN_A_SHEET = ("{*}row",)
ENDED_IN_A_SHEET = ("{*}c", "{*}col", "{*}mergeCell")
"""The elements that ``Sheet.take`` takes."""

_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


@dataclass(frozen=True, slots=True)
class Style:
    """What a cell's style says of its text."""

    format: NumberFormat = GENERAL
    is_struck: bool = False


_PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a workbook's cells refer to. ``left_when_struck``: what stays of strings in a cell that is struck out, where
    parts of them have a font of their own."""

    strings: list[str]
    left_when_struck: dict[int, str]
    styles: list[Style]
    since_1904: bool
    room: Room


class Sheet:
    """The cells of one sheet, as they come. ``hides_cells``: something stands in rows or columns that are not shown;
    ``lacks_values``: formulas were saved without what they give; ``strikes_out``: some cells or parts of them."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self._grid = Grid(shown.room)
        self._row = self._column = 0
        self._hidden_columns: set[int] = set()
        self._is_row_hidden = False
        self._merged: list[tuple[range, range]] = []
        self.hides_cells = self.lacks_values = self.strikes_out = False

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
            return
        if self._style(element).is_struck:
            self.strikes_out = True
            cell = self._words(element, self._left_when_struck(element))
        if cell is not None and cell.text.strip():
            self._grid.put(self._row, self._column, cell)

    def _read(self, element: Any) -> Cell | None:
        kind = element.get("t", "n")
        if kind == "inlineStr":
            inline = child(element, "is")
            self.strikes_out |= has_struck_part(inline)
            return self._words(element, text_of(inline))
        value = child(element, "v")
        told = "" if value is None else value.text or ""
        if not told:
            gives_nothing = value is not None and kind == "str"
            self.lacks_values |= child(element, "f") is not None and not gives_nothing
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

    def _left_when_struck(self, element: Any) -> str:
        """What stays of a cell that is struck out: what has a font of its own."""
        if element.get("t") == "s":
            return self._shown.left_when_struck.get(int(words_of(child(element, "v"))), "")
        return text_of(child(element, "is"), is_struck_out=True)

    def _words(self, element: Any, text: str) -> Cell | None:
        if self._style(element).format.hides and text.strip():
            self.hides_cells = True
            return None
        return written_cell(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), text))

    def _number(self, element: Any, value: float) -> Cell | None:
        if not math.isfinite(value):
            return None
        shows = self._style(element).format
        self.hides_cells |= shows.hides
        return Cell(shows.shown(value, since_1904=self._shown.since_1904), is_value=True)

    def _style(self, element: Any) -> Style:
        place = int(element.get("s", 0))
        return self._shown.styles[place] if place < len(self._shown.styles) else _PLAIN

    def _merge(self, ref: str) -> None:
        first, _, last = ref.partition(":")
        begins, ends = _PLACE.fullmatch(first), _PLACE.fullmatch(last)
        if begins and ends:
            self._merged.append((_range(begins[2], ends[2]), range(_column(begins[1]), _column(ends[1]) + 1)))


def text_of(item: Any, *, is_struck_out: bool = False) -> str:
    """Of a shared or inline string, without the reading aids of Japanese and Chinese, and without what is struck out.

    ``is_struck_out``: its cell is, and so are the parts that have no font of their own.
    """
    pieces: list[Piece] = []
    for inner in children(item, "t", "r"):
        font = child(inner, "rPr")
        if is_struck_out if font is None else is_struck(font):
            continue
        text = inner if local_name(inner) == "t" else child(inner, "t")
        above = attribute(child(font, "vertAlign"), "val") == "superscript"
        pieces.append(("" if text is None else text.text or "", above))
    return written(pieces)


def has_fonts(item: Any) -> bool:
    """Whether parts of a string have a font of their own."""
    return any(child(run, "rPr") is not None for run in children(item, "r"))


def has_struck_part(item: Any) -> bool:
    return any(
        is_struck(child(run, "rPr")) and words_of(child(run, "t")).strip() for run in children(item, "r")
    )


def is_struck(font: Any) -> bool:
    strike = child(font, "strike")
    return strike is not None and attribute(strike, "val") not in ("0", "false", "off")


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
