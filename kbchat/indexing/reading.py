"""A generation's vectors as arrays, some at a time: for whoever compares all of them."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db import connection

from kbchat.indexing.models import IndexGeneration

# Vectors that are compared with all questions at once: some megabytes.
_AT_A_TIME: Final = 4096

_VECTORS: Final = """
SELECT max(chunk_id), string_agg(int8send(chunk_id), '' ORDER BY chunk_id),
    string_agg(vector_send(vector), '' ORDER BY chunk_id)
FROM (
    SELECT chunk_id, vector FROM indexing_embedding WHERE generation_id = %(generation)s AND chunk_id > %(after)s
    ORDER BY chunk_id LIMIT %(limit)s) AS part"""

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]


def all_vectors(generation: IndexGeneration) -> Iterator[tuple[Ids, Vectors]]:
    """By ascending chunk id; vectors of length 1."""
    after: int | None = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_VECTORS, {"generation": generation.pk, "after": after, "limit": _AT_A_TIME})
            after, ids, sent = cursor.fetchone()
        if after is None:
            return
        yield np.frombuffer(ids, dtype=">i8").astype(np.int64), read_vectors(sent, generation.dimension)


def read_vectors(sent: bytes, dimension: int) -> Vectors:
    """As pgvector sends them: four bytes, then the numbers. Shape (n, dimension), of length 1."""
    raw = np.frombuffer(sent, dtype=">f4").reshape(-1, dimension + 1)
    return unit(raw[:, 1:].astype(np.float32))


def unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
