"""Columns that PostgreSQL sends as one value: `string_agg(int8send(column), '')` and its like, read as arrays.

A hundred thousand numbers are one value of 800 kB and not a hundred thousand rows of Python objects.
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

_UUID_BYTES: Final = 16

Identifiers = npt.NDArray[np.bytes_]
"""UUIDs as they come, 16 bytes each. Compared as bytes: numpy takes zeros at the end for padding, and here all are of
one length."""


def identifiers(packed: bytes | None) -> Identifiers:
    """Of `uuid_send`."""
    return np.frombuffer(packed or b"", dtype=f"S{_UUID_BYTES}")


def integers(packed: bytes | None) -> npt.NDArray[np.int64]:
    """Of `int8send`."""
    return np.frombuffer(packed or b"", dtype=">i8").astype(np.int64)


def small_integers(packed: bytes | None) -> npt.NDArray[np.int32]:
    """Of `int4send`."""
    return np.frombuffer(packed or b"", dtype=">i4").astype(np.int32)


def floats(packed: bytes | None) -> npt.NDArray[np.float64]:
    """Of `float8send`."""
    return np.frombuffer(packed or b"", dtype=">f8").astype(np.float64)


def uuids(these: Identifiers) -> list[UUID]:
    whole = these.tobytes()
    return [UUID(bytes=whole[at : at + _UUID_BYTES]) for at in range(0, len(whole), _UUID_BYTES)]


def array_literal(numbers: Iterable[int]) -> str:
    """For a parameter that is cast to bigint[]: a list of Python integers would be adapted one by one."""
    return "{" + ",".join(map(str, numbers)) + "}"


class Numbering:
    """Small numbers for identifiers, in the order in which they are met. Not for several threads."""

    def __init__(self) -> None:
        self._sorted = identifiers(None)
        self._numbers = np.empty(0, dtype=np.int32)

    def __len__(self) -> int:
        return len(self._sorted)

    def of(self, these: Identifiers) -> npt.NDArray[np.int32]:
        """Shape (len(these),); -1 for what has no number."""
        if not len(self._sorted):
            return np.full(len(these), -1, dtype=np.int32)
        places = np.minimum(np.searchsorted(self._sorted, these), len(self._sorted) - 1)
        return np.where(self._sorted[places] == these, self._numbers[places], -1).astype(np.int32)

    def add(self, these: Identifiers) -> None:
        """Those that have none yet get the next numbers."""
        new = np.unique(these[self.of(these) < 0])
        known = len(self)
        ids = np.concatenate([self._sorted, new])
        numbers = np.concatenate([self._numbers, np.arange(known, known + len(new), dtype=np.int32)])
        order = np.argsort(ids, kind="stable")
        self._sorted, self._numbers = ids[order], numbers[order]
