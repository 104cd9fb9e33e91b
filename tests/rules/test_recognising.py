"""Scans and pictures to text with places, by the real Tesseract inside the real walls."""

import io
import struct
import zlib
from collections.abc import Sequence

import pytest
from PIL import Image

from kbchat.core.text import Span
from kbchat.parsing import Box, ParsedDocument, ParseError, ParseErrorCode, boxes_of
from kbchat.parsing.sandbox import SandboxLimits, parse_sandboxed, recognise_sandboxed
from kbchat.parsing.tesseract_library import Recogniser
from tests.recognition import CHINESE, ENGLISH, SCAN, as_file, scan
from tests.rules.parsing_support import check_promises
from tests.rules.pdf_support import pdf, write

# Of `scan`: where the first line is drawn, as fractions of the page, with room for what a font leaves free.
LINE = (0.12, 0.30, 0.34)


def document_of(
    data: bytes, name: str, recogniser: Recogniser, pages: Sequence[int] = (1,)
) -> ParsedDocument:
    found = recognise_sandboxed(data, name, pages, recogniser=recogniser, seconds=60)
    document = parse_sandboxed(data, name, recognised=found)
    check_promises(document)
    return document


def boxes(document: ParsedDocument, part: str) -> tuple[Box, ...]:
    start = document.text.index(part)
    return boxes_of(document.lines, Span(start, start + len(part)))


def refused(data: bytes, name: str, recogniser: Recogniser) -> ParseError:
    with pytest.raises(ParseError) as failure:
        recognise_sandboxed(data, name, [1], recogniser=recogniser, seconds=60)
    return failure.value


def test_english_and_chinese_pages_of_a_scan(recogniser: Recogniser) -> None:
    data = as_file("PDF", scan(*ENGLISH), scan(*CHINESE))
    with pytest.raises(ParseError) as failure:
        parse_sandboxed(data, "scan.pdf")
    assert (failure.value.code, failure.value.facts) == (ParseErrorCode.SCAN_WITHOUT_TEXT, {"pages": 2})
    document = document_of(data, "scan.pdf", recogniser, (1, 2))
    assert " ".join(ENGLISH) in document.text.replace("\n\n", " ")
    assert CHINESE[0] in document.text
    report = document.report
    assert (report.recognised_pages, report.empty_pages, report.notes) == ((1, 2), (), ())
    assert report.recognised_characters >= 0.95 * report.characters
    assert (report.recognition_confidence or 0) > 0.8
    (english,) = boxes(document, "fifteen days")
    (chinese,) = boxes(document, "十五天")
    assert (english.page, chinese.page) == (1, 2)
    for box in (english, chinese):
        assert LINE[1] - 0.02 < box.top < box.bottom < LINE[2] + 0.02
        assert LINE[0] < box.left < box.right < 0.7


def test_pages_with_text_keep_theirs(recogniser: Recogniser) -> None:
    picture = scan(*ENGLISH)
    data = pdf(
        lambda canvas: write(canvas, "Printed as text on the first page"),
        lambda canvas: canvas.drawInlineImage(picture, 0, 0, 595, 480),
        lambda canvas: None,
    )
    document = document_of(
        data, "mixed.pdf", recogniser, parse_sandboxed(data, "mixed.pdf").report.empty_pages
    )
    assert document.text.startswith("Printed as text on the first page")
    assert ENGLISH[0] in document.text
    assert (document.report.recognised_pages, document.report.empty_pages) == ((2,), (3,))
    share = document.report.recognised_characters / document.report.characters
    assert 0.5 < share < 0.9


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_page_that_lies_on_its_side_is_lit_where_it_lies(recogniser: Recogniser, turned: int) -> None:
    """Turned counterclockwise by `turned`: what was at the top is at the left, at the bottom, at the right."""
    document = document_of(as_file("PNG", scan(*CHINESE, turned=turned)), "scan.png", recogniser)
    assert CHINESE[0] in document.text
    (box,) = boxes(document, "十五天")
    middle = {
        90: box.left + box.right,
        180: 2 - box.top - box.bottom,
        270: 2 - box.left - box.right,
    }[turned] / 2  # fmt: skip
    assert LINE[1] - 0.02 < middle < LINE[2] + 0.02


@pytest.mark.parametrize("kind", ["JPEG", "BMP", "WEBP", "GIF"])
def test_every_kind_of_picture(recogniser: Recogniser, kind: str) -> None:
    document = document_of(as_file(kind, scan(ENGLISH[0])), f"scan.{kind.lower()}", recogniser)
    assert (document.text, document.pages) == (ENGLISH[0], 1)
    assert document.media_type == f"image/{kind.lower()}"


def test_rules_of_a_table_cost_no_time_of_their_own(recogniser: Recogniser) -> None:
    page = Image.new("L", (2 * SCAN[0], 2 * SCAN[1]), 255)
    page.paste(scan(*ENGLISH))
    for top in range(1000, 1960, 60):
        page.paste(0, (150, top, 2300, top + 4))
    found = recognise_sandboxed(
        as_file("PNG", page),
        "table.png",
        [1],
        recogniser=recogniser,
        seconds=60,
        limits=SandboxLimits(cpu_seconds=20),
    )
    assert ENGLISH[0].split() == [word.text for word in found[0].lines[0].words]


def test_a_tiff_of_several_pages(recogniser: Recogniser) -> None:
    data = as_file("TIFF", scan(ENGLISH[0]), scan(CHINESE[0]))
    document = document_of(data, "scan.tif", recogniser, (1, 2))
    assert (document.text, document.pages) == (f"{ENGLISH[0]}\n\n{CHINESE[0]}", 2)
    assert [block.page for block in document.blocks] == [1, 2]


def test_a_picture_without_text_says_so(recogniser: Recogniser) -> None:
    with pytest.raises(ParseError) as failure:
        document_of(as_file("PNG", scan()), "white.png", recogniser)
    assert failure.value.code is ParseErrorCode.NO_TEXT_RECOGNISED


def test_it_stops_when_its_time_is_over_with_what_it_has(recogniser: Recogniser) -> None:
    data = as_file("TIFF", scan(ENGLISH[0]), scan(CHINESE[0]))
    found = recognise_sandboxed(data, "scan.tif", [2, 1], recogniser=recogniser, seconds=0)
    assert [page.number for page in found] == [2]


class TestBombs:
    def test_a_picture_of_too_many_points_is_not_unpacked(self, recogniser: Recogniser) -> None:
        side = 60_000
        rows = zlib.compressobj()
        packed = b"".join(rows.compress(bytes(side // 8 + 1)) for _ in range(side)) + rows.flush()
        parts = {
            b"IHDR": struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0),
            b"IDAT": packed,
            b"IEND": b"",
        }
        data = b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
            for name, body in parts.items()
        )
        error = refused(data, "bomb.png", recogniser)
        assert (error.code, error.facts) == (
            ParseErrorCode.PICTURE_TOO_LARGE,
            {"megapixels": 3600, "most": 100},
        )

    def test_a_page_of_any_size_is_drawn_in_bounds(self, recogniser: Recogniser) -> None:
        file = io.BytesIO()
        Image.new("L", (40, 40), 0).save(file, "PDF", resolution=0.2)
        found = recognise_sandboxed(file.getvalue(), "wide.pdf", [1], recogniser=recogniser, seconds=60)
        assert found[0].width * found[0].height <= 21_000_000

    @pytest.mark.parametrize("end", [60, 400, 5000])
    def test_a_broken_picture(self, recogniser: Recogniser, end: int) -> None:
        data = as_file("PNG", scan(*ENGLISH))[:end]
        assert refused(data, "scan.png", recogniser).code is ParseErrorCode.CORRUPT

    def test_too_little_memory(self, recogniser: Recogniser) -> None:
        data = as_file("PNG", scan(*ENGLISH))
        with pytest.raises(ParseError) as failure:
            recognise_sandboxed(
                data, "a.png", [1], recogniser=recogniser, seconds=60,
                limits=SandboxLimits(memory_bytes=220 << 20),
            )  # fmt: skip
        assert failure.value.code in (ParseErrorCode.OUT_OF_MEMORY, ParseErrorCode.CRASHED)
