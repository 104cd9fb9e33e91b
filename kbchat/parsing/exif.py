"""Which way up a camera was held, as it has noted it in a JPEG. Browsers turn such a picture before they show it.

Other formats can hold the note, too, and are shown as they lie: programs differ on it there.

Source: CIPA DC-008 (Exif 2.32), 4.6 and the tag Orientation.
"""

import struct
from typing import Final

AS_IT_LIES: Final = 1
_START, _EXIF = b"\xff\xd8", b"Exif\0\0"
_APP1, _START_OF_SCAN = 0xE1, 0xDA
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_ORIENTATION, _SHORT = 0x0112, 3
_MOST_SEGMENTS: Final = 1_000


def orientation_of(data: bytes) -> int:
    """1 to 8 as Exif counts them; 1 of whatever is no JPEG, says nothing, or cannot be read."""
    if not data.startswith(_START):
        return AS_IT_LIES
    try:
        return _in_segments(data)
    except (struct.error, IndexError):
        return AS_IT_LIES


def _in_segments(data: bytes) -> int:
    place = len(_START)
    for _ in range(_MOST_SEGMENTS):
        if data[place] != 0xFF:
            break
        marker = data[place + 1]
        if marker == 0xFF or marker in _WITHOUT_LENGTH:
            place += 1 if marker == 0xFF else 2
            continue
        if marker == _START_OF_SCAN:
            break
        (length,) = struct.unpack_from(">H", data, place + 2)
        body = data[place + 4 : place + 2 + length]
        if marker == _APP1 and body.startswith(_EXIF):
            return _in_directory(body[len(_EXIF) :])
        place += 2 + length
    return AS_IT_LIES


def _in_directory(tiff: bytes) -> int:
    order = "<" if tiff.startswith(b"II") else ">"
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    (entries,) = struct.unpack_from(f"{order}H", tiff, first)
    for number in range(entries):
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
        if tag == _ORIENTATION:
            return value if kind == _SHORT and 1 <= value <= 8 else AS_IT_LIES
    return AS_IT_LIES
