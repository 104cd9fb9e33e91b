"""The dense leg: cosines of the question's vector and chunks' vectors, which stay in PostgreSQL (pgvector).

*exact* compares every eligible chunk: each by its id, or, where most are eligible, the whole table as it lies. *hnsw*
asks the graph index for so many of all chunks that enough of them are eligible, and compares those by their whole
vectors. The filter is never given to the graph: under one it returns few rows or wrong ones where what a person may see
has to do with what he asks (retrieval.md, fact 4). Of a list of the nearest of all, the eligible ones are the nearest
eligible ones; where they are too few, every one is compared.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db import connection

from kbchat.indexing.notation import vector_literal
from kbchat.retrieval.best import best
from kbchat.retrieval.packed import array_literal, floats, integers

EXACT: Final = "exact"
HNSW: Final = "hnsw"

# By bench.graph, in microseconds: comparing a chunk of a document that is looked up, comparing one while the table is
# read from end to end, and fetching one, of at least those in sight, through the graph.
_LOOKED_UP: Final = 1.6
_IN_PASSING: Final = 1.0
_BY_GRAPH: Final = 21.0
# Ids that are read besides rather than begin a new run.
_GAP: Final = 3
# Eligible chunks are not spread evenly: so many times the number that would do if they were.
_OVERFETCH: Final = 2.0
# What the graph keeps in sight while it looks (hnsw.ef_search), the most that pgvector takes: with 400, one in forty of
# the nearest twenty was missed, with 1000 one in four hundred.
_IN_SIGHT: Final = 1000

_COSINES: Final = """
SELECT string_agg(int8send(chunk_id), ''), string_agg(float8send(1 - (vector <=> %(vector)s::vector)), '')
FROM {chunks}"""
_ALL: Final = "indexing_embedding WHERE generation_id = %(generation)s"
# A document's chunks have consecutive ids: reading a run of them costs little more than looking up one.
_CHOSEN: Final = """unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) AS run(first, last)
    JOIN indexing_embedding ON generation_id = %(generation)s AND chunk_id BETWEEN run.first AND run.last"""
# Beyond what is in sight the scan goes on, in an order that is nearly right: the cosines put it right.
_LOOK: Final = """
SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', %s, true),
    set_config('hnsw.max_scan_tuples', %s, true)"""
_NEAREST: Final = f"""(
    SELECT chunk_id, vector FROM {_ALL}
    ORDER BY vector::halfvec({{size}}) <=> %(vector)s::halfvec({{size}}) LIMIT {{limit}}
) AS found"""  # noqa: S608 (made of constants)

Vector = npt.NDArray[np.float32]
ChunkIds = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Near:
    """Chunks with their cosine, NaN where a zero vector has no angle; in no order. `path`: how they were found."""

    chunk_ids: ChunkIds
    cosines: Scores
    path: str

    def among(self, chunk_ids: ChunkIds) -> "Near":
        kept = np.isin(self.chunk_ids, chunk_ids)
        return Near(self.chunk_ids[kept], self.cosines[kept], self.path)


@dataclass(frozen=True, slots=True)
class Vectors:
    """Those of a generation. `count`: as far as they were counted; `has_graph`: whether they have a graph index."""

    generation_id: int
    count: int
    has_graph: bool

    def nearest(self, vector: Vector, eligible: ChunkIds, also: ChunkIds, most: int) -> Near:
        """The `most` nearest of the eligible chunks, and those of `also`, which are eligible, too. Always min(most,
        eligible) of them. Inside a transaction."""
        wanted = self.to_fetch(len(eligible), most)
        near = self.by_graph(vector, eligible, wanted) if wanted else None
        if near is not None and len(near.chunk_ids) >= most:
            kept = best(near.cosines, near.chunk_ids, most)
            others = self._looked_up(vector, np.setdiff1d(also, near.chunk_ids[kept]))
            return Near(
                np.concatenate([near.chunk_ids[kept], others.chunk_ids]),
                np.concatenate([near.cosines[kept], others.cosines]),
                HNSW,
            )
        near = self.all(vector, eligible)
        kept = np.union1d(
            best(near.cosines, near.chunk_ids, most), np.flatnonzero(np.isin(near.chunk_ids, also))
        )
        return Near(near.chunk_ids[kept], near.cosines[kept], EXACT)

    def to_fetch(self, eligible: int, most: int) -> int:
        """How many to ask the graph for; 0 where comparing all that are eligible is expected to be quicker."""
        if not self.has_graph or eligible <= most:
            return 0
        wanted = math.ceil(most * _OVERFETCH * max(self.count / eligible, 1.0))
        return wanted if max(wanted, _IN_SIGHT) * _BY_GRAPH < self._microseconds(eligible) else 0

    def all(self, vector: Vector, eligible: ChunkIds) -> Near:
        if len(eligible) * _LOOKED_UP > self._microseconds(len(eligible)):
            return self._cosines(_ALL, {"vector": vector_literal(vector)}).among(eligible)
        return self._looked_up(vector, eligible)

    def by_graph(self, vector: Vector, eligible: ChunkIds, wanted: int) -> Near:
        """Those of nearly the nearest `wanted` chunks that are eligible: perhaps few, perhaps none. Inside a
        transaction, which keeps what the scan is told to its end."""
        with connection.cursor() as cursor:
            cursor.execute(_LOOK, [str(_IN_SIGHT), str(20 * wanted)])
        nearest = _NEAREST.format(size=len(vector), limit=wanted)
        return self._cosines(nearest, {"vector": vector_literal(vector)}, HNSW).among(eligible)

    def _microseconds(self, eligible: int) -> float:
        """That comparing all takes, in the quicker way. Until something was counted, the table may be of any length."""
        everything = max(self.count, eligible) if self.count else math.inf
        return min(eligible * _LOOKED_UP, everything * _IN_PASSING)

    def _looked_up(self, vector: Vector, chunk_ids: ChunkIds) -> Near:
        firsts, lasts = _runs(np.sort(chunk_ids))
        parameters = {"firsts": array_literal(firsts.tolist()), "lasts": array_literal(lasts.tolist())}
        return self._cosines(_CHOSEN, {"vector": vector_literal(vector), **parameters}).among(chunk_ids)

    def _cosines(self, chunks: str, parameters: dict[str, str], path: str = EXACT) -> Near:
        with connection.cursor() as cursor:
            cursor.execute(_COSINES.format(chunks=chunks), {**parameters, "generation": self.generation_id})
            ids, found = cursor.fetchone()
        return Near(integers(ids), floats(found), path)


def _runs(ascending: ChunkIds) -> tuple[ChunkIds, ChunkIds]:
    """First and last ids of stretches without large gaps."""
    ends = np.flatnonzero(np.diff(ascending) > _GAP)
    places = np.concatenate([[0], ends + 1]), np.concatenate([ends, [len(ascending) - 1]])
    return (ascending[places[0]], ascending[places[1]]) if len(ascending) else (ascending, ascending)
