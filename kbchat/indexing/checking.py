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
MOST_DRIFT: Final = 1.0
"""In log-odds, by which the same evidence may count for more or less than it did, in the mean."""

# Who may see a passage is read where its vector stands: one that stands elsewhere would be shown to the wrong people.
_MISPLACED: Final = """
SELECT count(*) FROM indexing_embedding e JOIN ingestion_chunk c ON c.id = e.chunk_id
WHERE e.generation_id = %(generation)s AND (e.version_id, e.section_id) IS DISTINCT FROM (c.version_id, c.section_id)"""
_STRAYS: Final = """
SELECT count(*) FROM indexing_posting p WHERE p.generation_id = %(generation)s AND NOT EXISTS (
    SELECT 1 FROM indexing_embedding e WHERE e.generation_id = p.generation_id AND e.chunk_id = p.chunk_id)"""


@dataclass(frozen=True, slots=True)
class Checks:
    """`missing`: passages that the generation lacks; `strays`: terms of passages that it does not hold; `misplaced`:
    vectors that stand under another version or section than their passage, and so under the wrong rights. `cosine`: the
    lowest of those computed anew, 1 where there are none. `known_items`: None where they were not to be asked.
    `drift`: mean difference in log-odds by which the same evidence counts, by its own calibration and by the one in
    force; None where nobody compared them."""

    missing: int
    strays: int
    misplaced: int
    recomputed: int
    cosine: float
    known_items: Compared | None
    drift: float | None

    @property
    def problems(self) -> list[str]:
        compared = self.known_items
        found = {
            "incomplete": self.missing > 0,
            "strays": self.strays > 0,
            "misplaced": self.misplaced > 0,
            "other_vectors": self.cosine < LEAST_COSINE,
            "finds_less": compared is not None and compared.is_worse,
            "other_confidence": self.drift is not None and self.drift > MOST_DRIFT,
            # Of an empty library there is nothing to ask.
            "not_compared": compared is not None and not compared.asked and self.recomputed > 0,
        }
        return [name for name, is_so in found.items() if is_so]

    def as_stored(self) -> dict[str, Any]:
        return {**asdict(self), "problems": self.problems}


def checked(
    candidate: IndexGeneration, encoder: Embedder, known_items: Compared | None, drift: float | None
) -> Checks:
    """Blocking. Raises ModelUnavailable."""
    recomputed, cosine = _recomputed(candidate, encoder)
    return Checks(
        missing=count_missing(candidate),
        strays=_count(_STRAYS, candidate),
        misplaced=_count(_MISPLACED, candidate),
        recomputed=recomputed,
        cosine=cosine,
        known_items=known_items,
        drift=drift,
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


def _count(sql: str, generation: IndexGeneration) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"generation": generation.pk})
        return int(cursor.fetchone()[0])
