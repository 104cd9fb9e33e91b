"""The graph index over a generation's vectors (HNSW, Malkov and Yashunin 2018), made once there are enough of them.

Below that number every chunk is compared, which is exact and as quick. The vectors are indexed as half-precision
numbers: half the size, and what is found is compared again by the whole vectors.
"""

import logging
from typing import Final

from django.db import connection, transaction

from kbchat.indexing.models import LIVE, Embedding, IndexGeneration

logger = logging.getLogger(__name__)

WORTH_AN_INDEX: Final = 25_000
"""Vectors from which on a graph is quicker than comparing all of them."""

# What pgvector can index.
_MOST_DIMENSIONS: Final = 4000
# Bytes of the graph beside a vector: about 1.1 * m neighbours on all layers, doubled on the lowest, of 6 bytes, and
# what belongs to an element.
_GRAPH_BYTES: Final = 320
# A graph that does not fit into the memory is built many times slower.
_MOST_MEMORY_KB: Final = 4 * 1024 * 1024
_LEAST_MEMORY_KB: Final = 64 * 1024
_VALID: Final = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND indisvalid"


def keep_vector_indexes(at_least: int = WORTH_AN_INDEX) -> int:
    """Makes what is missing or broken for live generations, and keeps how many vectors each holds. Returns how many
    were made.

    Searches go on meanwhile; what would write into the generation waits, because a worker owns no table and no
    function can make an index otherwise: `index_concurrently` is for its owner.
    """
    generations = IndexGeneration.objects.filter(state__in=LIVE)
    return sum(_keep(generation, at_least) for generation in generations)


def index_concurrently(generation: IndexGeneration, *, anew: bool = False) -> bool:
    """Makes its graph while others go on writing into the generation, in place of one that is broken; `anew`: in place
    of any. An owner's to ask, outside of a transaction. Whether one was made: not where somebody else makes it."""
    name = f"indexing_embedding_g{generation.pk}_nearest"
    vectors = count_vectors(generation)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('kbchat vector index'), %s)", [generation.pk])
        if not cursor.fetchone()[0]:
            return False
        try:
            had = _has_index(generation)
            if had and not anew:
                return False
            cursor.execute(
                "SELECT set_config('maintenance_work_mem', %s, false)",
                [f"{_memory_kb(generation, vectors)}kB"],
            )
            # Its processes would share that memory in /dev/shm, which is small in many containers.
            cursor.execute("SELECT set_config('max_parallel_maintenance_workers', '0', false)")
            if had:
                cursor.execute(f"REINDEX INDEX CONCURRENTLY {name}")
            else:
                cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
                cursor.execute(
                    f"CREATE INDEX CONCURRENTLY {name} ON indexing_embedding_g{generation.pk} USING hnsw "
                    f"((vector::halfvec({generation.dimension})) halfvec_cosine_ops)"
                )
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('kbchat vector index'), %s)", [generation.pk])
    IndexGeneration.objects.filter(pk=generation.pk).update(
        vectors=vectors, has_vector_index=True, graph_recall=None
    )
    return True


def _keep(generation: IndexGeneration, at_least: int) -> bool:
    vectors = count_vectors(generation)
    had = _has_index(generation)
    is_wanted = vectors >= at_least and generation.dimension <= _MOST_DIMENSIONS
    with transaction.atomic():
        if is_wanted and not had:
            if not _is_mine_to_make(generation):
                return False
            _make(generation, vectors)
            IndexGeneration.objects.filter(pk=generation.pk).update(graph_recall=None)
        now = {"vectors": vectors, "has_vector_index": had or is_wanted}
        if now != {"vectors": generation.vectors, "has_vector_index": generation.has_vector_index}:
            IndexGeneration.objects.filter(pk=generation.pk).update(**now)
    return is_wanted and not had


def index_all_concurrently(*, anew: bool = False) -> dict[int, bool | None]:
    """By live generation whether its graph was made; None where comparing everything is as quick. As
    `index_concurrently`."""
    generations = IndexGeneration.objects.filter(state__in=LIVE).order_by("pk")
    return {
        each.pk: index_concurrently(each, anew=anew) if is_worth_an_index(each) else None
        for each in generations
    }


def is_worth_an_index(generation: IndexGeneration) -> bool:
    """Whether it has so many vectors that a graph is quicker, and they are not too long for one."""
    return count_vectors(generation) >= WORTH_AN_INDEX and generation.dimension <= _MOST_DIMENSIONS


def count_vectors(generation: IndexGeneration) -> int:
    """As many passages as it holds, whoever asks."""
    return Embedding.objects.filter(generation=generation).count()


def _has_index(generation: IndexGeneration) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_VALID, [f"indexing_embedding_g{generation.pk}_nearest"])
        return cursor.fetchone() is not None


def _is_mine_to_make(generation: IndexGeneration) -> bool:
    """Making it may take longer than until the schedule comes round: nobody makes it twice. Held by the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext('kbchat vector index'), %s)", [generation.pk]
        )
        return bool(cursor.fetchone()[0])


def _memory_kb(generation: IndexGeneration, vectors: int) -> int:
    needed = vectors * (2 * generation.dimension + _GRAPH_BYTES) * 5 // 4 // 1024
    return min(max(needed, _LEAST_MEMORY_KB), _MOST_MEMORY_KB)


def _make(generation: IndexGeneration, vectors: int) -> None:
    memory = _memory_kb(generation, vectors)
    logger.info(
        "vector index is made", extra={"generation": generation.pk, "vectors": vectors, "memory_kb": memory}
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT kbchat_index_vectors(%s, %s)", [generation.pk, memory])
