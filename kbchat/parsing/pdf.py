"""PDF to blocks, each character with its place on the page.

Reads with PDFium (its characters are exact, Chinese ones too), finds lines, tables, furniture, paragraphs
and headings, and writes text and places down together, so that a span of the text is a rectangle on paper.
Whole files only; PDFium is not thread-safe, so one file at a time in a process.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.contract import Source
from kbchat.parsing.document import ParsedDocument, ParseNote
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.pdf_furniture import Flow
from kbchat.parsing.pdf_lines import Line, lines_of, stamps_of
from kbchat.parsing.pdf_page import Page, read_page
from kbchat.parsing.pdf_tables import Table, aligned_tables, ruled_tables
from kbchat.parsing.pdf_unicode import privates_in
from kbchat.parsing.printed_pages import write_pages
from kbchat.parsing.recognised import RecognisedPage
from kbchat.parsing.recognised_lines import recognised_flow
from kbchat.parsing.sniffing import PDF
from kbchat.parsing.stamped_scans import is_stamped_scan, stamped_flow

_RUBBISH_TITLE = re.compile(
    r"(microsoft |untitled|\(?(?:anonymous|unspecified)\)?$|document\d*$|title$|slide \d|无标题|文档\d*$)"
    r"|.*\.(docx?|pdf|indd|tex|dvi|qxd|rtf|xlsx?|pptx?|wps)$",
    re.IGNORECASE,
)


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: PASSWORD_PROTECTED, CORRUPT, or, where no page has a text, SCAN_WITHOUT_TEXT (``pages``), and
    NO_TEXT_RECOGNISED (``pages``) once all of them were looked at."""
    with closing(opened(source.data)) as document:
        return _Reading(document, source.recognised).document()


def opened(data: bytes) -> pdfium.PdfDocument:
    """:raises ParseError: PASSWORD_PROTECTED or CORRUPT."""
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
    def __init__(self, document: pdfium.PdfDocument, recognised: Mapping[int, RecognisedPage]) -> None:
        self._document, self._recognised = document, recognised
        self._builder = DocumentBuilder()
        self._empty_pages: list[int] = []
        self._pictured_pages: list[int] = []

    def document(self) -> ParsedDocument:
        pages = len(self._document)
        flows = [self._flow(index) for index in range(pages)]
        if len(self._empty_pages) == pages:
            is_looked_at = self._recognised.keys() >= set(self._empty_pages)
            code = ParseErrorCode.NO_TEXT_RECOGNISED if is_looked_at else ParseErrorCode.SCAN_WITHOUT_TEXT
            raise ParseError(code, pages=pages)
        if self._empty_pages:
            self._builder.note(ParseNote.PAGES_WITHOUT_TEXT)
        if self._pictured_pages:
            self._builder.note(ParseNote.PICTURED_PAGES)
        write_pages(self._builder, flows, self._outline())
        return self._builder.finish(
            title=self._title(),
            media_type=PDF,
            pages=pages,
            empty_pages=self._empty_pages,
            pictured_pages=self._pictured_pages,
            recognised=self._recognised,
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
        found = self._recognised.get(page.number)
        if found is not None and found.unread:
            found = None
        if is_stamped_scan(page):
            if found is not None:
                return stamped_flow(page, found)
            self._pictured_pages.append(page.number)
        elif not items and found is not None:
            flow = recognised_flow(found)
            if not flow.items:
                self._empty_pages.append(page.number)
            return flow
        elif not items:
            self._empty_pages.append(page.number)
        margin = stamps_of(page.rotated)
        return Flow(page.number, page.width, page.height, [*items, *margin], {id(line) for line in margin})

    def _report(self, page: Page) -> None:
        for part in page.hidden:
            self._builder.hide(part)
        self._builder.images_skipped += len(page.drawing.pictures)
        strange = page.unreadable + privates_in("".join([glyph.text[0] for glyph in page.glyphs]))
        if strange > 0.01 * len(page.glyphs):
            self._builder.note(ParseNote.UNREADABLE_CHARACTERS)

    def _outline(self) -> Iterator[tuple[int, str, int]]:
        with suppress(pdfium.PdfiumError, ValueError, RecursionError):
            for bookmark in self._document.get_toc():
                target = bookmark.get_dest()
                page = target.get_index() if target else None
                if page is not None:
                    yield page + 1, bookmark.get_title(), bookmark.level + 1

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
