"""PPTX to blocks: each slide a page and a section, its shapes in the order in which they are read.

Hidden slides are left out and reported; a speaker's notes follow their slide under a heading of their own. The package
is opened with python-pptx; nothing outside it is followed.
"""

import io
from collections.abc import Sequence
from typing import Any

from pptx import Presentation
from pptx.exc import PythonPptxError

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.characters import on_one_line
from kbchat.parsing.contract import Source
from kbchat.parsing.document import BlockKind, HiddenPart, ParsedDocument, ParseNote
from kbchat.parsing.drawings import is_shown, strikes_out
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.ooxml_package import readable_package
from kbchat.parsing.pptx_frames import chart_rows, diagram_lines, table_rows
from kbchat.parsing.pptx_shapes import Role, in_reading_order, is_within, role_of, shapes_of
from kbchat.parsing.pptx_text import Paragraph, paragraphs_of, text_of
from kbchat.parsing.slide_headings import notes_heading, slide_heading
from kbchat.parsing.sniffing import PPTX
from kbchat.parsing.xml_parts import attribute_of_any, local_name, root_of
from kbchat.parsing.zip_package import BROKEN_PACKAGE

_LONGEST_TITLE = 80
_LACKS_ELEMENTS = (AttributeError, TypeError)
"""What python-pptx raises where an element is missing that it counts on."""
_UNNAMED = ("powerpoint presentation", "powerpoint 演示文稿", "powerpoint 簡報")
"""What the program calls a presentation that nobody gave a title."""


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: TOO_LARGE_UNPACKED, PASSWORD_PROTECTED, or CORRUPT."""
    package = readable_package(source.data)
    try:
        return _Deck(Presentation(io.BytesIO(package))).document()
    except (PythonPptxError, *_LACKS_ELEMENTS, *BROKEN_PACKAGE) as error:
        raise ParseError(ParseErrorCode.CORRUPT, cause=type(error).__name__) from error


class _Deck:
    def __init__(self, presentation: Any) -> None:
        self._presentation = presentation
        self._width, self._height = int(presentation.slide_width or 0), int(presentation.slide_height or 0)
        self._builder = DocumentBuilder()
        self._title = ""

    def document(self) -> ParsedDocument:
        empty, number = [], 0
        for number, slide in enumerate(self._presentation.slides, 1):
            if slide.element.get("show") in ("0", "false"):
                self._builder.note(ParseNote.HIDDEN_SLIDES)
                continue
            before = self._builder.next_offset
            self._slide(slide, number)
            if self._builder.next_offset == before:
                empty.append(number)
        told = (self._presentation.core_properties.title or "").strip()
        title = self._title or ("" if told.lower() in _UNNAMED else told)
        return self._builder.finish(title=title, media_type=PPTX, pages=number, empty_pages=empty)

    def _slide(self, slide: Any, number: int) -> None:
        shapes = in_reading_order([one for one in shapes_of(slide) if self._is_read(one)], self._height)
        titled = next((one for one in shapes if role_of(one) is Role.TITLE), None) or self._title_among(
            shapes
        )
        title = "" if titled is None else on_one_line(text_of(titled))
        self._title = self._title or title
        rest = [one for one in shapes if one is not titled]
        notes = _notes_of(slide)
        told = "".join(text_of(one) for one in rest) + "".join(one.text for one in notes)
        if title or rest or notes:
            self._builder.heading(title or slide_heading(number, told), 1, page=number)
        for shape in rest:
            self._shape(shape, slide.part, number)
        if notes:
            self._builder.heading(notes_heading(told), 2, page=number)
            self._paragraphs(notes, number)
        if slide.has_notes_slide and strikes_out(slide.notes_slide.element):
            self._builder.hide(HiddenPart.TRACKED_DELETIONS)
        if any(relation.reltype.endswith("/comments") for relation in slide.part.rels.values()):
            self._builder.hide(HiddenPart.COMMENTS)

    def _is_read(self, shape: Any, *, is_in_group: bool = False) -> bool:
        """Whether a shape is seen and has something to read; pictures are counted, what is hidden is reported."""
        kind = local_name(shape.element)
        if kind == "pic":
            self._builder.images_skipped += 1
        has_text = any((text.text or "").strip() for text in shape.element.iter("{*}t"))
        if kind == "pic" or not (has_text or kind == "graphicFrame"):
            return False
        reason = None
        if not is_shown(shape.element):
            reason = HiddenPart.HIDDEN_TEXT
        elif not is_in_group and not is_within(shape, self._width, self._height):
            reason = HiddenPart.TEXT_OUTSIDE_PAGE
        elif role_of(shape) is Role.FURNITURE:
            reason = HiddenPart.HEADERS_AND_FOOTERS
        if reason:
            self._builder.hide(reason)
        elif strikes_out(shape.element):
            self._builder.hide(HiddenPart.TRACKED_DELETIONS)
        return reason is None

    def _title_among(self, shapes: Sequence[Any]) -> Any:
        """The first shape, where it is a short line at the top of a slide that has no title of its own."""
        first = shapes[0] if shapes else None
        if first is None or local_name(first.element) != "sp" or int(first.top or 0) > self._height / 4:
            return None
        paragraphs = paragraphs_of(first)
        is_line = len(paragraphs) == 1 and len(paragraphs[0].text) <= _LONGEST_TITLE
        return first if is_line and "\n" not in paragraphs[0].text else None

    def _shape(self, shape: Any, part: Any, page: int) -> None:
        kind = local_name(shape.element)
        if kind == "grpSp":
            # Inside a group its own measures hold, not those of the slide.
            inner = [one for one in shape.shapes if self._is_read(one, is_in_group=True)]
            for one in in_reading_order(inner, int(shape.height or 0)):
                self._shape(one, part, page)
        elif kind == "graphicFrame":
            self._frame(shape.element, part, page)
        else:
            self._paragraphs(paragraphs_of(shape), page)

    def _frame(self, frame: Any, part: Any, page: int) -> None:
        """A table, the figures of a chart, the words of a diagram; whatever else a frame shows is a picture."""
        for inner in frame.iter("{*}tbl", "{*}chart", "{*}relIds"):
            name = local_name(inner)
            if name == "tbl":
                rows, heads = table_rows(inner)
                self._builder.table(rows, header_rows=heads, page=page)
                return
            blob = part.related_part(attribute_of_any(inner, "id" if name == "chart" else "dm")).blob
            if name == "chart":
                title, rows = chart_rows(root_of(blob))
                self._builder.block(BlockKind.PARAGRAPH, title, page=page)
                self._builder.table(rows, header_rows=1, page=page)
            else:
                for line in diagram_lines(root_of(blob)):
                    self._builder.block(BlockKind.PARAGRAPH, line, page=page)
            return
        self._builder.images_skipped += 1

    def _paragraphs(self, paragraphs: Sequence[Paragraph], page: int) -> None:
        for one in paragraphs:
            kind = BlockKind.PARAGRAPH if one.depth is None else BlockKind.LIST_ITEM
            self._builder.block(kind, one.text, level=one.depth, page=page)


def _notes_of(slide: Any) -> list[Paragraph]:
    """The speaker's words; the picture of the slide and the page number beside them are none."""
    shape = slide.notes_slide.notes_placeholder if slide.has_notes_slide else None
    return [] if shape is None else [Paragraph(one.text) for one in paragraphs_of(shape)]
