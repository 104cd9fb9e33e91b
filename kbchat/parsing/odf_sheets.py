"""The sheets of an OpenDocument workbook. A cell carries the text that is shown, beside its value."""

from typing import Any, Final

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.document import HiddenPart, ParseNote
from kbchat.parsing.grids import Cell, Grid, Room, add_grid, written_cell
from kbchat.parsing.number_formats import written_moment
from kbchat.parsing.odf_styles import Styles
from kbchat.parsing.odf_text import TextReader, rows_of
from kbchat.parsing.xml_parts import attribute_of_any, children, local_name, words_of

_VALUES: Final = frozenset({"float", "percentage", "currency", "date", "time", "boolean"})
_MOST_TIMES: Final = 1 << 24
"""More than any sheet has rows: numbers are written by strangers."""

_NOT_SHOWN: Final = ("collapse", "filter")


def add_sheets(builder: DocumentBuilder, spreadsheet: Any, styles: Styles) -> None:
    """Each sheet as a section. Hidden sheets, rows and columns are left out and noted.

    :raises ParseError: TOO_LARGE_UNPACKED for more cells than a document may have.
    """
    room, reader = Room(), TextReader(builder, styles)
    for sheet in children(spreadsheet, "table"):
        if styles.told(sheet, "table-properties", "display") == "false":
            builder.note(ParseNote.HIDDEN_SHEETS)
            continue
        grid = _Sheet(builder, reader, room).grid_of(sheet)
        if grid.rows:
            builder.heading(attribute_of_any(sheet, "name"), 1)
            add_grid(builder, grid)


class _Sheet:
    def __init__(self, builder: DocumentBuilder, reader: TextReader, room: Room) -> None:
        self._builder = builder
        self._reader = reader
        self._grid = Grid(room)
        self._hidden: list[range] = []

    def grid_of(self, sheet: Any) -> Grid:
        self._find_hidden_columns(sheet)
        number = 0
        for row, _ in rows_of(sheet):
            times = _times(row, "number-rows-repeated")
            is_shown = attribute_of_any(row, "visibility") not in _NOT_SHOWN
            if not is_shown and words_of(row).strip():
                self._builder.note(ParseNote.HIDDEN_CELLS)
            elif is_shown:
                self._row(row, range(number, number + times))
            number += times
        self._builder.images_skipped += sum(1 for _ in sheet.iter("{*}frame"))
        return self._grid

    def _find_hidden_columns(self, sheet: Any) -> None:
        number = 0
        for column in sheet.iter("{*}table-column"):
            times = _times(column, "number-columns-repeated")
            if attribute_of_any(column, "visibility") in _NOT_SHOWN:
                self._hidden.append(range(number, number + times))
            number += times

    def _row(self, row: Any, numbers: range) -> None:
        """What a repeated row holds stands in each of its places."""
        column = 0
        for cell in children(row, "table-cell", "covered-table-cell"):
            times = _times(cell, "number-columns-repeated")
            if local_name(cell) == "table-cell" and len(cell):
                self._cell(cell, numbers, range(column, column + times))
            column += times

    def _cell(self, cell: Any, rows: range, columns: range) -> None:
        if next(children(cell, "annotation"), None) is not None:
            self._builder.hide(HiddenPart.COMMENTS)
        shown = self._shown(cell)
        if not shown.text.strip():
            return
        self._grid.room.expect(len(rows) * len(columns))
        for column in columns:
            if any(column in hidden for hidden in self._hidden):
                self._builder.note(ParseNote.HIDDEN_CELLS)
                continue
            for row in rows:
                self._grid.put(row, column, shown)
                if _times(cell, "number-columns-spanned") > 1:
                    self._grid.spread.add(row)

    def _shown(self, cell: Any) -> Cell:
        text = " ".join(self._reader.text_of(line, []) for line in children(cell, "p"))
        kind = attribute_of_any(cell, "value-type")
        if kind == "date":
            text = written_moment(attribute_of_any(cell, "date-value")) or text
        return Cell(text, is_value=True) if kind in _VALUES else written_cell(text)


def _times(element: Any, name: str) -> int:
    return min(max(int(attribute_of_any(element, name) or 1), 1), _MOST_TIMES)
