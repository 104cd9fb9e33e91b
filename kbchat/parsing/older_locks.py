"""Whether a file of Word, Excel or PowerPoint 97 to 2003 is encrypted, whatever by (XOR, RC4 or CryptoAPI).

Source: Microsoft, [MS-DOC] 2.5.2 (FibBase), [MS-XLS] 2.4.117 (FilePass), [MS-PPT] 2.3.2 (CurrentUserAtom).
"""

import io
import struct
from collections.abc import Iterator
from typing import Final

import olefile

from kbchat.parsing import sniffing

_WORD_ENCRYPTED: Final = 0x0100
_END_OF_GLOBALS, _FILE_PASS = 0x000A, 0x002F
_POWERPOINT_ENCRYPTED: Final = 0xF3D1C4DF
_MOST_RECORDS: Final = 1_000
_BROKEN: Final = (OSError, ValueError, IndexError, KeyError, struct.error, RecursionError, OverflowError)
"""What the library raises for a compound file that is none."""


def is_encrypted(data: bytes, media_type: str) -> bool:
    """Of a compound file. One that is damaged is not."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            match media_type:
                case sniffing.DOC:
                    (flags,) = struct.unpack_from("<H", _stream(file, "WordDocument"), 10)
                    return bool(flags & _WORD_ENCRYPTED)
                case sniffing.XLS:
                    return _FILE_PASS in _globals(_stream(file, "Workbook") or _stream(file, "Book"))
                case sniffing.PPT:
                    (token,) = struct.unpack_from("<I", _stream(file, "Current User"), 12)
                    return bool(token == _POWERPOINT_ENCRYPTED)
    except _BROKEN:
        pass
    return False


def _stream(file: olefile.OleFileIO, name: str) -> bytes:
    """b"" where there is none."""
    if file.get_type([name]) != olefile.STGTY_STREAM:
        return b""
    content: bytes = file.openstream([name]).read()
    return content


def _globals(book: bytes) -> Iterator[int]:
    """Kinds of the records that speak of the whole workbook: those of its first part."""
    place = 0
    for _ in range(_MOST_RECORDS):
        kind, length = struct.unpack_from("<HH", book, place)
        if kind == _END_OF_GLOBALS:
            return
        yield kind
        place += 4 + length
