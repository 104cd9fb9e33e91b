"""Filtered hybrid search in the library of 100,000 passages: how long it takes, how many rows come, and how many of the
nearest ones the dense side finds.

    python -m bench.peers.latency FOLDER PYTHON [--tenth]

Everybody searches the same passages with the same vectors on the same server, question after question in turns;
figures go to FOLDER/latency.json. A peer filters by a group in its metadata, kbchat by its rights. With each of
pgvector's settings for iterative scans the peers are started anew, and kbchat, which does not use them, is timed beside
them again.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.library import READERS, SHELVES, TENTH
from bench.passages import Real, Vectors, real_passages
from bench.peers import database
from bench.peers.environment import asked_for
from bench.peers.processes import Process, running
from bench.peers.protocol import Passage, Place, hand_over
from bench.peers.quality import PEERS
from bench.permissions import APPLICATION, PROJECT, QUESTIONS, knowing, library, viewer_named
from bench.servers import acting_as

SCANS: Final = ("off", "relaxed_order", "strict_order")
LIMITS: Final = (10, 20)
AT: Final = 10
# What each reader of the library reads, as groups of a peer's metadata. `closed`: parts closed to the second.
GROUPS: Final = {"one": ("small",), "ten": ("small", "middle"), "all": ("small", "middle", "closed", "large")}
_TABLE: Final = "library"


@dataclass(frozen=True, slots=True)
class Found:
    """`seconds` and rows of the hybrid search; ids of what its dense side alone brings, best first."""

    seconds: float
    rows: int
    dense: list[int]


Search = Callable[[int, str, int], Found]
"""The place of a question, the reader, and how many are wanted."""


@dataclass(frozen=True, slots=True)
class Row:
    """`recall`: of the nearest ten by brute force, among the first ten of the dense side. None: it has none."""

    scan: str
    reader: str
    k: int
    system: str
    p50_ms: float
    p95_ms: float
    rows: float
    dense_rows: float
    recall: float | None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("python", type=Path, help="the interpreter of the peers' environment")
    parser.add_argument("--tenth", action="store_true", help="a library of 10,000 passages")
    parser.add_argument("--questions", type=int, default=40, help="how many of the forty are asked")
    arguments = parser.parse_args()
    folder = arguments.folder / "tenth" if arguments.tenth else arguments.folder
    shared = Path(os.environ.get("KBCHAT_SHARED_DATA", PROJECT.parent / "shared" / "data"))
    real = real_passages(shared / "handbooks" / "18f" / "pages", QUESTIONS, arguments.folder / "real")
    with library(folder, real, TENTH if arguments.tenth else SHELVES):
        told = _measured(folder, arguments.python, real, arguments.questions)
    (arguments.folder / "latency.json").write_text(json.dumps(told, indent=1) + "\n")


def _measured(folder: Path, python: Path, real: Real, questions: int) -> dict[str, Any]:
    from kbchat.indexing.vector_index import keep_vector_indexes

    # As the schedule does within five minutes: a graph, where the library is large enough for one.
    keep_vector_indexes()
    passages, vectors = _passages()
    hand_over(folder / "handed", passages, vectors)
    place = Place(database.address(), _TABLE, "english", vectors.shape[1])
    seconds = _filled(folder, python, place)
    nearest = _nearest(passages, vectors, real.asked)
    rows: list[Row] = []
    with running(python, "bm25", place, folder / "logs") as bm25:
        seconds["bm25"] = bm25.fill(folder / "handed")
        for scan in SCANS:
            database.set_iterative_scan(scan)
            with ExitStack() as processes:
                searches = {"kbchat": _own(real)}
                for name in PEERS:
                    process = processes.enter_context(running(python, name, place, folder / "logs"))
                    searches[name] = _of_peer(process, real)
                if scan == "off":
                    searches["bm25"] = _of_peer(bm25, real)
                rows += _rows(scan, searches, nearest, questions)
    return {
        "passages": len(passages),
        "visible": {reader: len(_visible(passages, reader)) for reader in READERS},
        "fill_seconds": seconds,
        "rows": [asdict(row) for row in rows],
    }


def _filled(folder: Path, python: Path, place: Place) -> dict[str, float]:
    """Seconds that each peer took. What it wrote stays for the next time, as long as library and packages do."""
    whole = folder / "servers" / f"peers-are-filled-{asked_for()[:12]}"
    if not whole.exists():
        database.fresh_database()
        seconds = {}
        for name in PEERS:
            with running(python, name, place, folder / "logs") as process:
                seconds[name] = process.fill(folder / "handed")
                print(f"{name} was filled in {seconds[name]:.0f} s", flush=True)
        database.settle()
        whole.write_text(json.dumps(seconds))
    told: dict[str, float] = json.loads(whole.read_text())
    return told


def _rows(
    scan: str, searches: dict[str, Search], nearest: dict[str, list[set[int]]], questions: int
) -> Iterator[Row]:
    for reader in READERS:
        for k in LIMITS:
            found: dict[str, list[Found]] = {name: [] for name in searches}
            # The first once more, before it counts.
            for place in (0, *range(questions)):
                for name, search in searches.items():
                    found[name].append(search(place, reader, k))
            for name, of in found.items():
                yield _row(scan, reader, k, name, of[1:], nearest[reader])
                print(
                    f"{scan:14} {reader:4} {k:3} {name:10} {_row(scan, reader, k, name, of[1:], nearest[reader])}",
                    flush=True,
                )


def _row(
    scan: str, reader: str, k: int, name: str, found: Sequence[Found], nearest: Sequence[set[int]]
) -> Row:
    milliseconds = [one.seconds * 1000 for one in found]
    recalls = [
        len(wanted & set(one.dense[:AT])) / len(wanted) for one, wanted in zip(found, nearest, strict=False)
    ]
    return Row(
        scan=scan,
        reader=reader,
        k=k,
        system=name,
        p50_ms=statistics.median(milliseconds),
        p95_ms=statistics.quantiles(milliseconds, n=20)[-1],
        rows=statistics.fmean(one.rows for one in found),
        dense_rows=statistics.fmean(len(one.dense) for one in found),
        recall=None if name == "bm25" else statistics.fmean(recalls),
    )


def _own(real: Real) -> Search:
    """kbchat with row-level security, as it runs."""
    from kbchat.indexing.encoders import only
    from kbchat.retrieval.retriever import PostgresRetriever

    retriever = PostgresRetriever(only(knowing(real)))
    pin = retriever.pin()
    viewers = {reader: viewer_named(reader) for reader in READERS}

    def search(place: int, reader: str, k: int) -> Found:
        with acting_as(APPLICATION):
            started = time.perf_counter()
            found = retriever.retrieve(viewers[reader], real.questions[place], pin, limit=k)
            seconds = time.perf_counter() - started
        dense = next(leg for leg in found.trace.legs if leg.leg == "dense")
        return Found(seconds, len(found.passages), [*dense.chunk_ids[:k]])

    return search


def _of_peer(process: Process, real: Real) -> Search:
    def search(place: int, reader: str, k: int) -> Found:
        question, vector = real.questions[place], real.asked[place].tolist()
        found = process.search(question, vector, k=k, groups=GROUPS[reader])
        if process.name == "bm25":
            return Found(found.seconds, len(found.ids), [])
        dense = process.search(question, vector, k=k, groups=GROUPS[reader], leg="dense")
        return Found(found.seconds, len(found.ids), dense.ids)

    return search


def _passages() -> tuple[list[Passage], Vectors]:
    """What kbchat's index holds, as kbchat's index holds it."""
    from kbchat.access.models import Grant
    from kbchat.indexing.models import Embedding
    from kbchat.ingestion.chunking import indexed_text

    closed = set(Grant.objects.filter(deny=True, section__isnull=False).values_list("section_id", flat=True))
    rows = Embedding.objects.order_by("chunk_id").values_list(
        "chunk_id",
        "chunk__prefix",
        "chunk__text",
        "section_id",
        "version__document__collection__name",
        "vector",
    )
    passages, vectors = [], []
    for chunk, prefix, text, section, collection, vector in rows.iterator(chunk_size=2000):
        group = "closed" if section in closed else collection
        passages.append(Passage(chunk, indexed_text(prefix, text), group))
        vectors.append(vector)
    return passages, np.stack(vectors).astype(np.float32)


def _visible(passages: Sequence[Passage], reader: str) -> list[int]:
    """Places."""
    return [place for place, passage in enumerate(passages) if passage.group in GROUPS[reader]]


def _nearest(passages: Sequence[Passage], vectors: Vectors, asked: Vectors) -> dict[str, list[set[int]]]:
    """For each reader and question, ids of the nearest that he may see, by looking at all of them."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = np.array([passage.id for passage in passages])
    nearest = {}
    for reader in READERS:
        places = _visible(passages, reader)
        cosines = asked @ unit[places].T
        best = np.argsort(-cosines, axis=1, kind="stable")[:, :AT]
        nearest[reader] = [set(ids[places][row].tolist()) for row in best]
    return nearest


if __name__ == "__main__":
    main()
