"""What an index still finds of what it holds, and what hinders it. Numbers and names of tables alone.

*Hubs* are passages that stand among the nearest of very many others, whatever is asked (Radovanovic et al., JMLR 2010):
often pages that say nothing. *Recall* is the graph's, beside comparing all.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from kbchat.indexing.models import LIVE, Embedding, IndexGeneration
from kbchat.indexing.notation import vector_literal
from kbchat.indexing.reading import Ids, Vectors, all_vectors, unit

PROBED: Final = 200
"""Passages whose nearest are looked for."""
NEAREST: Final = 10
HUB_SHARE: Final = 0.2
"""Of all lists of the nearest: what stands in more of them is a hub, if that is also ten times what chance gives."""
LEAST_RECALL: Final = 0.95
"""Of the graph beside comparing all, below which somebody is told."""
_TIMES_CHANCE: Final = 10
_MOST_HUBS: Final = 20
# As searches ask the graph (retrieval.dense).
_IN_SIGHT: Final = "1000"
# The graph is what is looked at, even where sorting everything would be as quick.
_ASK_THE_GRAPH: Final = """
SELECT set_config('hnsw.ef_search', %s, true), set_config('enable_seqscan', 'off', true),
    set_config('enable_sort', 'off', true)"""

# The graph holds numbers of half the precision. And of passages that say the same, any is right.
_ALIKE: Final = 0.001
_BY_GRAPH: Final = """
SELECT chunk_id, 1 - (vector <=> %(question)s::vector) FROM (
    SELECT chunk_id, vector FROM indexing_embedding WHERE generation_id = %(generation)s
    ORDER BY vector::halfvec({size}) <=> %(question)s::halfvec({size}) LIMIT %(limit)s
) nearest"""
# Those that search reads, and whatever else grows large.
_DEAD: Final = """
SELECT relname, n_dead_tup, n_live_tup FROM pg_stat_user_tables
WHERE schemaname = 'public' AND n_dead_tup > 1000 ORDER BY n_dead_tup DESC LIMIT 20"""
_INVALID: Final = """
SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relnamespace = 'public'::regnamespace ORDER BY 1"""


@dataclass(frozen=True, slots=True)
class Hub:
    """`share`: of the lists of nearest passages that it stands in."""

    document_id: str
    share: float


@dataclass(frozen=True, slots=True)
class DeadRows:
    """Of a table: rows that were deleted or replaced and take space still, as far as they were counted."""

    table: str
    dead: int
    live: int


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """`recall`: of the graph's first ten; None where there is no graph to ask. `hubs`: those that stand in most lists
    first."""

    generation: int
    vectors: int
    probed: int
    recall: float | None
    hubs: tuple[Hub, ...]
    dead: tuple[DeadRows, ...]
    invalid: tuple[str, ...]

    def as_stored(self) -> dict[str, Any]:
        return asdict(self)


def health_of(generation: IndexGeneration) -> IndexHealth:
    """Blocking: reads all of its vectors once."""
    ids, questions = _probes(generation)
    exact, cosines, vectors = _nearest(generation, ids, questions)
    return IndexHealth(
        generation=generation.pk,
        vectors=vectors,
        probed=len(ids),
        recall=_recall(generation, ids, questions, cosines),
        hubs=_hubs(exact, vectors),
        dead=_dead_rows(),
        invalid=tuple(invalid_indexes()),
    )


def probe_graphs() -> int:
    """Look at each graph that nobody has looked at since it was made. Blocking: reads all of its generation's vectors
    once. Returns how many."""
    generations = IndexGeneration.objects.filter(state__in=LIVE, has_vector_index=True, graph_recall=None)
    for generation in generations:
        ids, questions = _probes(generation)
        _, cosines, _ = _nearest(generation, ids, questions)
        recall = _recall(generation, ids, questions, cosines)
        IndexGeneration.objects.filter(pk=generation.pk, has_vector_index=True).update(graph_recall=recall)
    return len(generations)


def invalid_indexes() -> list[str]:
    """Names of those that no plan uses any more, because making one broke off (F36)."""
    with connection.cursor() as cursor:
        cursor.execute(_INVALID)
        return [name for (name,) in cursor.fetchall()]


def _probes(generation: IndexGeneration) -> tuple[Ids, Vectors]:
    """Passages chosen by chance."""
    chosen = Embedding.objects.filter(generation=generation).order_by("?").values_list("chunk_id", "vector")
    rows = list(chosen[:PROBED])
    ids = np.array([chunk for chunk, _ in rows], dtype=np.int64)
    vectors = np.array([vector for _, vector in rows], dtype=np.float32).reshape(len(rows), -1)
    return ids, unit(vectors)


def _nearest(generation: IndexGeneration, ids: Ids, questions: Vectors) -> tuple[Ids, Vectors, int]:
    """Of each its nearest others, as ids and cosines: shape (probes, NEAREST), the best first, -1 and -inf where there
    are fewer. And how many vectors there are. All are read once, for all probes."""
    best = np.full((len(ids), NEAREST), -np.inf, dtype=np.float32)
    found = np.full((len(ids), NEAREST), -1, dtype=np.int64)
    count = 0
    for others, vectors in all_vectors(generation):
        count += len(others)
        cosines = questions @ vectors.T
        cosines[ids[:, None] == others[None, :]] = -np.inf
        candidates = np.concatenate([best, cosines], axis=1)
        names = np.concatenate([found, np.broadcast_to(others, cosines.shape)], axis=1)
        order = np.argsort(-candidates, axis=1, kind="stable")[:, :NEAREST]
        best = np.take_along_axis(candidates, order, axis=1)
        found = np.where(np.isfinite(best), np.take_along_axis(names, order, axis=1), -1)
    return found, best, count


def _recall(generation: IndexGeneration, ids: Ids, questions: Vectors, exact: Vectors) -> float | None:
    """`exact`: cosines of the nearest of each."""
    if not generation.has_vector_index or not len(ids):
        return None
    shares = []
    sql = _BY_GRAPH.format(size=generation.dimension)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ASK_THE_GRAPH, [_IN_SIGHT])
        for own, question, cosines in zip(ids.tolist(), questions, exact, strict=True):
            nearest = cosines[np.isfinite(cosines)]
            cursor.execute(
                sql,
                {"question": vector_literal(question), "generation": generation.pk, "limit": NEAREST + 1},
            )
            near = [cosine for chunk, cosine in cursor.fetchall() if chunk != own]
            there = sum(cosine >= nearest.min(initial=np.inf) - _ALIKE for cosine in near[: len(nearest)])
            shares.append(there / max(len(nearest), 1))
    return float(np.mean(shares))


def _hubs(exact: Ids, vectors: int) -> tuple[Hub, ...]:
    if not vectors:
        return ()
    chunks, often = np.unique(exact[exact >= 0], return_counts=True)
    shares = often / max(len(exact), 1)
    least = max(HUB_SHARE, _TIMES_CHANCE * NEAREST / vectors)
    order = np.argsort(-shares, kind="stable")
    hubs = {int(chunks[place]): float(shares[place]) for place in order if shares[place] > least}
    told = list(hubs)[:_MOST_HUBS]
    documents = _documents(told)
    return tuple(Hub(str(documents[chunk]), round(hubs[chunk], 3)) for chunk in told if chunk in documents)


def _documents(chunks: list[int]) -> dict[int, UUID]:
    there = Embedding.objects.filter(chunk_id__in=chunks).values_list("chunk_id", "version__document_id")
    return dict(there)


def _dead_rows() -> tuple[DeadRows, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_DEAD)
        return tuple(DeadRows(*row) for row in cursor.fetchall())
