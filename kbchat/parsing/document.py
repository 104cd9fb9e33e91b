"""What a parser gives: the canonical text of a version and what is known about its parts.

Everything later (chunks, citations, highlights) is a span of ``ParsedDocument.text``. This module
knows no file format, no library and no database.

Terms
  heading path    the titles of the headings above a block, outermost first. A HEADING block's own
                  title is not in its own path; it is the last entry of its section's path.
  block text      what a reader sees, without markup; a table row is its cells joined by ``CELL_SEPARATOR``.
  page fractions  0..1 of the page as displayed (crop and rotation applied), origin top left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from kbchat.core.text import Span

CELL_SEPARATOR = " | "
BLOCK_SEPARATOR = "\n\n"
EDGE_UNITS = 65535
"""Character edges are stored as 16-bit fractions of the page width: 1/65535 is 0.01 pt on A4."""


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    CODE = "code"
    QUOTE = "quote"
    PAGE_FURNITURE = "page_furniture"
    """Running headers, footers and page numbers: part of the text, never retrieved."""


class HiddenPart(StrEnum):
    """Something a reader would not see, left out of the text and reported."""

    ZERO_WIDTH = "zero_width"
    TAG_CHARACTERS = "tag_characters"
    BIDI_CONTROLS = "bidi_controls"
    VARIATION_SELECTORS = "variation_selectors"
    CONTROL_CHARACTERS = "control_characters"
    HIDDEN_TEXT = "hidden_text"
    WHITE_TEXT = "white_text"
    TINY_TEXT = "tiny_text"
    TEXT_OUTSIDE_PAGE = "text_outside_page"
    TRACKED_DELETIONS = "tracked_deletions"
    COMMENTS = "comments"
    HEADERS_AND_FOOTERS = "headers_and_footers"


class ParseNote(StrEnum):
    """Something an editor should know although the file was read."""

    NAME_DISAGREES_WITH_CONTENT = "name_disagrees_with_content"
    READ_AS_PLAIN_TEXT = "read_as_plain_text"
    FRONT_MATTER_UNREADABLE = "front_matter_unreadable"
    PAGES_WITHOUT_TEXT = "pages_without_text"
    PICTURED_PAGES = "pictured_pages"
    UNREAD_PAGES = "unread_pages"
    RECOGNISED_UNSURELY = "recognised_unsurely"
    UNREADABLE_CHARACTERS = "unreadable_characters"
    HIDDEN_SHEETS = "hidden_sheets"
    HIDDEN_CELLS = "hidden_cells"
    FORMULAS_WITHOUT_VALUES = "formulas_without_values"
    HIDDEN_SLIDES = "hidden_slides"
    ATTACHMENTS_NOT_READ = "attachments_not_read"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on page ``page`` (1-based), in page fractions.

    :raises ValueError: when it is not a rectangle within the page.
    """

    page: int
    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if self.page < 1 or not (0 <= self.left <= self.right <= 1 and 0 <= self.top <= self.bottom <= 1):
            raise ValueError(f"not a box: {self}")


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line as printed on a page, and where each of its characters stands.

    ``edges`` holds ``span.length + 1`` little-endian 16-bit numbers in 1/EDGE_UNITS of the page width:
    the character ``span.start + i`` reaches from edge ``i`` to edge ``i + 1``; from right to left in
    right-to-left lines, where the numbers fall.

    :raises ValueError: when the number of edges does not fit the span.
    """

    span: Span
    page: int
    top: float
    bottom: float
    edges: bytes

    def __post_init__(self) -> None:
        if len(self.edges) != 2 * (self.span.length + 1):
            raise ValueError("a line needs one edge more than characters")


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the text that is one thing: a heading, a paragraph, a list item, a table, …

    ``level`` is the rank of a heading (1 is the highest) or the depth of a list item (1 is outermost).
    ``rows`` are the spans of a table's rows, one line each; the first ``header_rows`` of them are its head.
    ``boxes`` and ``page`` are known for paged formats only.
    """

    kind: BlockKind
    span: Span
    heading_path: tuple[str, ...] = ()
    level: int | None = None
    page: int | None = None
    boxes: tuple[Box, ...] = ()
    rows: tuple[Span, ...] = ()
    header_rows: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with everything below it; section 0 is the whole document (path (), level 0).

    ``parent`` is the ordinal of the section around it, None for section 0.
    """

    ordinal: int
    parent: int | None
    path: tuple[str, ...]
    level: int
    span: Span


@dataclass(frozen=True, slots=True)
class ParseReport:
    """What became of the file, for the person who uploaded it.

    ``empty_pages`` are the 1-based numbers of pages without any text, ``pictured_pages`` of those that are a picture
    under a few words, in which nobody has looked for text. ``encoding_confidence`` is 1.0 when
    the encoding is certain (a byte order mark, strict UTF-8, or told), below 1.0 when it was guessed.
    ``unread_parts`` are the names of files inside the file (attachments) that are not among its text.
    ``recognised_pages`` are those whose text was recognised in a picture, ``recognised_characters`` counts what is of
    them among ``characters``, and ``recognition_confidence`` is the mean over it, 0..1.
    """

    characters: int
    tables: int = 0
    images_skipped: int = 0
    empty_pages: tuple[int, ...] = ()
    pictured_pages: tuple[int, ...] = ()
    encoding: str | None = None
    encoding_confidence: float | None = None
    hidden_parts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unread_parts: tuple[str, ...] = ()
    recognised_pages: tuple[int, ...] = ()
    recognised_characters: int = 0
    recognition_confidence: float | None = None


@dataclass(frozen=True)
class ParsedDocument:
    """A parsed file.

    Promises, checked when it is made: blocks are in order, do not overlap and are not empty; each row lies
    inside its table; lines are in order, do not overlap and lie inside the text; the text can be stored as
    UTF-8 and holds no NUL.

    :raises ValueError: when one of them does not hold.
    """

    text: str
    blocks: tuple[Block, ...]
    title: str
    media_type: str
    pages: int | None
    report: ParseReport
    lines: tuple[TextLine, ...] = ()

    def __post_init__(self) -> None:
        for told in (self.text, self.title):
            if "\0" in told:
                raise ValueError("the text holds a NUL")
            told.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError, which is a ValueError
        _check_order([block.span for block in self.blocks], within=Span(0, len(self.text)))
        _check_order([line.span for line in self.lines], within=Span(0, len(self.text)))
        for block in self.blocks:
            _check_order(block.rows, within=block.span)
            if not 0 <= block.header_rows <= len(block.rows):
                raise ValueError("a table cannot have more header rows than rows")

    def text_of(self, span: Span) -> str:
        """The characters of the canonical text that ``span`` covers."""
        return self.text[span.start : span.end]

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The section tree in document order; section 0 is the whole document."""
        whole = _OpenSection(ordinal=0, parent=None, path=(), level=0, start=0)
        opened, around = [whole], [whole]
        reached = 0
        for block in self.blocks:
            if block.kind is BlockKind.HEADING:
                level = max(block.level or 1, 1)
                while around[-1].level >= level:
                    around.pop().end = reached
                parent = around[-1]
                path = (*parent.path, self.text_of(block.span))
                section = _OpenSection(len(opened), parent.ordinal, path, level, block.span.start)
                opened.append(section)
                around.append(section)
            reached = block.span.end
        for section in around:
            section.end = reached
        whole.end = len(self.text)
        return tuple(section.closed() for section in opened)


@dataclass(slots=True)
class _OpenSection:
    ordinal: int
    parent: int | None
    path: tuple[str, ...]
    level: int
    start: int
    end: int = 0

    def closed(self) -> Section:
        return Section(self.ordinal, self.parent, self.path, self.level, Span(self.start, self.end))


def _check_order(spans: Sequence[Span], *, within: Span) -> None:
    reached = within.start
    for span in spans:
        if span.start < reached or span.end > within.end or span.length == 0:
            raise ValueError(f"span {span.start}..{span.end} is empty, out of order or out of bounds")
        reached = span.end
