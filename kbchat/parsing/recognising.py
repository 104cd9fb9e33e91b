"""Pages that are pictures to the text on them, some seconds' worth at a time. Runs in the parsing child alone."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

import pypdfium2 as pdfium

from kbchat.parsing import sniffing
from kbchat.parsing.contract import Source
from kbchat.parsing.pdf import opened
from kbchat.parsing.pdf_objects import hide_text
from kbchat.parsing.pdf_page import read_page
from kbchat.parsing.recognised import RecognisedPage
from kbchat.parsing.stamped_scans import is_stamped_scan
from kbchat.parsing.tesseract import Tesseract
from kbchat.parsing.tesseract_library import Picture

_POINTS_AN_INCH: Final = 300
_MOST_PIXELS: Final = 20_000_000
"""A sheet of A3 at 300 dots an inch has 17 million; a larger one is drawn more coarsely."""


def recognise(
    source: Source, pages: Sequence[int], engine: Tesseract, *, seconds: float
) -> Iterator[RecognisedPage]:
    """Pages ``pages`` (1-based, in that order): the first, and others as long as ``seconds`` are not over.

    One that cannot be drawn has no text.

    :raises ParseError: PASSWORD_PROTECTED, CORRUPT, PICTURE_TOO_LARGE (``megapixels``, ``most``).
    """
    media_type = sniffing.media_type_of(source.data, source.filename)
    ends = time.monotonic() + seconds
    if media_type != sniffing.PDF:
        for number in pages:
            with closing(
                engine.decoded(source.data, number - 1 if media_type == sniffing.TIFF else None)
            ) as picture:
                yield engine.read(picture, number)
            if time.monotonic() >= ends:
                return
        return
    with closing(opened(source.data)) as document:
        for number in pages:
            yield _of_pdf(document, number, engine)
            if time.monotonic() >= ends:
                return


def _of_pdf(document: pdfium.PdfDocument, number: int, engine: Tesseract) -> RecognisedPage:
    try:
        picture = _drawn(document, number, engine)
    except pdfium.PdfiumError:
        return RecognisedPage(number, 1, 1, _POINTS_AN_INCH, 0.0)
    with closing(picture):
        return engine.read(picture, number)


def _drawn(document: pdfium.PdfDocument, number: int, engine: Tesseract) -> Picture:
    """:raises pdfium.PdfiumError: where there is no such page, or it cannot be loaded."""
    is_stamped = is_stamped_scan(read_page(document, number - 1))
    with closing(document[number - 1]) as page:
        if is_stamped:
            hide_text(page)
        width, height = page.get_size()
        scale = min(_POINTS_AN_INCH / 72, (_MOST_PIXELS / max(width * height, 1)) ** 0.5)
        with closing(page.render(scale=scale, grayscale=True, may_draw_forms=False)) as bitmap:
            head = f"P5 {bitmap.width} {bitmap.height} 255\n".encode("ascii")
            grey = memoryview(bitmap.buffer).cast("B")
            rows = (
                grey[row * bitmap.stride : row * bitmap.stride + bitmap.width] for row in range(bitmap.height)
            )
            picture = engine.decoded(head + b"".join(rows))
    picture.points_an_inch = round(72 * scale)
    return picture
