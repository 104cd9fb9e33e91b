"""One statement that ranks: the best of each leg with the scores of both, under the viewer's visibility.

Both legs stand in one statement, because the visible set is made once for them and because a blend needs, of every
candidate, both scores. No text and no title passes here.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db import connection

from kbchat.retrieval import dense, lexical
from kbchat.retrieval.port import LegTrace
from kbchat.retrieval.visible import VisibleSet

# Candidates of each leg. A passage below this rank in both is not among the first ten of any blend.
POOL: Final = 200

_CANDIDATES: Final = """
WITH {visible}, {lexical}, {nearest},
candidates AS (
    SELECT chunk_id FROM nearest
    UNION
    (SELECT chunk_id FROM matched ORDER BY score DESC, chunk_id LIMIT %(pool)s)
),
scored AS (
    SELECT c.chunk_id, coalesce(1 - v.distance, 0) AS cosine, coalesce(m.score, 0)::float8 AS score
    FROM candidates c JOIN visible v ON v.chunk_id = c.chunk_id LEFT JOIN matched m ON m.chunk_id = c.chunk_id
)
SELECT size.chunks, (SELECT sum(weight::bigint)::float8 FROM weighed WHERE place <= %(own)s), chunk_id, cosine, score
FROM size LEFT JOIN scored ON true ORDER BY chunk_id"""

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Chunks by ascending id, with their cosine and BM25. `attainable`: the sum of the weights of the question's own
    terms, which no passage's BM25 exceeds by them alone. `visible_chunks`: how many the statistics are made of. Where
    there was no vector, `by_words_alone`, every cosine is 0."""

    chunk_ids: npt.NDArray[np.int64]
    cosines: Scores
    bm25: Scores
    attainable: float
    visible_chunks: int
    by_words_alone: bool
    seconds: float

    def legs(self) -> tuple[LegTrace, ...]:
        """Each leg's order, for the administrator's trace. The time is that of the one statement."""
        matched = self.bm25 > 0
        lexical_leg = self._leg("lexical", "bm25", self.chunk_ids[matched], self.bm25[matched])
        if self.by_words_alone:
            return (lexical_leg,)
        return self._leg("dense", dense.PATH, self.chunk_ids, self.cosines), lexical_leg

    def _leg(self, leg: str, path: str, chunk_ids: npt.NDArray[np.int64], scores: Scores) -> LegTrace:
        order = np.argsort(-scores, kind="stable")
        return LegTrace(
            leg, path, tuple(chunk_ids[order].tolist()), tuple(scores[order].tolist()), self.seconds
        )


def find_candidates(
    visible: VisibleSet,
    question: str,
    vector: npt.NDArray[np.float32] | None,
    names: Mapping[str, Sequence[str]] | None = None,
) -> Candidates:
    """At most `POOL` of each leg; without a vector of the lexical one alone. `names`: those in the question that have
    others, with the others. Call it inside `viewing`."""
    started = time.monotonic()
    by_words = lexical.LEXICAL_BY_NAMES if names else lexical.LEXICAL
    sql = _CANDIDATES.format(visible=visible.sql, lexical=by_words, nearest=dense.NEAREST)
    parameters = (
        visible.parameters
        | lexical.lexical_parameters(question, names)
        | dense.dense_parameters(vector)
        | {"pool": POOL}
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    chunks, attainable = rows[0][:2]
    found = [row[2:] for row in rows if row[2] is not None]
    ids, cosines, scores = zip(*found, strict=True) if found else ((), (), ())
    return Candidates(
        chunk_ids=np.array(ids, dtype=np.int64),
        cosines=np.nan_to_num(np.array(cosines, dtype=np.float64), nan=0.0),
        bm25=np.array(scores, dtype=np.float64) / lexical.FIXED_POINT,
        attainable=float(attainable or 0) / lexical.FIXED_POINT,
        visible_chunks=int(chunks),
        by_words_alone=vector is None,
        seconds=time.monotonic() - started,
    )
