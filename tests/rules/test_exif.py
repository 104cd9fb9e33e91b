"""The way up that a camera has noted: the text is read, placed and shown so."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.core.text import Span
from kbchat.parsing import boxes_of
from kbchat.parsing.exif import orientation_of
from kbchat.parsing.sandbox import parse_sandboxed, recognise_sandboxed
from kbchat.parsing.tesseract_library import Recogniser
from tests.recognition import ENGLISH, photograph, scan

AS_CAMERAS_HOLD_IT = range(1, 9)


@pytest.mark.parametrize("orientation", AS_CAMERAS_HOLD_IT)
def test_a_photograph_is_read_as_its_camera_was_held(recogniser: Recogniser, orientation: int) -> None:
    data = photograph(scan(*ENGLISH), orientation)
    assert orientation_of(data) == orientation
    (page,) = recognise_sandboxed(data, "photo.jpg", [1], recogniser=recogniser, seconds=60)
    assert (page.turned, page.width > page.height) == (0, True)
    document = parse_sandboxed(data, "photo.jpg", recognised=[page])
    start = document.text.index("fifteen days")
    (box,) = boxes_of(document.lines, Span(start, start + len("fifteen days")))
    assert 0.28 < box.top < box.bottom < 0.36
    assert 0.3 < box.left < box.right < 0.7


def test_other_formats_are_read_as_they_lie(recogniser: Recogniser) -> None:
    """Whatever they note: not every browser would turn them."""
    data = photograph(scan(*ENGLISH), 6, kind="PNG")
    assert orientation_of(data) == 1
    (page,) = recognise_sandboxed(data, "photo.png", [1], recogniser=recogniser, seconds=60)
    assert page.turned == 90


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xe1",
        b"\xff\xd8\xff\xe1\x00\x10Exif\0\0II*\0\xff\xff\xff\xff",
        b"\xff\xd8\xff\xe1\x00\x02" * 2000,
        b"\xff\xd8" + b"\xff" * 5000,
        # Another kind of value, and one that is no orientation.
        *(
            b"\xff\xd8\xff\xe1\x00\x40Exif\0\0MM\0*\0\0\0\x08\0\x01"
            + struct.pack(">HHIHH", 0x0112, *value, 0)
            for value in ((4, 1, 6), (3, 1, 9), (3, 1, 0))
        ),
    ],
)
def test_what_says_nothing_lies_as_it_lies(data: bytes) -> None:
    assert orientation_of(data) == 1


@given(st.binary(max_size=200))
def test_nothing_breaks_it(data: bytes) -> None:
    assert 1 <= orientation_of(b"\xff\xd8\xff\xe1\x00\xc8Exif\0\0" + data) <= 8


def test_both_orders_of_bytes_are_read() -> None:
    for order in ("<", ">"):
        tiff = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, 1)
        tiff += struct.pack(f"{order}HHIHH", 0x0112, 3, 1, 8, 0)
        body = b"Exif\0\0" + tiff
        head = b"\xff\xd8\xff\xe0\x00\x04xx\xff\xff\xe1" + struct.pack(">H", len(body) + 2)
        assert orientation_of(head + body) == 8
