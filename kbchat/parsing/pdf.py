"""PDF to blocks, each character with its place on the page.

Reads with PDFium (its characters are exact, Chinese ones too), finds lines, tables, furniture, paragraphs
and headings, and writes text and places down together, so that a span of the text is a rectangle on paper.
Whole files only; PDFium is not thread-safe, so one file at a time in a process.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.contract import Source
from kbchat.parsing.document import ParsedDocument, ParseNote
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.pdf_furniture import Flow, mark_furniture
from kbchat.parsing.pdf_headings import Outline, body_size, levels_of, looks_like_heading
from kbchat.parsing.pdf_lines import Line, lines_of, stamps_of
from kbchat.parsing.pdf_page import Page, read_page
from kbchat.parsing.pdf_paragraphs import Leading, Paragraph, paragraphs_of
from kbchat.parsing.pdf_tables import Table, aligned_tables, ruled_tables
from kbchat.parsing.pdf_typesetting import Typesetter
from kbchat.parsing.pdf_unicode import is_private
from kbchat.parsing.sniffing import PDF

_RUBBISH_TITLE = re.compile(
    r"(microsoft |untitled|document\d*$|title$|slide \d|无标题|文档\d*$)"
    r"|.*\.(docx?|pdf|indd|tex|dvi|qxd|rtf|xlsx?|pptx?|wps)$",
    re.IGNORECASE,
)


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: PASSWORD_PROTECTED, CORRUPT, or SCAN_WITHOUT_TEXT (``pages``)."""
    with closing(_opened(source.data)) as document:
        return _Reading(document).document()


def _opened(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        is_locked = pdfium_raw.FPDF_GetLastError() in (
            pdfium_raw.FPDF_ERR_PASSWORD,
            pdfium_raw.FPDF_ERR_SECURITY,
        )
        code = ParseErrorCode.PASSWORD_PROTECTED if is_locked else ParseErrorCode.CORRUPT
        raise ParseError(code) from error


class _Reading:
    def __init__(self, document: pdfium.PdfDocument) -> None:
        self._document = document
        self._builder = DocumentBuilder()
        self._empty_pages: list[int] = []

    def document(self) -> ParsedDocument:
        pages = len(self._document)
        flows = [self._flow(index) for index in range(pages)]
        if len(self._empty_pages) == pages:
            raise ParseError(ParseErrorCode.SCAN_WITHOUT_TEXT, pages=pages)
        if self._empty_pages:
            self._builder.note(ParseNote.PAGES_WITHOUT_TEXT)
        mark_furniture(flows)
        self._write(flows)
        return self._builder.finish(
            title=self._title(), media_type=PDF, pages=pages, empty_pages=self._empty_pages
        )

    def _flow(self, index: int) -> Flow:
        """The lines and tables of a page in reading order. A page that cannot be loaded counts as empty."""
        try:
            page = read_page(self._document, index)
        except pdfium.PdfiumError:
            self._empty_pages.append(index + 1)
            return Flow(index + 1, 1.0, 1.0, [], set())
        self._report(page)
        items = list(_items(page))
        if not items:
            self._empty_pages.append(page.number)
        margin = stamps_of(page.rotated)
        return Flow(page.number, page.width, page.height, [*items, *margin], {id(line) for line in margin})

    def _report(self, page: Page) -> None:
        for part in page.hidden:
            self._builder.hide(part)
        self._builder.images_skipped += len(page.drawing.pictures)
        strange = page.unreadable + sum(is_private(glyph.text[0]) for glyph in page.glyphs)
        if strange > 0.01 * len(page.glyphs):
            self._builder.note(ParseNote.UNREADABLE_CHARACTERS)

    def _write(self, flows: Sequence[Flow]) -> None:
        leading = Leading({flow.page: list(flow.lines) for flow in flows})
        parts = [part for flow in flows for part in _parts(flow, leading)]
        levels = self._levels(parts, flows, leading)
        typesetter = Typesetter(self._builder, _words_of(flows))
        for position, (flow, part) in enumerate(parts):
            if isinstance(part, Table):
                typesetter.table(part, flow)
            elif isinstance(part, Line):
                self._hide(part)
                typesetter.furniture(part, flow)
            else:
                for line in part.lines:
                    self._hide(line)
                typesetter.paragraph(part, flow, levels.get(position))

    def _levels(
        self,
        parts: "Sequence[tuple[Flow, Paragraph | Table | Line]]",
        flows: Sequence[Flow],
        leading: Leading,
    ) -> dict[int, int]:
        lines = [list(flow.lines) for flow in flows]
        body = body_size(lines)
        weights = [(len(line.text), line.bold) for page in lines for line in page]
        is_bold_body = sum(n for n, bold in weights if bold) > 0.5 * sum(n for n, _ in weights)
        outline = Outline(self._outline())
        headings = {}
        for position, (flow, part) in enumerate(parts):
            if isinstance(part, Paragraph):
                told = outline.level_of(flow.page, part.text)
                usual = leading.of(part.size, flow.page)
                if told or looks_like_heading(part, body, is_bold_body=is_bold_body, leading=usual):
                    headings[position] = (part, told)
        return levels_of(headings)

    def _outline(self) -> Iterator[tuple[int, str, int]]:
        with suppress(pdfium.PdfiumError, ValueError, RecursionError):
            for bookmark in self._document.get_toc():
                target = bookmark.get_dest()
                page = target.get_index() if target else None
                if page is not None:
                    yield page + 1, bookmark.get_title(), bookmark.level + 1

    def _hide(self, line: Line) -> None:
        for part in line.hidden:
            self._builder.hide(part)

    def _title(self) -> str:
        title = str(self._document.get_metadata_dict().get("Title") or "").strip()
        is_words = any(map(str.isalpha, title)) and not _RUBBISH_TITLE.match(title) and "\ufffd" not in title
        return title if is_words else self._builder.first_top_heading


def _items(page: Page) -> Iterator[Line | Table]:
    """Lines and tables; a ruled table stands where its first character stands in the file's order."""
    ruled = ruled_tables(page)
    taken = {position for table in ruled for position in table.members}
    start = 0
    for table in ruled:
        first = table.members[0]
        rest = [page.glyphs[at] for at in range(start, first) if at not in taken]
        yield from aligned_tables(lines_of(rest))
        yield table.table
        start = first
    yield from aligned_tables(
        lines_of([page.glyphs[at] for at in range(start, len(page.glyphs)) if at not in taken])
    )


def _parts(flow: Flow, leading: Leading) -> Iterator[tuple[Flow, Paragraph | Table | Line]]:
    """Paragraphs, tables and furniture lines of a page in order."""
    run: list[Line] = []
    for item in flow.items:
        if isinstance(item, Line) and id(item) not in flow.furniture:
            run.append(item)
            continue
        yield from ((flow, paragraph) for paragraph in paragraphs_of(run, flow.page, leading))
        run = []
        yield flow, item
    yield from ((flow, paragraph) for paragraph in paragraphs_of(run, flow.page, leading))


def _words_of(flows: Sequence[Flow]) -> frozenset[str]:
    """The words of the document with a hyphen or without, to judge a hyphen at a line's end by."""
    return frozenset(
        word.strip(".,;:()[]“”\"'").casefold()
        for flow in flows
        for line in flow.lines
        for word in line.text.split()
    )
