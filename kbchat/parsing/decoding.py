"""Pictures of strangers, decoded by Leptonica from memory, as a browser shows them; and drawn for one that cannot.

Runs in the parsing child alone.
"""

import ctypes
from ctypes import byref, c_int
from typing import Final

from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.exif import orientation_of
from kbchat.parsing.tesseract_library import Picture

_MOST_PIXELS: Final = 100_000_000
"""A sheet of A3 at 600 dots an inch has 70 million."""
_WIDEST: Final = 1_600
_TURNS: Final = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
_MIRRORED: Final = {2, 4, 5, 7}
"""By the orientation that is noted: how far to turn it clockwise, and whether left and right are exchanged after."""


def decoded(leptonica: ctypes.CDLL, data: bytes, page: int | None = None) -> Picture:
    """A picture, upright as its camera was held; of a TIFF its page ``page`` (from 0).

    :raises ParseError: CORRUPT, or PICTURE_TOO_LARGE (``megapixels``, ``most``), before anything is unpacked.
    """
    width, height, unused = c_int(), c_int(), [c_int() for _ in range(6)]
    sides = (byref(width), byref(height), *(byref(one) for one in unused))
    if page is None:
        failed = leptonica.pixReadHeaderMem(data, len(data), byref(unused[5]), *sides[:5])
    else:
        failed = leptonica.readHeaderMemTiff(data, len(data), page, *sides[:7])
    pixels = width.value * height.value
    if failed or pixels < 1:
        raise ParseError(ParseErrorCode.CORRUPT)
    if pixels > _MOST_PIXELS:
        raise ParseError(
            ParseErrorCode.PICTURE_TOO_LARGE, megapixels=pixels // 10**6, most=_MOST_PIXELS // 10**6
        )
    whole = (data, len(data))
    handle = leptonica.pixReadMem(*whole) if page is None else leptonica.pixReadMemTiff(*whole, page)
    if not handle:
        raise ParseError(ParseErrorCode.CORRUPT)
    return _upright(Picture(leptonica, handle), orientation_of(data))


def drawn(leptonica: ctypes.CDLL, data: bytes, page: int) -> bytes:
    """Page ``page`` (from 0) of a TIFF as a PNG, no wider than a screen needs it. Raises ParseError as ``decoded``."""
    picture = decoded(leptonica, data, page)
    try:
        return picture.png(most_width=_WIDEST)
    finally:
        picture.close()


def _upright(picture: Picture, orientation: int) -> Picture:
    for is_needed, changed in (
        (orientation in _TURNS, lambda one: one.turned(_TURNS[orientation])),
        (orientation in _MIRRORED, Picture.mirrored),
    ):
        if is_needed:
            before, picture = picture, changed(picture)
            before.close()
    return picture
