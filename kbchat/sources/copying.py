"""Bytes from a source into a file, up to the largest that is taken in."""

from collections.abc import Callable
from typing import IO

from kbchat.core.errors import Invalid
from kbchat.core.limits import Limit, reached

_PIECE_BYTES = 1024 * 1024


def copy_bounded(read: Callable[[int], bytes], into: IO[bytes], *, filename: str, most_bytes: int) -> None:
    """Raises Invalid("too_large")."""
    size = 0
    while piece := read(_PIECE_BYTES):
        size += len(piece)
        if size > most_bytes:
            raise too_large(filename, most_bytes)
        into.write(piece)


def too_large(filename: str, most_bytes: int) -> Invalid:
    return reached(Limit.UPLOAD_BYTES, Invalid("too_large", filename=filename, limit_bytes=most_bytes))
