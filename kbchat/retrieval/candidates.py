"""The best of each leg with the scores of both, under the viewer's visibility: what a blend is made of.

No text and no title passes here.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kbchat.retrieval import dense, lexical
from kbchat.retrieval.agreement import agreement
from kbchat.retrieval.best import best
from kbchat.retrieval.inverted_index import InvertedIndex
from kbchat.retrieval.port import POOL, LegTrace
from kbchat.retrieval.visible import VisibleSet

Scores = npt.NDArray[np.float64]
ChunkIds = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Chunks by ascending id, with their language, cosine and BM25. `attainable`: the sum of the weights of the
    question's own terms, which no passage's BM25 exceeds by them alone. `agreement`: the share of the question's names
    and numbers that each has. `visible_chunks`: how many the statistics are made of, `present`: in which languages.
    `dense_path`: how the dense leg's were found; "" where there was no vector, and every cosine is 0. `basis`: see
    Reading. `generation_id`: what both were read from."""

    chunk_ids: ChunkIds
    languages: tuple[str, ...]
    cosines: Scores
    bm25: Scores
    agreement: Scores
    attainable: float
    visible_chunks: int
    present: frozenset[str]
    dense_path: str
    basis: str
    seconds: float
    generation_id: int

    @property
    def by_words_alone(self) -> bool:
        return not self.dense_path

    def legs(self) -> tuple[LegTrace, ...]:
        """Each leg's order, for the administrator's trace. The time is that of both."""
        matched = self.bm25 > 0
        lexical_leg = self._leg("lexical", "bm25", self.chunk_ids[matched], self.bm25[matched])
        if self.by_words_alone:
            return (lexical_leg,)
        return self._leg("dense", self.dense_path, self.chunk_ids, self.cosines), lexical_leg

    def _leg(self, leg: str, path: str, chunk_ids: ChunkIds, scores: Scores) -> LegTrace:
        order = np.argsort(-scores, kind="stable")
        return LegTrace(
            leg, path, tuple(chunk_ids[order].tolist()), tuple(scores[order].tolist()), self.seconds
        )


def find_candidates(
    index: InvertedIndex,
    vectors: dense.Vectors,
    visible: VisibleSet,
    question: str,
    vector: npt.NDArray[np.float32] | None,
    names: Mapping[str, Sequence[str]] | None = None,
) -> Candidates:
    """At most `POOL` of each leg; without a vector of the lexical one alone. `names`: those in the question that have
    others, with the others. Call it inside `viewing`, in the transaction that `visible` was read in. Raises
    ValueError for words of one generation and vectors of another."""
    started = time.monotonic()
    if index.generation_id != vectors.generation_id:
        raise ValueError("words and vectors of two generations")
    asked = lexical.asked_terms(question, names)
    reading = index.read(visible, [each.term for each in asked])
    weighed = lexical.weigh(asked, reading)
    bm25 = np.where(reading.eligible, lexical.bm25(weighed, len(reading.eligible)), 0.0)
    ids = reading.chunks.ids
    matched = np.flatnonzero(bm25)
    matching = ids[matched[best(bm25[matched], ids[matched], POOL)]]
    near = dense.Near(matching, np.zeros(len(matching)), "")
    if vector is not None:
        near = vectors.nearest(vector, ids[reading.eligible], matching, POOL)
    order = np.argsort(near.chunk_ids)
    found = near.chunk_ids[order]
    rows = reading.chunks.rows_of(found)
    return Candidates(
        chunk_ids=found,
        languages=tuple(reading.languages_of(rows)),
        cosines=np.nan_to_num(near.cosines[order], nan=0.0),
        bm25=bm25[rows],
        agreement=agreement(question, names or (), weighed, rows),
        attainable=lexical.attainable(weighed),
        visible_chunks=int(np.count_nonzero(reading.visible)),
        present=reading.languages_present(),
        dense_path=near.path,
        basis=reading.basis(),
        seconds=time.monotonic() - started,
        generation_id=index.generation_id,
    )
