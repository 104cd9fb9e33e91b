"""The text of a mail as RTF, packed the way Outlook packs it. Source: Microsoft, [MS-OXRTFCP]."""

import struct
from typing import Final

from kbchat.parsing.errors import ParseError, ParseErrorCode

_HEADER: Final = struct.Struct("<II4sI")
_MOST_BYTES: Final = 20 << 20
_WINDOW: Final = 4096
# What every packed text may refer back to before its own beginning.
_BEFORE: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def unpacked(data: bytes) -> bytes:
    """:raises ParseError: CORRUPT; TOO_LARGE_UNPACKED (``limit_bytes``)."""
    if len(data) < _HEADER.size:
        raise ParseError(ParseErrorCode.CORRUPT)
    _, size, kind, _ = _HEADER.unpack_from(data)
    if size > _MOST_BYTES:
        raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_bytes=_MOST_BYTES)
    if kind == b"MELA":
        return data[_HEADER.size : _HEADER.size + size]
    if kind != b"LZFu":
        raise ParseError(ParseErrorCode.CORRUPT)
    return _decompressed(data[_HEADER.size :], size)


def _decompressed(data: bytes, size: int) -> bytes:
    """Eight pieces after each byte of flags: a byte as it is, or where in the last 4 KiB so many bytes stand."""
    text = bytearray(_BEFORE)
    place = 0
    while place < len(data) and len(text) < len(_BEFORE) + size:
        flags = data[place]
        place += 1
        for bit in range(8):
            if not flags >> bit & 1:
                text += data[place : place + 1]
                place += 1
                continue
            if place + 2 > len(data):
                break
            reference = int.from_bytes(data[place : place + 2], "big")
            place += 2
            back = (len(text) - (reference >> 4)) % _WINDOW
            if not 0 < back <= len(text):
                return bytes(text[len(_BEFORE) :])  # the end says so by pointing to itself
            for _ in range((reference & 15) + 2):
                text.append(text[-back])
    return bytes(text[len(_BEFORE) : len(_BEFORE) + size])
