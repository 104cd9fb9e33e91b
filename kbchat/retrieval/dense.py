"""The dense leg: cosines of the question's vector and chunks' vectors, which stay in PostgreSQL (pgvector).

Two paths. *Exact* compares every eligible chunk. *hnsw* asks the graph index for so many of all chunks that enough of
them are eligible, and compares those by their whole vectors. The filter is never given to the graph: under one it
returns few rows or wrong ones where what a person may see has to do with what he asks (retrieval.md, fact 4). Of a list
of the nearest of all, the eligible ones are the nearest eligible ones; where they are too few, every one is compared.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db import connection

from kbchat.retrieval.best import best
from kbchat.retrieval.packed import array_literal, floats, integers

EXACT: Final = "exact"
HNSW: Final = "hnsw"

# By bench.graph: comparing one chunk exactly, and fetching one through the graph, in microseconds.
_EXACT_MICROSECONDS: Final = 1.2
_HNSW_MICROSECONDS: Final = 15.0
# Eligible chunks are not spread evenly: so many times the number that would do if they were.
OVERFETCH: Final = 2.0
# The graph keeps at least so many in sight while it looks (hnsw.ef_search, at most 1000).
_LEAST_IN_SIGHT: Final = 400
_MOST_IN_SIGHT: Final = 1000

_COSINES: Final = """
SELECT string_agg(int8send(chunk_id), ''), string_agg(float8send(1 - (vector <=> %s::vector)), '')
FROM indexing_embedding WHERE generation_id = %s AND chunk_id = ANY(%s::bigint[])"""
# Beyond what is in sight the scan goes on, in an order that is nearly right: the cosines put it right.
_LOOK: Final = """
SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', %s, true),
    set_config('hnsw.max_scan_tuples', %s, true)"""
_NEAREST: Final = """
SELECT string_agg(int8send(chunk_id), ''), string_agg(float8send(1 - (vector <=> %s::vector)), '') FROM (
    SELECT chunk_id, vector FROM indexing_embedding WHERE generation_id = %s
    ORDER BY vector::halfvec({size}) <=> %s::halfvec({size}) LIMIT {limit}
) AS found"""

Vector = npt.NDArray[np.float32]
ChunkIds = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Near:
    """Chunks with their cosine, NaN where a zero vector has no angle; in no order. `path`: how they were found."""

    chunk_ids: ChunkIds
    cosines: Scores
    path: str


def nearest(
    generation_id: int,
    vector: Vector,
    eligible: ChunkIds,
    also: ChunkIds,
    most: int,
    *,
    indexed_vectors: int | None = None,
) -> Near:
    """The `most` nearest of the eligible chunks, and those of `also`, which are eligible, too. Always min(most,
    eligible) of them. `indexed_vectors`: how many the graph holds, where there is one."""
    wanted = to_fetch(most, len(eligible), indexed_vectors)
    if wanted:
        near = by_graph(generation_id, vector, eligible, wanted)
        if len(near.chunk_ids) >= most:
            kept = best(near.cosines, near.chunk_ids, most)
            others, theirs = _cosines(
                generation_id, vector, np.setdiff1d(also, near.chunk_ids[kept]).tolist()
            )
            return Near(
                np.concatenate([near.chunk_ids[kept], others]),
                np.concatenate([near.cosines[kept], theirs]),
                HNSW,
            )
    chunk_ids, cosines = _cosines(generation_id, vector, eligible.tolist())
    kept = np.union1d(best(cosines, chunk_ids, most), np.flatnonzero(np.isin(chunk_ids, also)))
    return Near(chunk_ids[kept], cosines[kept], EXACT)


def to_fetch(most: int, eligible: int, indexed: int | None) -> int:
    """How many to ask the graph for; 0 where comparing all that are eligible is expected to be quicker."""
    if not indexed or eligible <= most:
        return 0
    wanted = math.ceil(most * OVERFETCH * max(indexed / eligible, 1.0))
    return wanted if wanted * _HNSW_MICROSECONDS < eligible * _EXACT_MICROSECONDS else 0


def _cosines(generation_id: int, vector: Vector, chunk_ids: Iterable[int]) -> tuple[ChunkIds, Scores]:
    """Of those that are there."""
    with connection.cursor() as cursor:
        cursor.execute(_COSINES, [_literal(vector), generation_id, array_literal(chunk_ids)])
        ids, found = cursor.fetchone()
    return integers(ids), floats(found)


def by_graph(generation_id: int, vector: Vector, eligible: ChunkIds, wanted: int) -> Near:
    """Those of nearly the nearest `wanted` chunks that are eligible: perhaps few, perhaps none. Inside a transaction,
    which keeps what the scan is told to its end."""
    sight = min(max(wanted, _LEAST_IN_SIGHT), _MOST_IN_SIGHT)
    sql = _NEAREST.format(size=len(vector), limit=wanted)
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [str(sight), str(20 * wanted)])
        cursor.execute(sql, [_literal(vector), generation_id, _literal(vector)])
        ids, found = cursor.fetchone()
    chunk_ids = integers(ids)
    kept = np.isin(chunk_ids, eligible)
    return Near(chunk_ids[kept], floats(found)[kept], HNSW)


def _literal(vector: Vector) -> str:
    """In pgvector's notation."""
    return "[" + ",".join(map(str, vector.astype(np.float32).tolist())) + "]"
