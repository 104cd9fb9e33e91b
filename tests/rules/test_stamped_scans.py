"""Scans with a few words printed over them: both are read, the words over the picture once."""

from collections.abc import Callable

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from kbchat.core.text import Span
from kbchat.parsing import Box, ParsedDocument, ParseNote, boxes_of
from kbchat.parsing.sandbox import parse_sandboxed, recognise_sandboxed
from kbchat.parsing.tesseract_library import Recogniser
from tests.recognition import CHINESE, ENGLISH, SCAN, scan
from tests.rules.parsing_support import check_promises
from tests.rules.pdf_support import HEIGHT, WIDTH, lines, pdf, write

FOOT = WIDTH / SCAN[0] * SCAN[1]
"""So high a scan that lies as it should stands on the page."""
STAMP = "RECEIVED 12 MAY 2021 ARCHIVE 4711"
Draw = Callable[[Canvas], None]


def over(picture: Image.Image, draw: Draw, *, share: float = 1.0) -> bytes:
    """A page that the picture covers from its foot up as far as it reaches, with something over it."""

    def drawn(canvas: Canvas) -> None:
        width, height = picture.size
        scale = share * min(WIDTH / width, HEIGHT / height)
        canvas.drawImage(ImageReader(picture), 0, 0, scale * width, scale * height)
        draw(canvas)

    return pdf(drawn)


def read(data: bytes, recogniser: Recogniser) -> ParsedDocument:
    before = parse_sandboxed(data, "scan.pdf")
    assert (before.report.pictured_pages, before.report.empty_pages) == ((1,), ())
    assert ParseNote.PICTURED_PAGES in before.report.notes
    found = recognise_sandboxed(data, "scan.pdf", [1], recogniser=recogniser, seconds=60)
    document = parse_sandboxed(data, "scan.pdf", recognised=found)
    check_promises(document)
    assert (document.report.pictured_pages, document.report.recognised_pages) == ((), (1,))
    assert document.report.notes == ()
    return document


def box(document: ParsedDocument, part: str) -> Box:
    assert document.text.count(part) == 1, document.text
    start = document.text.index(part)
    (found,) = boxes_of(document.lines, Span(start, start + len(part)))
    return found


@pytest.mark.parametrize("y", [450, 40], ids=("above", "below"))
def test_a_stamp_and_what_it_was_put_on(recogniser: Recogniser, y: float) -> None:
    document = read(over(scan(*ENGLISH, *CHINESE), lambda canvas: write(canvas, STAMP, 60, y)), recogniser)
    places = [document.text.index(part) for part in (STAMP, ENGLISH[0], CHINESE[0])]
    assert places[0] == (max if y == 40 else min)(places)
    assert document.text.count("ARCHIVE") == document.text.count("4711") == 1
    assert " ".join(ENGLISH) in document.text.replace("\n\n", " ")
    stamp, words = box(document, STAMP), box(document, "fifteen days")
    middle = (stamp.top + stamp.bottom) / 2
    assert abs(middle - (HEIGHT - y - 4) / HEIGHT) < 0.01
    assert HEIGHT - 0.72 * FOOT < words.top * HEIGHT < words.bottom * HEIGHT < HEIGHT - 0.64 * FOOT


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_on_a_page_that_lies_on_its_side(recogniser: Recogniser, turned: int) -> None:
    """The picture lies so, and the stamp stands upright on it."""
    document = read(
        over(scan(*CHINESE, turned=turned), lambda canvas: write(canvas, STAMP, 60, 440)), recogniser
    )
    assert document.text.count("4711") == 1
    stamp, words = box(document, STAMP), box(document, "十五天")
    assert 390 < stamp.top * HEIGHT < stamp.bottom * HEIGHT < 410
    assert 0.09 < stamp.left < stamp.right < 0.6
    across, down = (words.left + words.right) / 2, (words.top + words.bottom) / 2
    width = min(WIDTH, HEIGHT / SCAN[0] * SCAN[1])
    middle = {
        90: across * WIDTH / width,
        180: (1 - down) * HEIGHT / FOOT,
        270: 1 - across * WIDTH / width,
    }[turned]
    assert 0.28 < middle < 0.36


def test_along_the_margin_and_across_the_page(recogniser: Recogniser) -> None:
    """What stands beneath a word that lies askew stays."""

    def drawn(canvas: Canvas) -> None:
        canvas.saveState()
        canvas.translate(20, 300)
        canvas.rotate(90)
        write(canvas, "Library of the north 4711", 0, 0)
        canvas.restoreState()
        canvas.translate(100, 250)
        canvas.rotate(55)
        canvas.setFillGray(0.85)
        write(canvas, "SPECIMEN", 0, 0, size=90)

    document = read(over(scan(*ENGLISH), drawn), recogniser)
    assert document.text.count("4711") == document.text.count("SPECIMEN") == 1
    assert "annual leave" in document.text
    assert "carried over" in document.text


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            over(scan(*ENGLISH), lambda canvas: lines(canvas, *[STAMP] * 20)), id="as much text as a page has"
        ),
        pytest.param(over(scan(*ENGLISH), lambda canvas: write(canvas, STAMP), share=0.8), id="small"),
    ],
)
def test_other_pages_are_what_they_were(data: bytes) -> None:
    assert parse_sandboxed(data, "x.pdf").report.pictured_pages == ()


def test_a_scan_that_somebody_has_recognised_keeps_that_text() -> None:
    def layer(canvas: Canvas) -> None:
        text = canvas.beginText(72, 300)
        text.setTextRenderMode(3)
        text.textLine(ENGLISH[0])
        canvas.drawText(text)

    document = parse_sandboxed(over(scan(ENGLISH[0]), layer), "x.pdf")
    assert (document.text, document.report.pictured_pages) == (ENGLISH[0], ())
