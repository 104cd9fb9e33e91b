"""CSV and TSV to a table. What separates the values is found by trying, never taken from the name alone."""

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Final, Literal

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.contract import Source
from kbchat.parsing.document import ParsedDocument, ParseNote
from kbchat.parsing.encoding import decode
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.grids import MOST_CHARACTERS, Grid, Room, add_grid, written_cell
from kbchat.parsing.sniffing import CSV, TSV, suffix_of

_SEPARATORS: Final = ",\t;|"
_SAMPLE_CHARACTERS: Final = 64 * 1024
_SAMPLE_ROWS: Final = 200
_DECIMAL: Final = re.compile(r"[-+]?[\d.\s]*\d,\d+\s*[%€]?")
_QUOTINGS: Final[tuple[Literal[0], Literal[3]]] = (csv.QUOTE_MINIMAL, csv.QUOTE_NONE)


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: ENCODING_UNSURE, or TOO_LARGE_UNPACKED for more cells than a document may have."""
    decoded = decode(source.data, told=source.encoding)
    builder = DocumentBuilder()
    if decoded.broken:
        builder.note(ParseNote.UNREADABLE_CHARACTERS)
    text = decoded.text
    if len(text) > MOST_CHARACTERS:
        raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_characters=MOST_CHARACTERS)
    told = _told_separator(text)
    if told:
        text = text.partition("\n")[2]
    grid = _grid(text, told or _separator(text))
    add_grid(builder, grid)
    return builder.finish(
        title="",
        media_type=TSV if suffix_of(source.filename) == "tsv" else CSV,
        encoding=decoded.encoding,
        encoding_confidence=decoded.confidence,
    )


def _grid(text: str, separator: str) -> Grid:
    """A quotation mark that never ends is a mark like any other."""
    for quoting in _QUOTINGS:
        grid, row = Grid(Room()), list[str]()
        try:
            for number, row in enumerate(_rows(text, separator, quoting)):
                grid.room.look(len(row) + 1)
                for column, value in enumerate(row):
                    grid.put(number, column, written_cell(value))
        except csv.Error:
            continue  # a value longer than any: something was not closed
        if quoting == csv.QUOTE_NONE or not _swallows(row, text, separator):
            return grid
    raise ParseError(ParseErrorCode.CORRUPT)


def _swallows(row: list[str], text: str, separator: str) -> bool:
    """Whether the last row's last value is quoted without an end, and so holds the rest of the file."""
    last = row[-1] if row else ""
    return ("\n" in last or "\r" in last or separator in last) and not text.rstrip().endswith('"')


def _told_separator(text: str) -> str:
    """Excel's own first line, ``sep=;``."""
    line = text.partition("\n")[0].strip("\r ").strip('"')
    return line[4:] if line.lower().startswith("sep=") and len(line) == 5 else ""


def _separator(text: str) -> str:
    """The one by which most of the first rows have the same number of values; the comma where none has two."""
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > len(sample) and "\n" in sample:
        sample = sample[: sample.rindex("\n")]
    return max(_SEPARATORS, key=lambda separator: _evenness(sample, separator))


def _evenness(sample: str, separator: str) -> tuple[float, bool, int, bool]:
    """The share of rows that have the commonest number of values, whether the commas left in them are those of
    numbers, and that number."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows += itertools.islice(_rows(sample, separator, csv.QUOTE_MINIMAL), _SAMPLE_ROWS)
    widths = Counter(len(row) for row in rows if any(value.strip() for value in row))
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return 0.0, False, 0, separator == ","
    width = max(several, key=lambda one: (several[one], one))
    with_commas = [value for row in rows for value in row if "," in value] if separator != "," else []
    are_decimals = bool(with_commas) and all(_DECIMAL.fullmatch(value.strip()) for value in with_commas)
    return several[width] / widths.total(), are_decimals, width, separator == ","


def _rows(text: str, separator: str, quoting: Literal[0, 3]) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
