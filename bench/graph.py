"""Comparing every vector against asking the graph index: milliseconds, and what the graph misses.

    python -m bench.graph FOLDER [--passages 100000]

FOLDER keeps the libraries, as for bench.layouts. The index is made by the function that the worker calls. For each part
of chunks that may be returned, drawn by chance and, as in a company, by collection: p50 / p95 of either path, recall@20
of the graph's, how often it had too few and all were compared after it, and what the program would choose.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bench.passages import Real
from bench.sized import sized_library
from bench.times import told

_MOST: Final = 200
_RECALLED: Final = 20
_SHARES: Final = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
_SEED: Final = 3


@dataclass
class Measured:
    exact: list[float] = field(default_factory=list)
    graph: list[float] = field(default_factory=list)
    fetched: list[int] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    too_few: int = 0


def main() -> None:
    with sized_library(__doc__) as (real, _):
        _compare(real)


def _compare(real: Real) -> None:
    from kbchat.indexing.generations import active_generation
    from kbchat.indexing.vector_index import keep_vector_indexes

    started = time.perf_counter()
    made = keep_vector_indexes(1)
    if made:
        print(f"Index made in {time.perf_counter() - started:.0f} s")
    generation = active_generation()
    print("\n| may be returned | all compared | by the graph | fetched | recall@20 | too few | chosen |")
    print("|---|---|---|---|---|---|---|")
    for name, eligible in _eligible(generation.pk):
        measured = _measure(generation, eligible, real)
        chosen = "graph" if _vectors(generation).to_fetch(len(eligible), _MOST) else "all compared"
        print(
            f"| {name}, {len(eligible):,} | {told(measured.exact, digits=1)} | {told(measured.graph, digits=1)} "
            f"| {np.mean(measured.fetched):.0f} | {np.mean(measured.recall or [0]):.3f} | {measured.too_few} "
            f"| {chosen} |",
            flush=True,
        )


def _eligible(generation: int) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.chunk_id FROM indexing_embedding e WHERE e.generation_id = %s ORDER BY 1", [generation]
        )
        every = np.array([row[0] for row in cursor.fetchall()])
    chance = np.random.default_rng(_SEED)
    for share in _SHARES:
        yield f"{share:.0%} by chance", np.sort(chance.choice(every, int(share * len(every)), replace=False))
    for share in _SHARES[2:5]:
        yield f"{share:.0%} side by side", every[: int(share * len(every))]


def _measure(generation: Any, eligible: npt.NDArray[np.int64], real: Real) -> Measured:
    from django.db import transaction

    measured, vectors = Measured(), _vectors(generation)
    # The graph is asked even where it would not be chosen.
    wanted = int(np.ceil(2 * _MOST * generation.vectors / len(eligible)))
    for is_timed in (False, True):
        for vector in real.asked:
            with transaction.atomic():
                started = time.perf_counter()
                exact = vectors.all(vector, eligible)
                between = time.perf_counter()
                near = vectors.by_graph(vector, eligible, wanted)
                ended = time.perf_counter()
            if is_timed:
                best = _best(exact.chunk_ids, exact.cosines)
                found = set(_best(near.chunk_ids, near.cosines))
                measured.exact.append(between - started)
                measured.graph.append(ended - between)
                measured.fetched.append(wanted)
                if len(near.chunk_ids) < min(_MOST, len(eligible)):
                    measured.too_few += 1
                else:
                    measured.recall.append(len(found.intersection(best)) / len(best))
    return measured


def _best(chunk_ids: npt.NDArray[np.int64], cosines: npt.NDArray[np.float64]) -> list[int]:
    order = np.lexsort((chunk_ids, -cosines))[:_RECALLED]
    best: list[int] = chunk_ids[order].tolist()
    return best


def _vectors(generation: Any) -> Any:
    from kbchat.retrieval.dense import Vectors

    return Vectors(generation.pk, generation.vectors, has_graph=True)


if __name__ == "__main__":
    main()
