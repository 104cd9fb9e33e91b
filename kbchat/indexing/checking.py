"""Whether a generation that was filled is fit to answer: complete, what its encoder makes, and no worse at finding.

*Known items* are questions that need nobody to write them: a sentence of the library, by which the passage that holds
it has to be found (the inverse cloze task; Lee, Chang and Toutanova 2019, section 4). Vectors alone are asked, since
words find any sentence.
"""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection

from kbchat.analysis import Language, language_of, sentences
from kbchat.core.text import Span
from kbchat.indexing.filling import count_missing
from kbchat.indexing.models import Embedding, IndexGeneration
from kbchat.indexing.notation import vector_literal
from kbchat.inference.ports import Embedder
from kbchat.ingestion.chunking import indexed_text
from kbchat.ingestion.models import Chunk

MOST_LOST: Final = 0.02
"""Of the mean reciprocal rank: what is worse by more is refused."""
LEAST_COSINE: Final = 0.999
"""Of a vector that is stored and the same computed anew; bfloat16 keeps it."""

_RECOMPUTED: Final = 200
_ASKED: Final = 200
_COUNTED: Final = 10
_LEAST_CHARACTERS: Final = 12
_MOST_CHARACTERS: Final = 300
_KEPT: Final = 50
_RESAMPLES: Final = 2000

_STRAYS: Final = """
SELECT count(*) FROM indexing_posting p WHERE p.generation_id = %(generation)s AND NOT EXISTS (
    SELECT 1 FROM indexing_embedding e WHERE e.generation_id = p.generation_id AND e.chunk_id = p.chunk_id)"""
_RANK: Final = """
WITH far AS MATERIALIZED (
    SELECT e.chunk_id, e.vector <=> %(vector)s::vector AS distance
    FROM indexing_embedding e WHERE e.generation_id = %(generation)s
), best AS (
    SELECT min(f.distance) AS distance FROM far f JOIN ingestion_chunk c ON c.id = f.chunk_id
    WHERE c.version_id = %(version)s AND c.start < %(end)s AND c."end" > %(start)s
)
SELECT 1 + (SELECT count(*) FROM far WHERE far.distance < best.distance) FROM best WHERE best.distance IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class KnownItem:
    """A sentence of the library and where it stands, in its version's text."""

    version_id: UUID
    span: Span
    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class Compared:
    """Mean reciprocal ranks of the same questions by the generation that answers and by the new one. `low`, `high`: of
    the mean difference, 95 % (percentile bootstrap; Efron 1979). `lost`: asked before in vain no more."""

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
class Checks:
    """`missing`: passages that the generation lacks; `strays`: terms of passages that it does not hold. `cosine`: the
    lowest of those computed anew, 1 where there are none."""

    missing: int
    strays: int
    recomputed: int
    cosine: float
    known_items: Compared

    @property
    def problems(self) -> list[str]:
        found = {
            "incomplete": self.missing > 0,
            "strays": self.strays > 0,
            "other_vectors": self.cosine < LEAST_COSINE,
            "finds_less": self.known_items.is_worse,
        }
        return [name for name, is_so in found.items() if is_so]

    def as_stored(self) -> dict[str, Any]:
        return {**asdict(self), "problems": self.problems}


def checked(
    candidate: IndexGeneration, encoder: Embedder, active: IndexGeneration, active_encoder: Embedder | None
) -> Checks:
    """Blocking. Without the active generation's encoder the two are not compared. Raises ModelUnavailable."""
    chance = random.Random(candidate.pk)  # noqa: S311 (a sample)
    recomputed, cosine = _recomputed(candidate, encoder)
    items = _known_items(active, chance) if active_encoder and candidate.pk != active.pk else []
    return Checks(
        missing=count_missing(candidate),
        strays=_count_strays(candidate),
        recomputed=recomputed,
        cosine=cosine,
        known_items=_compared(items, candidate, encoder, active, active_encoder)
        if items and active_encoder
        else Compared(),
    )


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """95 % of the mean of paired differences, by resampling; with the same seed, so that it is the same twice."""
    if not differences:
        return 0.0, 0.0
    values = np.asarray(differences)
    picked = np.random.default_rng(0).integers(len(values), size=(_RESAMPLES, len(values)))
    low, high = np.quantile(values[picked].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def _recomputed(generation: IndexGeneration, encoder: Embedder) -> tuple[int, float]:
    stored = list(
        Embedding.objects.filter(generation=generation).select_related("chunk").order_by("?")[:_RECOMPUTED]
    )
    if not stored:
        return 0, 1.0
    anew = encoder.embed_documents([indexed_text(each.chunk.prefix, each.chunk.text) for each in stored])
    kept = np.asarray([each.vector for each in stored], dtype=np.float32)
    lengths = np.linalg.norm(kept, axis=1) * np.linalg.norm(anew, axis=1)
    return len(stored), float(((kept * anew).sum(axis=1) / np.maximum(lengths, 1e-12)).min())


def _count_strays(generation: IndexGeneration) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_STRAYS, {"generation": generation.pk})
        return int(cursor.fetchone()[0])


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


def _compared(
    items: Sequence[KnownItem],
    candidate: IndexGeneration,
    encoder: Embedder,
    active: IndexGeneration,
    active_encoder: Embedder,
) -> Compared:
    before = _ranks(items, active, active_encoder)
    now = _ranks(items, candidate, encoder)
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


def _ranks(items: Sequence[KnownItem], generation: IndexGeneration, encoder: Embedder) -> list[int | None]:
    """Of the passage that holds each; None: the generation has none. One comparison of all vectors for each."""
    vectors: npt.NDArray[np.float32] = encoder.embed_queries([item.text for item in items])
    ranks: list[int | None] = []
    with connection.cursor() as cursor:
        for item, vector in zip(items, vectors, strict=True):
            cursor.execute(
                _RANK,
                {
                    "vector": vector_literal(vector),
                    "generation": generation.pk,
                    "version": item.version_id,
                    "start": item.span.start,
                    "end": item.span.end,
                },
            )
            row = cursor.fetchone()
            ranks.append(row[0] if row else None)
    return ranks


def _reciprocal(rank: int | None) -> float:
    return 1 / rank if rank is not None and rank <= _COUNTED else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
