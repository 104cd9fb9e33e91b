"""OpenDocument to blocks: text (ODT), sheets (ODS) and slides (ODP). All three hold their content in one XML file."""

import re
from typing import Any, Final

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.characters import on_one_line
from kbchat.parsing.contract import Source
from kbchat.parsing.document import HiddenPart, ParsedDocument, ParseNote
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.odf_sheets import add_sheets
from kbchat.parsing.odf_styles import Styles
from kbchat.parsing.odf_text import TextReader
from kbchat.parsing.slide_headings import notes_heading, slide_heading
from kbchat.parsing.sniffing import ODP, ODS, ODT
from kbchat.parsing.xml_parts import attribute_of_any, child, children, local_name, words_of
from kbchat.parsing.zip_package import ZipPackage, opened_package

_KINDS: Final = {"text": ODT, "spreadsheet": ODS, "presentation": ODP}
_FURNITURE: Final = ("footer", "header", "date-time", "page-number")
_LENGTH: Final = re.compile(r"(-?\d{1,9}(?:\.\d{1,9})?)(cm|mm|in|pt|px)?")
_MILLIMETRES: Final = {"cm": 10.0, "mm": 1.0, "in": 25.4, "pt": 0.353, "px": 0.265}
_ROW_MILLIMETRES: Final = 5
_LONGEST_TITLE: Final = 80


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: TOO_LARGE_UNPACKED, PASSWORD_PROTECTED, or CORRUPT."""
    with opened_package(source.data) as package:
        if "META-INF/manifest.xml" in package:
            manifest = package.root("META-INF/manifest.xml")
            if next(manifest.iter("{*}encryption-data"), None) is not None:
                raise ParseError(ParseErrorCode.PASSWORD_PROTECTED)
        return _document(package)


def _document(package: ZipPackage) -> ParsedDocument:
    content = package.root("content.xml")
    styles = Styles(content, *([package.root("styles.xml")] if "styles.xml" in package else []))
    body = next(children(child(content, "body"), *_KINDS), None)
    if body is None:
        raise ValueError("nothing that is known stands in the file")
    builder = DocumentBuilder()
    told = _told_title(package)
    kind, title, pages, empty = local_name(body), told, None, list[int]()
    if kind == "spreadsheet":
        add_sheets(builder, body, styles)
    elif kind == "text":
        reader = TextReader(builder, styles)
        reader.add(body)
        title = reader.title or reader.top_headings.title(told)
    else:
        slides = _Slides(builder, styles)
        empty = slides.add(body)
        title, pages = slides.title or told, slides.number
    return builder.finish(title=title, media_type=_KINDS[kind], pages=pages, empty_pages=empty)


def _told_title(package: ZipPackage) -> str:
    """What the file's properties call it, "" where they call it nothing."""
    if "meta.xml" not in package:
        return ""
    return on_one_line(words_of(next(package.root("meta.xml").iter("{*}title"), None)))


class _Slides:
    """Slides as pages and sections; ``number``: of the last one; ``title``: of the first that has one."""

    def __init__(self, builder: DocumentBuilder, styles: Styles) -> None:
        self._builder = builder
        self._styles = styles
        self._reader = TextReader(builder, styles)
        self.number = 0
        self.title = ""

    def add(self, presentation: Any) -> list[int]:
        """Adds all slides that are shown; gives the numbers of those without text."""
        empty = []
        for slide in children(presentation, "page"):
            self.number += 1
            if self._styles.told(slide, "drawing-page-properties", "visibility") == "hidden":
                self._builder.note(ParseNote.HIDDEN_SLIDES)
                continue
            before = self._builder.next_offset
            self._slide(slide)
            if self._builder.next_offset == before:
                empty.append(self.number)
        return empty

    def _slide(self, slide: Any) -> None:
        self._reader.page = self.number
        shapes = sorted((one for one in children(slide) if self._is_read(one)), key=_place)
        titled = next((one for one in shapes if attribute_of_any(one, "class") == "title"), None)
        if titled is None and shapes and _is_short_line(shapes[0]):
            titled = shapes[0]
        rest = [one for one in shapes if one is not titled]
        notes = [
            one
            for one in slide.iter("{*}frame")
            if attribute_of_any(one, "class") == "notes" and words_of(one)
        ]
        told = "".join(words_of(one) for one in (*rest, *notes))
        if titled is not None or told.strip():
            title = " ".join(words_of(line) for line in titled.iter("{*}p")) if titled is not None else ""
            self.title = self.title or title.strip()
            heading = title if title.strip() else slide_heading(self.number, told)
            self._builder.heading(heading, 1, page=self.number)
        for shape in rest:
            self._reader.add_shape(shape)
        if notes:
            self._builder.heading(notes_heading(told), 2, page=self.number)
            for note in notes:
                self._reader.add_shape(note)

    def _is_read(self, shape: Any) -> bool:
        """Not the notes, which come last, and not what stands on every slide."""
        if local_name(shape) in ("notes", "forms", "annotation", "animations", "par"):
            return False
        if attribute_of_any(shape, "class") in _FURNITURE:
            if words_of(shape).strip():
                self._builder.hide(HiddenPart.HEADERS_AND_FOOTERS)
            return False
        return True


def _is_short_line(shape: Any) -> bool:
    """What a slide without a title of its own is called: one line in the shape at its top."""
    lines = [words_of(line) for line in shape.iter("{*}p")]
    return (
        len(lines) == 1 and 0 < len(lines[0].strip()) <= _LONGEST_TITLE and shape.find(".//{*}list") is None
    )


def _place(shape: Any) -> tuple[int, float]:
    """For reading from above to below, and from left to right in a row."""
    return round(_millimetres(attribute_of_any(shape, "y")) / _ROW_MILLIMETRES), _millimetres(
        attribute_of_any(shape, "x")
    )


def _millimetres(length: str) -> float:
    told = _LENGTH.fullmatch(length)
    return float(told[1]) * _MILLIMETRES[told[2] or "mm"] if told else 0.0
