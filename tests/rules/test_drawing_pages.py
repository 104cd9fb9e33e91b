"""Pages that no browser shows, drawn inside the walls: all of them, in bounds, and nothing of a broken file."""

import io

import pytest
from PIL import Image

from kbchat.parsing import ParseError, ParseErrorCode
from kbchat.parsing.sandbox import SandboxLimits, draw_sandboxed
from kbchat.parsing.tesseract_library import Recogniser
from tests.recognition import CHINESE, ENGLISH, as_file, scan


def drawn(data: bytes, page: int, recogniser: Recogniser) -> Image.Image:
    return Image.open(
        io.BytesIO(draw_sandboxed(data, page, engine=recogniser.engine, limits=SandboxLimits()))
    )


def test_each_page_is_drawn_as_it_is(recogniser: Recogniser) -> None:
    pages = scan(*ENGLISH), scan(*CHINESE)
    data = as_file("TIFF", *pages)
    for number, page in enumerate(pages, 1):
        found = drawn(data, number, recogniser)
        assert found.format == "PNG"
        assert found.size == page.size
        assert found.convert("L").tobytes() == page.tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_of_any_depth_and_no_larger_than_a_screen(recogniser: Recogniser, mode: str) -> None:
    page = Image.new("RGB", (4000, 2000), (200, 30, 30))
    grey = Image.new("I;16", page.size, 20000)
    data = as_file("TIFF", grey if mode == "I;16" else page.convert(mode))
    found = drawn(data, 1, recogniser)
    assert (found.format, found.size) == ("PNG", (1600, 800))


@pytest.mark.parametrize(
    "compression", ["group4", "group3", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"]
)
def test_as_scanners_pack_them(recogniser: Recogniser, compression: str) -> None:
    page = scan(*ENGLISH).convert("1" if compression.startswith("group") else "L")
    file = io.BytesIO()
    page.save(file, "TIFF", compression=compression)
    found = drawn(file.getvalue(), 1, recogniser).convert("L")
    dark = sum(found.histogram()[:100])
    assert abs(dark - sum(page.convert("L").histogram()[:100])) < 0.1 * dark


@pytest.mark.parametrize("end", [20, 300, 3000])
def test_a_broken_file_is_a_reason(recogniser: Recogniser, end: int) -> None:
    data = as_file("TIFF", scan(*ENGLISH))
    with pytest.raises(ParseError) as failure:
        drawn(data[:end], 1, recogniser)
    assert failure.value.code is ParseErrorCode.CORRUPT


def test_a_page_that_is_not_there_and_one_that_is_too_large(recogniser: Recogniser) -> None:
    with pytest.raises(ParseError) as failure:
        drawn(as_file("TIFF", scan(*ENGLISH)), 2, recogniser)
    assert failure.value.code is ParseErrorCode.CORRUPT
    file = io.BytesIO()
    Image.new("1", (40000, 4000)).save(file, "TIFF", compression="group4")
    with pytest.raises(ParseError) as failure:
        drawn(file.getvalue(), 1, recogniser)
    assert failure.value.code is ParseErrorCode.PICTURE_TOO_LARGE
