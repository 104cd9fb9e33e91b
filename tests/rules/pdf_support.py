"""PDF files drawn for a test, and where something stands in them."""

import io
from collections.abc import Callable

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from kbchat.core.text import Span
from kbchat.parsing import Box, ParsedDocument, boxes_of

WIDTH, HEIGHT = 595.0, 842.0
SONG = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(SONG))

Draw = Callable[[Canvas], None]


def pdf(*pages: Draw, encrypt: StandardEncryption | None = None) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), encrypt=encrypt)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def write(
    canvas: Canvas, text: str, x: float = 72, y: float = 700, *, font: str = "Helvetica", size: float = 12
) -> None:
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)


def lines(canvas: Canvas, *texts: str, y: float = 700, **style: object) -> None:
    for number, text in enumerate(texts):
        write(canvas, text, y=y - 14 * number, **style)  # type: ignore[arg-type]


def span_of(document: ParsedDocument, part: str) -> Span:
    start = document.text.index(part)
    return Span(start, start + len(part))


def box_of(document: ParsedDocument, part: str) -> Box:
    (box,) = boxes_of(document.lines, span_of(document, part))
    return box


def in_points(box: Box) -> tuple[float, float, float, float]:
    return box.left * WIDTH, box.top * HEIGHT, box.right * WIDTH, box.bottom * HEIGHT
