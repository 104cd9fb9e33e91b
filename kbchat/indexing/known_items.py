"""Whether a generation finds what another one finds, by questions that nobody needs to write.

*Known items* are sentences of the library, by which the passage that holds each has to be found (the inverse cloze
task; Lee, Chang and Toutanova 2019, section 4). Vectors alone are asked, since words find any sentence.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection

from kbchat.analysis import Language, language_of, sentences
from kbchat.core.text import Span
from kbchat.indexing.models import IndexGeneration
from kbchat.indexing.reading import Ids, Vectors, all_vectors, read_vectors, unit
from kbchat.inference.ports import Embedder
from kbchat.ingestion.models import Chunk

MOST_LOST: Final = 0.02
"""Of the mean reciprocal rank: what is worse by more is refused."""

_ASKED: Final = 200
_COUNTED: Final = 10
_LEAST_CHARACTERS: Final = 12
_MOST_CHARACTERS: Final = 300
_KEPT: Final = 50
_RESAMPLES: Final = 2000
# Cosines of 32 bits that differ by less are the same.
_ALIKE: Final = 1e-6

_HOLDERS: Final = """
SELECT asked.number, vector_send(e.vector)
FROM unnest(%(numbers)s::int[], %(versions)s::uuid[], %(starts)s::int[], %(ends)s::int[])
    AS asked(number, version_id, start, "end")
JOIN ingestion_chunk c ON c.version_id = asked.version_id AND c.start < asked."end" AND c."end" > asked.start
JOIN indexing_embedding e ON e.generation_id = %(generation)s AND e.chunk_id = c.id"""
_OF_THE_SAME: Final = """
SELECT asked.number, e.chunk_id FROM unnest(%(numbers)s::int[], %(versions)s::uuid[]) AS asked(number, version_id)
JOIN indexing_embedding e ON e.generation_id = %(generation)s AND e.version_id = asked.version_id
ORDER BY e.chunk_id"""


@dataclass(frozen=True, slots=True)
class KnownItem:
    """A sentence of the library and where it stands, in its version's text."""

    version_id: UUID
    span: Span
    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class Compared:
    """Mean reciprocal ranks of the same questions by the generation that answered, `compared_with`, and by the new one.
    `low`, `high`: of the mean difference, 95 % (percentile bootstrap; Efron 1979). `lost`: asked before in vain no
    more."""

    compared_with: int | None = None
    asked: int = 0
    before: float = 0.0
    now: float = 0.0
    low: float = 0.0
    high: float = 0.0
    by_language: dict[str, tuple[float, float]] = field(default_factory=dict)
    lost: tuple[dict[str, Any], ...] = ()

    @property
    def is_worse(self) -> bool:
        return self.asked > 0 and self.now < self.before - MOST_LOST


@dataclass(frozen=True, slots=True)
class Evidence:
    """The highest cosine of one question by the encoder that answered and by the new one: of the passage that holds it,
    and of whatever stands in other documents, as if nothing held it."""

    language: Language
    before: float
    now: float


def compare_known_items(
    candidate: IndexGeneration, encoder: Embedder, active: IndexGeneration, active_encoder: Embedder
) -> tuple[Compared, list[Evidence]]:
    """Blocking. Raises ModelUnavailable."""
    items = _known_items(active, random.Random(candidate.pk))  # noqa: S311 (a sample)
    if not items:
        return Compared(active.pk), []
    of_active, of_candidate = _found(items, active, active_encoder), _found(items, candidate, encoder)
    evidence = [
        Evidence(item.language, float(was), float(is_now))
        for before, now in ((of_active.held, of_candidate.held), (of_active.others, of_candidate.others))
        for item, was, is_now in zip(items, before, now, strict=True)
        if np.isfinite(was) and np.isfinite(is_now)
    ]
    return _compared(active, items, of_active.ranks, of_candidate.ranks), evidence


def _compared(
    active: IndexGeneration,
    items: Sequence[KnownItem],
    before: Sequence[int | None],
    now: Sequence[int | None],
) -> Compared:
    # What was deleted meanwhile is in neither.
    pairs = [
        (item, was, is_now) for item, was, is_now in zip(items, before, now, strict=True) if was is not None
    ]
    gained = [_reciprocal(is_now) - _reciprocal(was) for _, was, is_now in pairs]
    low, high = interval(gained)
    lost = [
        {"version": str(item.version_id), "start": item.span.start, "end": item.span.end}
        for item, was, is_now in pairs
        if _reciprocal(was) and not _reciprocal(is_now)
    ]
    languages = sorted({item.language for item, _, _ in pairs})
    return Compared(
        compared_with=active.pk,
        asked=len(pairs),
        before=_mean([_reciprocal(was) for _, was, _ in pairs]),
        now=_mean([_reciprocal(is_now) for _, _, is_now in pairs]),
        low=low,
        high=high,
        by_language={
            language: (
                _mean([_reciprocal(was) for item, was, _ in pairs if item.language == language]),
                _mean([_reciprocal(is_now) for item, _, is_now in pairs if item.language == language]),
            )
            for language in languages
        },
        lost=tuple(lost[:_KEPT]),
    )


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """95 % of the mean of paired differences, by resampling; with the same seed, so that it is the same twice."""
    if not differences:
        return 0.0, 0.0
    values = np.asarray(differences)
    picked = np.random.default_rng(0).integers(len(values), size=(_RESAMPLES, len(values)))
    low, high = np.quantile(values[picked].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def _known_items(active: IndexGeneration, chance: random.Random) -> list[KnownItem]:
    """Of passages chosen by chance, a sentence each."""
    chunks = Chunk.objects.filter(chunking_policy=active.chunking_policy, version__state="ready").order_by(
        "?"
    )
    items = []
    for chunk in chunks[:_ASKED]:
        spans = [
            span
            for span in sentences(chunk.text)
            if _LEAST_CHARACTERS <= span.end - span.start <= _MOST_CHARACTERS
        ]
        if spans:
            span = chance.choice(spans)
            text = chunk.text[span.start : span.end].strip()
            place = Span(chunk.start + span.start, chunk.start + span.end)
            items.append(KnownItem(chunk.version_id, place, text, language_of(text)))
    return items


@dataclass(frozen=True, slots=True)
class _Found:
    """`ranks`: of the passage that holds each; None: the generation has none. `held`: its cosine; `others`: the highest
    in other documents; -inf where there is none."""

    ranks: list[int | None]
    held: npt.NDArray[np.float64]
    others: npt.NDArray[np.float64]


def _found(items: Sequence[KnownItem], generation: IndexGeneration, encoder: Embedder) -> _Found:
    """All vectors are read once, for all questions."""
    questions = unit(encoder.embed_queries([item.text for item in items]))
    held = np.full(len(items), -np.inf)
    for number, vector in _holders(items, generation):
        held[number] = max(held[number], questions[number] @ vector)
    others = np.full(len(items), -np.inf)
    nearer = np.zeros(len(items), dtype=np.int64)
    numbers, same = _of_the_same(items, generation)
    for chunks, vectors in all_vectors(generation):
        cosines = questions @ vectors.T
        nearer += np.count_nonzero(cosines > held[:, np.newaxis] + _ALIKE, axis=1)
        here = np.flatnonzero(np.isin(same, chunks))
        cosines[numbers[here], np.searchsorted(chunks, same[here])] = -np.inf
        others = np.maximum(others, cosines.max(axis=1))
    ranks = [1 + int(n) if np.isfinite(cosine) else None for n, cosine in zip(nearer, held, strict=True)]
    return _Found(ranks, held, others)


def _of_the_same(items: Sequence[KnownItem], generation: IndexGeneration) -> tuple[Ids, Ids]:
    """Numbers of items, and chunks of the documents that they stand in."""
    versions = [item.version_id for item in items]
    with connection.cursor() as cursor:
        cursor.execute(
            _OF_THE_SAME,
            {"generation": generation.pk, "numbers": list(range(len(items))), "versions": versions},
        )
        pairs = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _holders(items: Sequence[KnownItem], generation: IndexGeneration) -> list[tuple[int, Vectors]]:
    """The vectors, of length 1, of passages that overlap an item, each with the item's number."""
    with connection.cursor() as cursor:
        cursor.execute(
            _HOLDERS,
            {
                "generation": generation.pk,
                "numbers": list(range(len(items))),
                "versions": [item.version_id for item in items],
                "starts": [item.span.start for item in items],
                "ends": [item.span.end for item in items],
            },
        )
        return [(number, read_vectors(sent, generation.dimension)[0]) for number, sent in cursor.fetchall()]


def _reciprocal(rank: int | None) -> float:
    return 1 / rank if rank is not None and rank <= _COUNTED else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
