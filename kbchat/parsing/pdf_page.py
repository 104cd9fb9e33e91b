"""One page of a PDF as characters with places, ruling lines and pictures. The only module that calls PDFium.

Places are in points of the page as displayed (crop and rotation applied), origin top left, so that nothing
after this module thinks about PDF coordinates. What a reader does not see is marked here, since only here
colour, rendering and backgrounds are known.
"""

import ctypes
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from kbchat.parsing.document import HiddenPart
from kbchat.parsing.pdf_objects import Affine, Drawing, drawing_of
from kbchat.parsing.pdf_unicode import readable

_BOLD_NAME = re.compile(r"bold|black|heavy|semibold|demi(?!ng)|[-,]b$|simhei|heiti|hei-|黑体", re.IGNORECASE)
_TINY_POINTS = 2.0
_INVISIBLE = 3
_HYPHENS = (0x02, 0xFFFE, 0xAD)
"""What PDFium gives for a hyphen at the end of a line, and the soft hyphen."""
_FIRST_HALF = -1
"""In the place of a character of which the next one is the second half."""


@dataclass(slots=True)
class Glyph:
    """A character as printed; ``text`` is usually one code point, "ffi" for a ligature.

    ``size`` is the size of its font in points, ``upright`` whether it reads from left to right (or right to
    left) and not up, down or slanted. ``breaks`` says that PDFium saw the end of a line before it.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool
    upright: bool
    breaks: bool = False


@dataclass(slots=True)
class Page:
    """``number`` is 1-based; ``width`` and ``height`` in points as displayed."""

    number: int
    width: float
    height: float
    glyphs: list[Glyph]
    drawing: Drawing
    hidden: set[HiddenPart] = field(default_factory=set)
    unreadable: int = 0
    has_text_layer: bool = False
    """Text that is not painted lies over a picture: somebody has recognised it before."""
    rotated: list[Glyph] = field(default_factory=list)
    """Glyphs that do not stand upright on a page whose text does: stamps along the margin."""


@dataclass(frozen=True, slots=True)
class _Style:
    """What all characters of one text object share."""

    size: float
    bold: bool
    upright: bool
    is_invisible: bool
    is_white: bool

    @property
    def is_plain(self) -> bool:
        """Seen wherever it stands on the page."""
        return self.size >= _TINY_POINTS and not self.is_invisible and not self.is_white


class _Texts(dict[int, str]):
    """The text of each code point, found out once."""

    def __missing__(self, code: int) -> str:
        text = self[code] = "-" if code in _HYPHENS else readable(code)
        return text


def _by_numbers(function: Any, result: Any, *arguments: Any) -> Callable[..., int]:
    """A function of PDFium's that takes addresses as plain numbers: to make a pointer of each takes longer than the
    call itself."""
    address = ctypes.cast(function, ctypes.c_void_p).value
    called: Callable[..., int] = ctypes.PYFUNCTYPE(result, *arguments)(address or 0)
    return called


_object_of = _by_numbers(raw.FPDFText_GetTextObject, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_box_of = _by_numbers(
    raw.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p
)


def read_page(document: pdfium.PdfDocument, index: int) -> Page:
    """Page ``index`` (from 0).

    :raises pdfium.PdfiumError: when PDFium cannot load it.
    """
    page = document[index]
    textpage = page.get_textpage()
    try:
        width, height = page.get_size()
        affine = _to_displayed(page, width, height)
        content = Page(index + 1, width, height, [], drawing_of(page, affine))
        _Reader(content, textpage, affine).read()
        return content
    finally:
        textpage.close()
        page.close()


def _to_displayed(page: pdfium.PdfPage, width: float, height: float) -> Affine:
    """From the page's own coordinates to displayed points: PDFium knows how, three points tell."""
    steps = 1_000_000
    x, y = ctypes.c_int(), ctypes.c_int()

    def at(page_x: float, page_y: float) -> tuple[float, float]:
        raw.FPDF_PageToDevice(page.raw, 0, 0, steps, steps, 0, page_x, page_y, x, y)
        return x.value / steps * width, y.value / steps * height

    (e, f), (ax, bx), (cx, dx) = at(0, 0), at(1000, 0), at(0, 1000)
    return Affine((ax - e) / 1000, (bx - f) / 1000, (cx - e) / 1000, (dx - f) / 1000, e, f)


def _with_halves_joined(codes: Sequence[int]) -> list[int]:
    """What UTF-16 writes in two halves stands where the second one stood."""
    whole: list[int] = []
    first = 0
    for code in codes:
        if 0xD800 <= code < 0xDC00:
            first = code
            whole.append(_FIRST_HALF)
            continue
        is_second = first and 0xDC00 <= code < 0xE000
        whole.append(0x10000 + ((first - 0xD800) << 10) + (code - 0xDC00) if is_second else code)
        first = 0
    return whole


class _Reader:
    def __init__(self, page: Page, textpage: pdfium.PdfTextPage, affine: Affine) -> None:
        self._page = page
        self._raw = textpage.raw
        self._count = textpage.count_chars()
        self._affine = affine
        self._styles: dict[int, _Style] = {}
        self._bold_fonts: dict[int, bool] = {}

    def read(self) -> None:
        upright, rotated = self._page.glyphs, self._page.rotated
        self._take(upright, rotated)
        if len(rotated) > len(upright):
            # The page as a whole is set sideways: its order is all there is to go by.
            upright[:], rotated[:] = [*rotated, *upright], []

    def _take(self, upright: list[Glyph], rotated: list[Glyph]) -> None:
        """The visible characters in PDFium's order.

        This loop runs once a character and is most of the time that a PDF takes.
        """
        rectangle = (ctypes.c_float * 4)()
        corners = memoryview(rectangle).cast("B").cast("f")
        box = ctypes.addressof(rectangle)
        textpage = ctypes.cast(self._raw, ctypes.c_void_p).value
        place, page, styles = self._affine.sides, self._page, self._styles
        width, height = page.width, page.height
        a, b, c, d, e, f = self._affine
        is_turned = bool(b or c)
        texts = _Texts({_FIRST_HALF: ""})
        breaks, last = False, 0
        for index, code in enumerate(self._codes()):
            if code in (10, 13):
                breaks = True
                continue
            text = texts[code]
            if not text:
                page.unreadable += code in (0, 0xFFFD)
                continue
            address = _object_of(textpage, index)
            if not address or not _box_of(textpage, index, box):
                continue
            x1, y1, x2, y2 = corners
            left, top, right, bottom = a * x1 + e, d * y1 + f, a * x2 + e, d * y2 + f
            if is_turned or left > right or top > bottom:
                left, top, right, bottom = place(x1, y2, x2, y1)
            if text == " " and right <= left:
                continue  # a blank of PDFium's own: blanks are judged by the gaps between glyphs
            if address != last:
                last = address
                style = styles.get(address) or self._new_style(address, index)
                size, bold, is_upright, is_plain = style.size, style.bold, style.upright, style.is_plain
                add = (upright if is_upright else rotated).append
            if not (is_plain and left >= 0 and right <= width and top >= 0 and bottom <= height):
                reason = self._why_hidden(style, (left + right) / 2, (top + bottom) / 2, bottom - top)
                if reason is not None:
                    if text != " ":
                        page.hidden.add(reason)
                    continue
                page.has_text_layer |= style.is_invisible
            add(Glyph(text, left, top, right, bottom, size, bold, is_upright, breaks))
            breaks = False

    def _codes(self) -> Sequence[int]:
        """The code point of each character; of most pages told by one call."""
        units = (ctypes.c_ushort * (self._count + 1))()
        if raw.FPDFText_GetText(self._raw, 0, self._count, units) == len(units):
            codes = list(units)[: self._count]
        else:
            # It leaves out what stands for nothing: then which is whose is not known.
            codes = [raw.FPDFText_GetUnicode(self._raw, index) for index in range(self._count)]
        return _with_halves_joined(codes) if max(codes, default=0) >= 0xD800 else codes

    def _new_style(self, address: int, index: int) -> _Style:
        text_object = ctypes.cast(address, raw.FPDF_PAGEOBJECT)
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(self._raw, index, matrix)
        across_x, across_y = self._affine.direction(matrix.a, matrix.b)
        up_x, up_y = self._affine.direction(matrix.c, matrix.d)
        size = abs(raw.FPDFText_GetFontSize(self._raw, index)) * (up_x**2 + up_y**2) ** 0.5
        style = self._styles[address] = _Style(
            size=round(size, 2),
            bold=self._is_bold(text_object, index),
            upright=across_x > 0 and abs(across_y) < 0.1 * across_x,
            is_invisible=raw.FPDFTextObj_GetTextRenderMode(text_object) == _INVISIBLE,
            is_white=self._is_white(index),
        )
        return style

    def _is_bold(self, text_object: object, index: int) -> bool:
        font = raw.FPDFTextObj_GetFont(text_object)
        if not font:
            return False
        address = ctypes.addressof(font.contents)
        if address not in self._bold_fonts:
            buffer = ctypes.create_string_buffer(256)
            length = raw.FPDFFont_GetBaseFontName(font, buffer, 256)
            name = buffer.raw[: max(length - 1, 0)].decode("utf-8", "replace")
            weight = raw.FPDFText_GetFontWeight(self._raw, index)
            self._bold_fonts[address] = bool(_BOLD_NAME.search(name)) or 600 <= weight <= 1000
        return self._bold_fonts[address]

    def _is_white(self, index: int) -> bool:
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if not raw.FPDFText_GetFillColor(self._raw, index, red, green, blue, alpha):
            return False
        return alpha.value < 13 or min(red.value, green.value, blue.value) >= 250

    def _why_hidden(self, style: _Style, x: float, y: float, height: float) -> HiddenPart | None:
        """Why a character in the middle of (x, y) is not seen, None when it is."""
        if not (0 <= x <= self._page.width and 0 <= y <= self._page.height):
            return HiddenPart.TEXT_OUTSIDE_PAGE
        if style.size < _TINY_POINTS and height < _TINY_POINTS:
            return HiddenPart.TINY_TEXT
        if style.is_invisible and not self._page.drawing.is_pictured(x, y):
            return HiddenPart.HIDDEN_TEXT  # over a picture it is a scan's recognised text, meant to be found
        if style.is_white and not self._page.drawing.is_painted(x, y):
            return HiddenPart.WHITE_TEXT
        return None
