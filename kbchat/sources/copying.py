"""Bytes from a source into a file, up to the largest that is taken in."""

from collections.abc import Callable
from typing import IO

from kbchat.sources.refusing import too_large

_PIECE_BYTES = 1024 * 1024


def copy_bounded(read: Callable[[int], bytes], into: IO[bytes], *, filename: str, most_bytes: int) -> None:
    """Raises Invalid("too_large")."""
    size = 0
    while piece := read(_PIECE_BYTES):
        size += len(piece)
        if size > most_bytes:
            raise too_large(filename, most_bytes)
        into.write(piece)
