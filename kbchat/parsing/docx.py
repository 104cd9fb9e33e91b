"""DOCX to blocks, in document order.

Walks the XML of the body itself, since python-docx gives paragraphs and tables apart: content controls,
tracked changes, hidden text, text boxes and merged cells are each read the way Word shows them. The
package is opened with python-docx; nothing outside it is followed.
"""

import io
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.opc.exceptions import PackageNotFoundError

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.contract import Source
from kbchat.parsing.document import BlockKind, HiddenPart, ParsedDocument
from kbchat.parsing.docx_notes import Notes
from kbchat.parsing.docx_numbering import Numbering
from kbchat.parsing.docx_styles import Styles
from kbchat.parsing.docx_text import ParagraphText, child, value, w
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.note_calls import Call, noted
from kbchat.parsing.ooxml_package import readable_package
from kbchat.parsing.sniffing import DOCX
from kbchat.parsing.top_headings import TopHeadings
from kbchat.parsing.xml_parts import root_of
from kbchat.parsing.zip_package import BROKEN_PACKAGE

_LACKS_ELEMENTS = (AttributeError, TypeError)
"""What python-docx raises where an element is missing that it counts on."""
_CONTENTS = "Table of Contents"
"""The gallery of what Word makes from the headings."""


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: TOO_LARGE_UNPACKED, PASSWORD_PROTECTED, or CORRUPT."""
    package = readable_package(source.data)
    try:
        return _Reading(Document(io.BytesIO(package))).document()
    except (PackageNotFoundError, *_LACKS_ELEMENTS, *BROKEN_PACKAGE) as error:
        raise ParseError(ParseErrorCode.CORRUPT, cause=type(error).__name__) from error


class _Reading:
    def __init__(self, document: Any) -> None:
        self._document = document
        self._builder = DocumentBuilder()
        self._styles = Styles(document.part)
        self._numbering = Numbering(document.part, self._styles)
        self._notes = Notes(document.part)
        self._called: list[Call] = []
        self._title = ""
        self._top_headings = TopHeadings()
        self._code: list[str] = []

    def document(self) -> ParsedDocument:
        self._blocks(self._document.element.body)
        self._end_section()
        self._report_left_out()
        told = (self._document.core_properties.title or "").strip()
        title = self._title or self._top_headings.title(told)
        return self._builder.finish(title=title, media_type=DOCX)

    def _blocks(self, container: Any) -> None:
        for element in _content(container):
            if element.tag == w("p"):
                self._paragraph(element)
            elif element.tag == w("tbl"):
                self._end_code()
                self._table(element)

    def _end_section(self) -> None:
        """The notes that were called in it: they hold conditions of what it says, and who may not read it may not read
        them."""
        self._end_code()
        while self._called:
            call = self._called.pop(0)
            self._builder.block(BlockKind.PARAGRAPH, noted(call.number, self._cell(call.note)))

    def _end_code(self) -> None:
        """Paragraphs of code that follow each other are the lines of one block."""
        self._builder.block(BlockKind.CODE, "\n".join(self._code))
        self._code.clear()

    def _paragraph(self, element: Any) -> None:
        style = self._styles.of_paragraph(element)
        number = self._numbering.next_for(element, style)
        if style.is_contents or (style.is_contents_heading and self._is_before_contents(element)):
            return
        if style.heading_level is not None:
            self._end_section()
        text = self._read(element)
        if style.is_code and number.depth is None:
            self._code.append(text.text)
            return
        self._end_code()
        if style.is_title and not self._title:
            self._title = text.title.strip()
        if style.heading_level is not None:
            self._heading(number.label + text.title, style.heading_level, is_numbered=bool(number.label))
        elif number.depth is not None:
            self._builder.block(BlockKind.LIST_ITEM, number.label + text.text.strip(), level=number.depth)
        elif style.is_quote:
            self._builder.block(BlockKind.QUOTE, text.text)
        else:
            self._builder.block(BlockKind.PARAGRAPH, text.text)
        for box in text.text_boxes:
            self._blocks(box)

    def _is_before_contents(self, element: Any) -> bool:
        """Whether the next paragraph is a line of a table of contents."""
        following = (one for sibling in element.itersiblings() for one in sibling.iter(w("p")))
        paragraph = next(following, None)
        return paragraph is not None and self._styles.of_paragraph(paragraph).is_contents

    def _heading(self, text: str, level: int, *, is_numbered: bool) -> None:
        if level == 1:
            self._top_headings.add(text, is_numbered=is_numbered, opens=self._builder.next_offset == 0)
        self._builder.heading(text, level)

    def _table(self, table: Any) -> None:
        rows = [row for row in _content(table) if row.tag == w("tr")]
        cells = [self._row(row) for row in rows]
        if len(cells) == 1 and len(cells[0]) == 1:
            # A table of one cell is a frame around paragraphs.
            for cell in _content(rows[0]):
                self._blocks(cell)
            return
        self._builder.table(cells, header_rows=_header_rows(table, rows))

    def _row(self, row: Any) -> list[str]:
        """One text a grid column: a merged cell's text stands in its first column and row only."""
        properties = child(row, "trPr")
        cells = [""] * int(value(child(properties, "gridBefore")) or 0)
        for cell in _content(row):
            if cell.tag != w("tc"):
                continue
            settings = child(cell, "tcPr")
            merge = child(settings, "vMerge")
            goes_on = merge is not None and value(merge) != "restart"
            cells.append("" if goes_on else self._cell(cell))
            cells += [""] * (min(int(value(child(settings, "gridSpan")) or 1), 64) - 1)
        return cells

    def _cell(self, cell: Any) -> str:
        parts = []
        for element in _content(cell):
            if element.tag == w("p"):
                text = self._read(element)
                number = self._numbering.next_for(element, self._styles.of_paragraph(element))
                parts.append(number.label + text.text if text.text.strip() else "")
                parts += [self._cell(box) for box in text.text_boxes]
            elif element.tag == w("tbl"):
                parts += [text for row in _content(element) if row.tag == w("tr") for text in self._row(row)]
        return " ".join(part for part in parts if part.strip())

    def _read(self, paragraph: Any) -> ParagraphText:
        text = ParagraphText(paragraph, self._styles, self._notes)
        self._called += text.calls
        for part in text.hidden:
            self._builder.hide(part)
        self._builder.images_skipped += text.pictures
        return text

    def _report_left_out(self) -> None:
        for relation in self._document.part.rels.values():
            if relation.is_external:
                continue
            if relation.reltype.endswith(("/header", "/footer")) and _has_text(relation.target_part.blob):
                self._builder.hide(HiddenPart.HEADERS_AND_FOOTERS)
            elif relation.reltype.endswith("/comments") and _has_text(relation.target_part.blob):
                self._builder.hide(HiddenPart.COMMENTS)


def _content(container: Any) -> Iterator[Any]:
    """The blocks, rows or cells in a container, through content controls and inserted parts, in order; without what
    Word makes from the headings."""
    for element in container:
        if element.tag == w("sdt"):
            inner = child(element, "sdtContent")
            made_from = child(child(child(element, "sdtPr"), "docPartObj"), "docPartGallery")
            if inner is not None and value(made_from) != _CONTENTS:
                yield from _content(inner)
        elif element.tag in (w("customXml"), w("ins"), w("smartTag"), w("moveTo")):
            yield from _content(element)
        else:
            yield element


def _header_rows(table: Any, rows: list[Any]) -> int:
    """Rows marked to be repeated on every page; else the first, where the table's look sets it apart."""
    marked = 0
    for row in rows:
        if child(child(row, "trPr"), "tblHeader") is None:
            break
        marked += 1
    look = child(child(table, "tblPr"), "tblLook")
    is_first_special = look is not None and (
        look.get(w("firstRow")) == "1" or bool(int(look.get(w("val")) or "0", 16) & 0x20)
    )
    if marked and marked == len(rows):
        return 1  # some programs mark every row, which marks none
    return marked or int(is_first_special and len(rows) > 1)


def _has_text(blob: bytes) -> bool:
    root = root_of(blob)
    return any((text.text or "").strip() for text in root.iter(w("t")))
