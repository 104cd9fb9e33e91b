"""Where BM25's postings stand, and how they are read: three layouts beside each other on one library.

    python -m bench.layouts FOLDER [--passages 100000]

    rows      one row a term and chunk; the database joins, weighs and adds
    memory    the same rows; a process keeps the lists that it has read, and weighs and adds them (what kbchat does)
    packed    one row a term, with all its chunks in one value; a process weighs and adds

FOLDER keeps the libraries, one a size. All three are given the same visible chunks and find the same scores, which is
looked at for every question. Update: a document of ten passages is added and taken away again.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from bench.library import READERS
from bench.permissions import viewer_named
from bench.sized import sized_library
from bench.times import seconds_of, told

_UPDATES: Final = 5
_SEED: Final = 5

_ROWS_SIZE: Final = (
    "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = %s::regclass"
)
_BUILD_ROWS: Final = """
CREATE TABLE bench.rows (LIKE indexing_posting);
INSERT INTO bench.rows SELECT * FROM indexing_posting;
ALTER TABLE bench.rows ADD PRIMARY KEY (generation_id, term, chunk_id) INCLUDE (frequency);
CREATE INDEX ON bench.rows (generation_id, chunk_id);
ANALYZE bench.rows;
"""
_BUILD_PACKED: Final = """
CREATE TABLE bench.packed (term text COLLATE "C" PRIMARY KEY, chunks bytea NOT NULL, frequencies bytea NOT NULL);
INSERT INTO bench.packed
    SELECT term, string_agg(int8send(chunk_id), '' ORDER BY chunk_id),
        string_agg(int4send(frequency), '' ORDER BY chunk_id) FROM indexing_posting GROUP BY term;
ANALYZE bench.packed;
"""
_BY_ROWS: Final = """
WITH visible AS MATERIALIZED (
    SELECT chunk_id, terms FROM indexing_embedding
    WHERE version_id = ANY(%(versions)s) AND section_id <> ALL(%(closed)s::uuid[])
),
size AS (SELECT count(*)::float8 AS chunks, avg(terms)::float8 AS length FROM visible),
asked AS (SELECT * FROM unnest(%(terms)s::text[], %(times)s::int[]) AS a(term, times)),
found AS MATERIALIZED (
    SELECT a.term, p.chunk_id, p.frequency::float8 AS frequency, v.terms::float8 AS length
    FROM asked a JOIN bench.rows p ON p.generation_id = %(generation)s AND p.term = a.term
    JOIN visible v ON v.chunk_id = p.chunk_id
),
weighed AS MATERIALIZED (
    SELECT a.term, s.length AS average, a.times * ln(1 + (s.chunks - c.chunks + 0.5) / (c.chunks + 0.5)) AS weight
    FROM size s CROSS JOIN asked a
    JOIN (SELECT term, count(*)::float8 AS chunks FROM found GROUP BY term) c ON c.term = a.term
)
SELECT f.chunk_id,
    sum(w.weight * f.frequency / (f.frequency + %(k1)s * (1 - %(b)s + %(b)s * f.length / w.average))) AS score
FROM found f JOIN weighed w ON w.term = f.term GROUP BY f.chunk_id ORDER BY score DESC, f.chunk_id LIMIT 200"""
_PACKED: Final = "SELECT term, chunks, frequencies FROM bench.packed WHERE term = ANY(%s)"


@dataclass(frozen=True)
class Asked:
    """A question of somebody, and what he can see."""

    visible: Any
    terms: list[Any]
    generation: int


def main() -> None:
    with sized_library(__doc__) as (real, passages):
        _compare(passages, real.questions)


def _compare(passages: int, questions: list[str]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET jit = off")
        cursor.execute("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench")
        seconds = {"rows": seconds_of(lambda: cursor.execute(_BUILD_ROWS))}
        seconds["packed"] = seconds_of(lambda: cursor.execute(_BUILD_PACKED))
        seconds["memory"] = seconds["rows"]
        sizes = {name: _size(cursor, f"bench.{name}") for name in ("rows", "packed")}
        sizes["memory"] = sizes["rows"]
        updates = {"rows": _update_rows(cursor), "packed": _update_packed(cursor)}
        updates["memory"] = updates["rows"]
        times = {reader: _search(cursor, reader, questions) for reader in READERS}
        cursor.execute("DROP SCHEMA bench CASCADE")
    print(f"\n{passages:,} passages; milliseconds p50 / p95 of the lexical leg\n")
    shares = " | ".join(f"{share} visible" for share in READERS.values())
    print(f"| layout | build | size | add and take a document | {shares} |\n|---|---|---|---|---|---|---|")
    for name in ("rows", "memory", "packed"):
        cells = " | ".join(told(times[reader][name], digits=1) for reader in READERS)
        print(
            f"| {name} | {seconds[name]:.0f} s | {sizes[name] / 1e6:.0f} MB "
            f"| {told(updates[name], digits=1)} | {cells} |"
        )
    for reader, share in READERS.items():
        print(
            f"memory, terms asked for the first time, {share} visible: {told(times[reader]['memory, first'], digits=1)}"
        )


def _search(cursor: Any, reader: str, questions: list[str]) -> dict[str, list[float]]:
    from kbchat.indexing.generations import active_generation
    from kbchat.retrieval.inverted_index import InvertedIndex

    generation = active_generation().pk
    index = InvertedIndex(generation)
    times: dict[str, list[float]] = {}

    def timed(name: str, search: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        found = search()
        times.setdefault(name, []).append(time.perf_counter() - started)
        return found

    for question in questions:
        asked = _asked(reader, question, generation)
        # The chunks themselves are known to a process that runs; the lists of new terms are not.
        index.read(asked.visible, [])
        first = timed("memory, first", lambda: _in_memory(index, asked))  # noqa: B023
        found = {
            "rows": timed("rows", lambda: _by_rows(cursor, asked)),  # noqa: B023
            "memory": timed("memory", lambda: _in_memory(index, asked)),  # noqa: B023
            "packed": timed("packed", lambda: _by_packed(cursor, index, asked)),  # noqa: B023
        }
        for other in (first, *found.values()):
            np.testing.assert_allclose(other, found["rows"], rtol=1e-9)
    return times


def _asked(reader: str, question: str, generation: int) -> Asked:
    from django.utils import timezone

    from kbchat.access.viewing import viewing
    from kbchat.retrieval.lexical import asked_terms
    from kbchat.retrieval.port import EVERYTHING
    from kbchat.retrieval.visible import visible_set

    viewer = viewer_named(reader)
    with viewing(viewer):
        visible = visible_set(
            viewer, scope=EVERYTHING, as_of=timezone.localdate(), exclude_documents=(), exclude_chunks=()
        )
    return Asked(visible, asked_terms(question), generation)


def _by_rows(cursor: Any, asked: Asked) -> list[float]:
    from kbchat.retrieval.lexical import K1, B
    from kbchat.retrieval.packed import uuids

    cursor.execute(
        _BY_ROWS,
        {
            "versions": uuids(asked.visible.versions),
            "closed": uuids(asked.visible.closed_sections),
            "terms": [each.term for each in asked.terms],
            "times": [each.times for each in asked.terms],
            "generation": asked.generation,
            "k1": K1,
            "b": B,
        },
    )
    return [score for _, score in cursor.fetchall()]


def _in_memory(index: Any, asked: Asked) -> list[float]:
    return _scored(asked, index.read(asked.visible, [each.term for each in asked.terms]))


def _by_packed(cursor: Any, index: Any, asked: Asked) -> list[float]:
    """As in memory, with the lists sent by the database each time."""
    from dataclasses import replace

    from kbchat.retrieval.inverted_index import Postings
    from kbchat.retrieval.packed import integers, small_integers

    reading = index.read(asked.visible, [])
    cursor.execute(_PACKED, [[each.term for each in asked.terms]])
    lists = {term: (integers(chunks), small_integers(often)) for term, chunks, often in cursor.fetchall()}
    nothing = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32))
    postings = []
    for each in asked.terms:
        ids, often = lists.get(each.term, nothing)
        rows = reading.chunks.rows_of(ids)
        postings.append(Postings(rows[rows >= 0], often[rows >= 0], len(reading.chunks.ids)))
    return _scored(asked, replace(reading, postings=tuple(postings)))


def _scored(asked: Asked, reading: Any) -> list[float]:
    from kbchat.retrieval.best import best
    from kbchat.retrieval.lexical import bm25, weigh

    scores = bm25(weigh(asked.terms, reading), len(reading.visible))
    matched = np.flatnonzero(scores)
    kept = matched[best(scores[matched], reading.chunks.ids[matched], 200)]
    found: list[float] = scores[kept].tolist()
    return found


def _update_rows(cursor: Any) -> list[float]:
    """Ten passages like those that are there, under ids that nobody has."""
    times = []
    for _ in range(_UPDATES):
        rows = _some_postings(cursor)
        started = time.perf_counter()
        cursor.executemany("INSERT INTO bench.rows VALUES (0, %s, %s, %s)", rows)
        cursor.execute(
            "DELETE FROM bench.rows WHERE generation_id = 0 AND chunk_id = ANY(%s)",
            [[row[1] for row in rows]],
        )
        times.append(time.perf_counter() - started)
    return times


def _update_packed(cursor: Any) -> list[float]:
    times = []
    for _ in range(_UPDATES):
        rows = _some_postings(cursor)
        started = time.perf_counter()
        cursor.executemany(
            "UPDATE bench.packed SET chunks = chunks || int8send(%s), frequencies = frequencies || int4send(%s) "
            "WHERE term = %s",
            [(chunk, often, term) for term, chunk, often in rows],
        )
        cursor.executemany(
            "UPDATE bench.packed SET chunks = substr(chunks, 1, length(chunks) - 8), "
            "frequencies = substr(frequencies, 1, length(frequencies) - 4) WHERE term = %s",
            [(term,) for term, _, _ in rows],
        )
        times.append(time.perf_counter() - started)
    return times


def _some_postings(cursor: Any) -> list[tuple[str, int, int]]:
    cursor.execute("SELECT min(chunk_id), max(chunk_id) FROM indexing_embedding")
    least, most = cursor.fetchone()
    chosen = random.Random(_SEED).sample(range(least, most), 10)
    cursor.execute(
        "SELECT term, chunk_id, frequency FROM indexing_posting WHERE chunk_id = ANY(%s)", [chosen]
    )
    return [(term, -chunk, often) for term, chunk, often in cursor.fetchall()]


def _size(cursor: Any, table: str) -> int:
    cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [table])
    return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
