"""Writes paragraphs, headings and tables of a PDF into a document, text and places together.

Joins the lines of a paragraph: with a blank in Latin scripts, with nothing in Chinese, and without the
hyphen where a word was divided. Whatever is joined or cut, each remaining character keeps its own place.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from kbchat.core.text import Span
from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.characters import hidden_places, joint
from kbchat.parsing.document import CELL_SEPARATOR, BlockKind, Box, TextLine
from kbchat.parsing.highlighting import edges_to_bytes
from kbchat.parsing.pdf_furniture import Flow
from kbchat.parsing.pdf_lines import Line, Printed
from kbchat.parsing.pdf_paragraphs import Paragraph
from kbchat.parsing.pdf_tables import Cell, Table

_WORD_BEFORE_HYPHEN = re.compile(r"([^\W\d_]+)-\Z")
_WORD_AFTER = re.compile(r"[^\W\d_]+")
# Parts that keep their hyphen: "self-" at a line's end is half of self-service, not of selfservice.
_PREFIXES = frozenset(
    {"all", "anti", "co", "cross", "ex", "full", "half", "high", "in", "long", "low", "multi"}
)
_PREFIXES |= {
    "non",
    "on",
    "one",
    "part",
    "post",
    "pre",
    "real",
    "self",
    "semi",
    "short",
    "third",
    "two",
    "well",
}


class _Text:
    """A block's text as it grows, with the lines in it; their spans count from the block's beginning."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self.text = ""
        self.lines: list[TextLine] = []
        self._places: list[_Place] = []

    def add(self, printed: Printed, before: str = "") -> None:
        """Appends ``before``, which has no place on the page, and then ``printed``."""
        # Only a mark that needs a neighbour can have become invisible by now: a blank keeps all places.
        text = printed.text
        for place, _ in hidden_places(text):
            text = text[:place] + " " + text[place + 1 :]
        self.text += before
        start = len(self.text)
        self.text += text
        stands = _placed(printed, self._flow)
        self.lines.append(
            TextLine(
                Span(start, start + len(text)),
                self._flow.page,
                stands.top,
                stands.bottom,
                edges_to_bytes(stands.edges),
            )
        )
        self._places.append(stands)

    @property
    def box(self) -> Box:
        return Box(
            self._flow.page,
            _fraction(min(min(place.edges) for place in self._places)),
            min(place.top for place in self._places),
            _fraction(max(max(place.edges) for place in self._places)),
            max(place.bottom for place in self._places),
        )


class _Place(NamedTuple):
    """Of a stretch on its page as displayed, in page fractions."""

    top: float
    bottom: float
    edges: list[float]


def _placed(printed: Printed, flow: Flow) -> _Place:
    """Back to the page as it lies. Of a line that runs up or down, any part claims the whole."""
    top, bottom = printed.top / flow.height, printed.bottom / flow.height
    edges = [edge / flow.width for edge in printed.edges]
    if flow.turned == 180:
        top, bottom, edges = 1 - bottom, 1 - top, [1 - edge for edge in edges]
    elif flow.turned in (90, 270):
        sides = (top, bottom) if flow.turned == 90 else (1 - bottom, 1 - top)
        start, end = min(edges), max(edges)
        top, bottom = (1 - end, 1 - start) if flow.turned == 90 else (start, end)
        edges = [sides[place % 2] for place in range(len(edges))]
    return _Place(_fraction(top), _fraction(bottom), edges)


class Typesetter:
    """``words`` are the words of the document, by which hyphens at line ends are judged."""

    def __init__(self, builder: DocumentBuilder, words: frozenset[str]) -> None:
        self._builder = builder
        self._words = words

    def paragraph(self, paragraph: Paragraph, flow: Flow, heading_level: int | None) -> None:
        """A paragraph, a list item, or a heading when it has a level."""
        text = _Text(flow)
        mark = paragraph.mark if heading_level is None else None
        stretches = [line.whole for line in paragraph.lines]
        if mark is not None and mark.is_bullet:
            first = stretches[0]
            stretches[0] = first.cut(mark.text_start, len(first.text))
        self._joined(text, stretches)
        if heading_level is not None:
            self._place(BlockKind.HEADING, text, level=heading_level)
        elif mark is not None:
            self._place(BlockKind.LIST_ITEM, text, level=1)
        else:
            self._place(BlockKind.PARAGRAPH, text)

    def furniture(self, line: Line, flow: Flow) -> None:
        text = _Text(flow)
        text.add(line.whole)
        self._place(BlockKind.PAGE_FURNITURE, text)

    def table(self, table: Table, flow: Flow) -> None:
        """Rows as lines of the text; a cell's printed lines are joined as a paragraph's are."""
        text = _Text(flow)
        rows: list[Span] = []
        for row in table.rows:
            cells = _without_empty_end(row)
            separator = "\n" if text.text else ""
            start = len(text.text) + len(separator)
            for number, cell in enumerate(cells):
                if number:
                    separator += CELL_SEPARATOR
                if cell:
                    self._joined(text, cell, before=separator)
                    separator = ""
            if len(text.text) > start:
                rows.append(Span(start, len(text.text)))
        self._place(BlockKind.TABLE, text, rows=rows, header_rows=min(table.header_rows, len(rows)))

    def _joined(self, text: _Text, stretches: Sequence[Printed], before: str = "") -> None:
        for position, printed in enumerate(stretches):
            follower = stretches[position + 1].text if position + 1 < len(stretches) else ""
            keeps, between = self._at_line_end(printed.text, follower)
            text.add(printed if keeps else printed.cut(0, len(printed.text) - 1), before)
            before = between

    def _at_line_end(self, line: str, follower: str) -> tuple[bool, str]:
        """Whether the line's last character stays, and what comes between it and the next line."""
        if not follower:
            return True, ""
        head, tail = _WORD_BEFORE_HYPHEN.search(line), _WORD_AFTER.match(follower)
        if head is None or tail is None or len(line) < 2:
            return True, joint(line, follower)
        whole, divided = head[1] + tail[0], f"{head[1]}-{tail[0]}"
        is_name = not tail[0][0].islower() and whole.casefold() not in self._words
        if is_name or head[1].casefold() in _PREFIXES or divided.casefold() in self._words:
            return True, ""  # Rolls-Royce, self-service, well-known: the hyphen is part of the word
        return False, ""

    def _place(
        self,
        kind: BlockKind,
        text: _Text,
        *,
        level: int | None = None,
        rows: Sequence[Span] = (),
        header_rows: int = 0,
    ) -> None:
        self._builder.printed(
            kind, text.text, text.lines, text.box, level=level, rows=rows, header_rows=header_rows
        )


def _without_empty_end(row: Sequence[Cell]) -> Sequence[Cell]:
    used = [number for number, cell in enumerate(row) if cell]
    return row[: used[-1] + 1] if used else []


def _fraction(place: float) -> float:
    return round(min(max(place, 0.0), 1.0), 5)
