"""What each leg of retrieval, and their blend, find of a judged set: through the door that production uses.

A leg alone is production's retriever, too: without an encoder it ranks by words, and with the whole weight on the
dense leg by vectors. A document counts where its best passage stands.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from kbchat.core.errors import Unavailable
from kbchat.core.viewer import Viewer
from kbchat.evaluation.beir import BeirQuestion
from kbchat.evaluation.leg_names import LEGS
from kbchat.evaluation.metrics import ndcg, recall, reciprocal_rank
from kbchat.retrieval.port import POOL, Pin, Retrieval, Retriever, Scope

# As many as an answer is made from: what is timed is what people wait for.
_TIMED: Final = 20
# Enough passages for a hundred documents of several passages each.
_DEEP: Final = 2 * POOL
_ONLY_DENSE: Final = {"en": 1.0, "zh": 1.0, "other": 1.0}


@dataclass(frozen=True, slots=True)
class LegFigures:
    """Means over the questions; milliseconds of a search for 20 passages, the question's vector included."""

    ndcg_at_10: float
    mrr_at_10: float
    recall_at_10: float
    recall_at_100: float
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Searched:
    """Who asks, where, and production's two retrievers. `documents`: the set's document id by ours."""

    viewer: Viewer
    scope: Scope
    with_vectors: Retriever
    by_words: Retriever
    documents: Mapping[UUID, str]

    def search(self, leg: str, question: str, pin: Pin, limit: int) -> Retrieval:
        """Raises Unavailable where the encoder does not answer: half a retriever is not what was to be measured."""
        retriever = self.by_words if leg == "lexical" else self.with_vectors
        pinned = replace(pin, dense_weight=_ONLY_DENSE) if leg == "dense" else pin
        found = retriever.retrieve(self.viewer, question, pinned, limit=limit, scope=self.scope)
        if leg != "lexical" and found.trace.by_words_alone:
            raise Unavailable("search_model_unavailable")
        return found

    def ranked(self, retrieval: Retrieval) -> list[str]:
        """Each document once, where its best passage stands."""
        return list(dict.fromkeys(self.documents[passage.document_id] for passage in retrieval.passages))


def measure_legs(
    searched: Searched,
    questions: Sequence[BeirQuestion],
    legs: Sequence[str] = LEGS,
    *,
    on_asked: Callable[[], object] = lambda: None,
) -> dict[str, LegFigures]:
    """Every leg for one question after the other, so that no leg has the quieter machine. `on_asked` hears of each
    question. Blocking. Raises Unavailable."""
    pin = searched.with_vectors.pin()
    values: dict[str, list[tuple[float, ...]]] = {leg: [] for leg in legs}
    for question in questions:
        for leg in legs:
            values[leg].append(_valued(searched, leg, question, pin))
        on_asked()
    return {leg: _figures(rows) for leg, rows in values.items()}


def deep_search(searched: Searched, question: str, pin: Pin) -> Retrieval:
    """All candidates of both legs, in the order of their blend. Raises Unavailable."""
    return searched.search("hybrid", question, pin, _DEEP)


def _valued(searched: Searched, leg: str, question: BeirQuestion, pin: Pin) -> tuple[float, ...]:
    ranked = searched.ranked(searched.search(leg, question.text, pin, _DEEP))
    started = time.perf_counter()
    searched.search(leg, question.text, pin, _TIMED)
    seconds = time.perf_counter() - started
    return (
        ndcg(ranked, question.judged, 10),
        reciprocal_rank(ranked, question.judged, 10),
        recall(ranked, question.judged, 10),
        recall(ranked, question.judged, 100),
        seconds * 1000,
    )


def _figures(rows: Sequence[tuple[float, ...]]) -> LegFigures:
    ndcg_10, mrr_10, recall_10, recall_100, milliseconds = zip(*rows, strict=True)
    ordered = sorted(milliseconds)
    return LegFigures(
        ndcg_at_10=statistics.fmean(ndcg_10),
        mrr_at_10=statistics.fmean(mrr_10),
        recall_at_10=statistics.fmean(recall_10),
        recall_at_100=statistics.fmean(recall_100),
        p50_ms=statistics.median(ordered),
        p95_ms=ordered[min(round(0.95 * len(ordered)), len(ordered) - 1)],
    )
