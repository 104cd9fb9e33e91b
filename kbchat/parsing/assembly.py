"""Puts blocks together into a ParsedDocument, one after the other.

The one place where offsets are counted for the formats without pages' geometry, so that a block's
span always covers exactly its text. Keeps the heading path. Knows no format.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from kbchat.core.text import Span
from kbchat.parsing.characters import on_one_line, visible
from kbchat.parsing.document import (
    BLOCK_SEPARATOR,
    CELL_SEPARATOR,
    Block,
    BlockKind,
    Box,
    HiddenPart,
    ParsedDocument,
    ParseNote,
    ParseReport,
    TextLine,
)
from kbchat.parsing.recognised import RecognisedPage

DEEPEST_HEADING = 9
NOTHING_RECOGNISED: Final[Mapping[int, RecognisedPage]] = MappingProxyType({})
_UNSURE: Final = 0.75
"""Below this mean confidence, whoever looks through a recognised text finds a wrong word in most lines."""


class HeadingPath:
    """The headings above the place reached so far."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(title for _, title in self._open)

    def enter(self, level: int, title: str) -> None:
        """Goes below a heading, leaving those of the same or a lower rank."""
        self.leave(level)
        self._open.append((level, title))

    def leave(self, level: int) -> None:
        """Leaves the headings of rank ``level`` and below."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()


class DocumentBuilder:
    """Collects blocks in reading order. Blocks without visible text are dropped silently."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._lines: list[TextLine] = []
        self._path = HeadingPath()
        self._hidden: set[HiddenPart] = set()
        self._notes: set[ParseNote] = set()
        self.images_skipped = 0
        self.unread_parts: list[str] = []
        """Names of files inside the file that are not among its text."""
        self.first_top_heading = ""
        """The first heading of rank 1: the title of a document that names none."""

    @property
    def next_offset(self) -> int:
        """Where the text of the next block will begin."""
        return self._length + (len(BLOCK_SEPARATOR) if self._length else 0)

    def hide(self, part: HiddenPart) -> None:
        """Reports that something invisible was left out."""
        self._hidden.add(part)

    def note(self, note: ParseNote) -> None:
        self._notes.add(note)

    def seen(self, text: str) -> str:
        """``text`` without invisible characters, which are reported."""
        text, hidden = visible(text)
        self._hidden |= hidden
        return text

    def heading(self, text: str, level: int, *, page: int | None = None, boxes: Sequence[Box] = ()) -> None:
        """Adds a heading of rank ``level`` (cut to 1..DEEPEST_HEADING); everything after it lies below it."""
        title = on_one_line(self.seen(text))
        level = min(max(level, 1), DEEPEST_HEADING)
        if title:
            self._path.leave(level)
            self._append(
                Block(BlockKind.HEADING, self._span(title), self._path.titles, level, page, tuple(boxes)),
                title,
            )
            self._enter(level, title)

    def block(
        self,
        kind: BlockKind,
        text: str,
        *,
        level: int | None = None,
        page: int | None = None,
        boxes: Sequence[Box] = (),
    ) -> None:
        """Adds a block of any kind but HEADING and TABLE; blank lines stay inside it, not at its ends."""
        text = self.seen(text).strip("\n").rstrip()
        if kind is not BlockKind.CODE:
            text = text.strip()
        if text.strip():
            self._append(Block(kind, self._span(text), self._path.titles, level, page, tuple(boxes)), text)

    def table(
        self,
        rows: Sequence[Sequence[str]],
        *,
        header_rows: int = 0,
        page: int | None = None,
        boxes: Sequence[Box] = (),
    ) -> None:
        """Adds a table without its blank rows; the first ``header_rows`` of ``rows`` are its head."""
        lines, heads = [], 0
        for position, cells in enumerate(rows):
            seen = [on_one_line(self.seen(cell)) for cell in cells]
            while seen and not seen[-1]:
                seen.pop()
            if seen:
                lines.append(CELL_SEPARATOR.join(seen))
                heads += position < header_rows
        self._table(lines, heads, page=page, boxes=boxes)

    def include(self, document: ParsedDocument, *, below: int) -> None:
        """Adds all of another document, its headings ``below`` ranks lower, with what its report tells of its parts.

        Pages and boxes are those of the other document and are left behind.
        """
        for block in document.blocks:
            text = document.text_of(block.span)
            if block.kind is BlockKind.HEADING:
                self.heading(text, (block.level or 1) + below)
            elif block.kind is BlockKind.TABLE:
                self._table([document.text_of(row) for row in block.rows], block.header_rows)
            else:
                self.block(block.kind, text, level=block.level)
        self.images_skipped += document.report.images_skipped
        self.unread_parts += document.report.unread_parts
        self._hidden.update(HiddenPart(part) for part in document.report.hidden_parts)
        self._notes.update(ParseNote(note) for note in document.report.notes)

    def _table(
        self, lines: Sequence[str], heads: int, *, page: int | None = None, boxes: Sequence[Box] = ()
    ) -> None:
        """Adds a table by its lines, which are as they will be read."""
        if not lines:
            return
        text = "\n".join(lines)
        spans, start = [], self.next_offset
        for line in lines:
            spans.append(Span(start, start + len(line)))
            start += len(line) + 1
        whole = self._span(text)
        self._append(
            Block(
                BlockKind.TABLE,
                whole,
                self._path.titles,
                None,
                page,
                tuple(boxes),
                tuple(spans),
                min(heads, len(lines)),
            ),
            text,
        )

    def printed(
        self,
        kind: BlockKind,
        text: str,
        lines: Sequence[TextLine],
        box: Box,
        *,
        level: int | None = None,
        rows: Sequence[Span] = (),
        header_rows: int = 0,
    ) -> None:
        """Adds a block whose characters have places on a page: ``text`` is taken as it is.

        The spans of ``lines`` and ``rows`` count from the beginning of ``text``, which begins and ends with a
        visible character and has no invisible ones.
        """
        start = self.next_offset
        if kind is BlockKind.HEADING:
            level = min(max(level or 1, 1), DEEPEST_HEADING)
            self._path.leave(level)
        block = Block(
            kind, self._span(text), self._path.titles, level, box.page, (box,),
            tuple(_shifted(row, start) for row in rows), header_rows,
        )  # fmt: skip
        self._append(block, text)
        self._lines += [replace(line, span=_shifted(line.span, start)) for line in lines]
        if kind is BlockKind.HEADING:
            self._enter(level or 1, text)

    def finish(
        self,
        *,
        title: str,
        media_type: str,
        pages: int | None = None,
        empty_pages: Sequence[int] = (),
        pictured_pages: Sequence[int] = (),
        encoding: str | None = None,
        encoding_confidence: float | None = None,
        recognised: Mapping[int, RecognisedPage] = NOTHING_RECOGNISED,
    ) -> ParsedDocument:
        """The document of all that was added. An empty title stays empty: the caller has the file name."""
        text = "".join(self._parts)
        read = {number: page for number, page in recognised.items() if page.characters}
        confidence = _confidence(read.values())
        if confidence is not None and confidence < _UNSURE:
            self.note(ParseNote.RECOGNISED_UNSURELY)
        if any(page.unread for page in recognised.values()):
            self.note(ParseNote.UNREAD_PAGES)
        title = on_one_line(self.seen(title))
        report = ParseReport(
            characters=len(text),
            tables=sum(block.kind is BlockKind.TABLE for block in self._blocks),
            images_skipped=self.images_skipped,
            empty_pages=tuple(empty_pages),
            pictured_pages=tuple(pictured_pages),
            encoding=encoding,
            encoding_confidence=encoding_confidence,
            hidden_parts=tuple(sorted(self._hidden)),
            notes=tuple(sorted(self._notes)),
            unread_parts=tuple(on_one_line(self.seen(name)) for name in self.unread_parts),
            recognised_pages=tuple(sorted(read)),
            recognised_characters=sum(block.span.length for block in self._blocks if block.page in read),
            recognition_confidence=confidence,
        )
        return ParsedDocument(text, tuple(self._blocks), title, media_type, pages, report, tuple(self._lines))

    def _enter(self, level: int, title: str) -> None:
        self._path.enter(level, title)
        if level == 1 and not self.first_top_heading:
            self.first_top_heading = title

    def _span(self, text: str) -> Span:
        return Span(self.next_offset, self.next_offset + len(text))

    def _append(self, block: Block, text: str) -> None:
        if self._length:
            self._parts.append(BLOCK_SEPARATOR)
        self._parts.append(text)
        self._length = block.span.end
        self._blocks.append(block)


def _confidence(pages: Collection[RecognisedPage]) -> float | None:
    """The mean over all characters; None where none was recognised."""
    characters = sum(page.characters for page in pages)
    sure = sum(page.confidence * page.characters for page in pages)
    return round(sure / characters, 3) if characters else None


def _shifted(span: Span, offset: int) -> Span:
    return Span(span.start + offset, span.end + offset)
