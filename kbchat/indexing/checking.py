"""Whether a generation that was filled is fit to answer: complete, what its encoder makes, and no worse at finding."""

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from django.db import connection

from kbchat.indexing.filling import count_missing
from kbchat.indexing.known_items import Compared
from kbchat.indexing.models import Embedding, IndexGeneration
from kbchat.inference.ports import Embedder
from kbchat.ingestion.chunking import indexed_text

LEAST_COSINE: Final = 0.999
"""Of a vector that is stored and the same computed anew; bfloat16 keeps it."""

_RECOMPUTED: Final = 200
_STRAYS: Final = """
SELECT count(*) FROM indexing_posting p WHERE p.generation_id = %(generation)s AND NOT EXISTS (
    SELECT 1 FROM indexing_embedding e WHERE e.generation_id = p.generation_id AND e.chunk_id = p.chunk_id)"""


@dataclass(frozen=True, slots=True)
class Checks:
    """`missing`: passages that the generation lacks; `strays`: terms of passages that it does not hold. `cosine`: the
    lowest of those computed anew, 1 where there are none. `known_items`: None where they were not to be asked."""

    missing: int
    strays: int
    recomputed: int
    cosine: float
    known_items: Compared | None

    @property
    def problems(self) -> list[str]:
        compared = self.known_items
        found = {
            "incomplete": self.missing > 0,
            "strays": self.strays > 0,
            "other_vectors": self.cosine < LEAST_COSINE,
            "finds_less": compared is not None and compared.is_worse,
            # Of an empty library there is nothing to ask.
            "not_compared": compared is not None and not compared.asked and self.recomputed > 0,
        }
        return [name for name, is_so in found.items() if is_so]

    def as_stored(self) -> dict[str, Any]:
        return {**asdict(self), "problems": self.problems}


def checked(candidate: IndexGeneration, encoder: Embedder, known_items: Compared | None) -> Checks:
    """Blocking. Raises ModelUnavailable."""
    recomputed, cosine = _recomputed(candidate, encoder)
    return Checks(
        missing=count_missing(candidate),
        strays=_count_strays(candidate),
        recomputed=recomputed,
        cosine=cosine,
        known_items=known_items,
    )


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
