"""The one door to passages, on PostgreSQL: question → vector → candidates → blend → passages under the viewer.

The question is embedded before the transaction opens, so that no connection is held while a model thinks.
"""

import logging
import math
from collections.abc import Callable, Sequence
from collections.abc import Collection as AbstractCollection
from datetime import date
from typing import Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.analysis import Glossary, analyse, expand_query, in_all_names, language_of
from kbchat.core.database_threads import released
from kbchat.core.deadline import Deadline
from kbchat.core.errors import Unavailable
from kbchat.core.typed_text import storable
from kbchat.core.viewer import Viewer
from kbchat.indexing.generations import active_generation, identity_of
from kbchat.indexing.models import IndexGeneration
from kbchat.inference.ports import Embedder, ModelUnavailable, Reranker
from kbchat.retrieval.calibration import calibration_of, dense_weight, null_weights
from kbchat.retrieval.candidates import Candidates, find_candidates
from kbchat.retrieval.diversity import diverse
from kbchat.retrieval.fusion import blend, null_features, null_probability, probabilities
from kbchat.retrieval.passages import passages_by_id
from kbchat.retrieval.port import EVERYTHING, Passage, Pin, Retrieval, RetrievalTrace, Scope
from kbchat.retrieval.time_limit import time_limit
from kbchat.retrieval.visible import visible_set

logger = logging.getLogger(__name__)

# Characters of a question that are read; what is longer is a pasted document.
_LONGEST_QUESTION: Final = 16_384
# Of the blend, kept for the administrator's trace.
_TRACED: Final = 50
# Passages read for each that is shown: some say what a better one says.
_LOOKED_AT: Final = 2
# Passages that a reranker reads with the question.
_RERANKED: Final = 40


class PostgresRetriever:
    """Implements port.Retriever. Threads may share it. Without an embedder it ranks by words alone. `glossary` gives
    the company's names for things as they are now; `reranker` reads the best passages again, together with the
    question."""

    def __init__(
        self,
        embedder: Embedder | None,
        glossary: Callable[[], Glossary] = Glossary,
        reranker: Reranker | None = None,
    ) -> None:
        self._embedder = embedder
        self._glossary = glossary
        self._reranker = reranker
        self._compared: set[int] = set()

    def pin(self) -> Pin:
        generation = active_generation()
        calibration = calibration_of(generation.dense_weights, generation.calibration)
        return Pin(
            generation_id=generation.pk,
            encoder=generation.encoder,
            encoder_revision=generation.encoder_revision,
            temperature=calibration.temperature,
            dense_weight=calibration.dense_weights,
            null_weights=calibration.null_weights,
            glossary=self._glossary(),
        )

    def retrieve(
        self,
        viewer: Viewer,
        query: str,
        pin: Pin,
        *,
        limit: int,
        scope: Scope = EVERYTHING,
        as_of: date | None = None,
        exclude_documents: AbstractCollection[UUID] = (),
        exclude_chunks: AbstractCollection[int] = (),
        deadline: Deadline | None = None,
    ) -> Retrieval:
        """See port.Retriever. Raises Unavailable("encoder_changed", "search_timed_out")."""
        question = storable(query[:_LONGEST_QUESTION])
        if limit <= 0 or not analyse(question):
            return _nothing(question)
        expansions = expand_query(question, pin.glossary)
        vector = (
            self._vector(in_all_names(question, pin.glossary), pin, self._embedder)
            if self._embedder
            else None
        )
        visible = visible_set(
            viewer,
            pin.generation_id,
            scope=scope,
            as_of=as_of or timezone.localdate(),
            exclude_documents=exclude_documents,
            exclude_chunks=exclude_chunks,
        )
        with viewing(viewer), time_limit(deadline):
            candidates = find_candidates(visible, question, vector, expansions)
            ranking = _Ranking(question, expansions, candidates, pin)
            best = ranking.best(max(limit * _LOOKED_AT, _RERANKED if self._reranker else 0))
            found = passages_by_id(best)
        passages = [found[chunk] for chunk in best if chunk in found]
        if self._reranker:
            passages = self._reranked(self._reranker, question, ranking, passages)
        return ranking.retrieval(diverse(passages, limit))

    def fetch(self, viewer: Viewer, chunk_ids: Sequence[int]) -> list[Passage]:
        with viewing(viewer):
            found = passages_by_id(chunk_ids)
        return [found[chunk_id] for chunk_id in chunk_ids if chunk_id in found]

    def _vector(self, question: str, pin: Pin, embedder: Embedder) -> npt.NDArray[np.float32] | None:
        """None where the encoder does not answer."""
        try:
            self._require_encoder(pin, embedder)
            vector: npt.NDArray[np.float32] = embedder.embed_queries([question])[0]
        except ModelUnavailable as error:
            logger.warning("searched by words alone", extra={"reason": error.reason.value})
            return None
        return vector

    def _reranked(
        self, reranker: Reranker, question: str, ranking: "_Ranking", passages: list[Passage]
    ) -> list[Passage]:
        """In the order as it was where the model does not answer."""
        try:
            relevance = reranker.relevance(question, [_as_read(passage) for passage in passages])
        except ModelUnavailable as error:
            logger.warning("searched without the reranker", extra={"reason": error.reason.value})
            return passages
        return ranking.reranked(passages, relevance)

    def _require_encoder(self, pin: Pin, embedder: Embedder) -> None:
        """Raises Unavailable where the generation is another encoder's."""
        if pin.generation_id not in self._compared:
            # Here and not in `pin`: to ask for an encoder's identity is to load it.
            generation = released(IndexGeneration.objects.filter(pk=pin.generation_id).first)
            if generation is None or identity_of(generation) != embedder.identity:
                raise Unavailable("encoder_changed")
            self._compared.add(pin.generation_id)


class _Ranking:
    """Candidates in the order of their blend."""

    def __init__(self, question: str, expansions: tuple[str, ...], candidates: Candidates, pin: Pin) -> None:
        language = language_of(question)
        self._question = question
        self._expansions = expansions
        self._candidates = candidates
        self._temperature = pin.temperature
        self._scores = blend(candidates.cosines, candidates.bm25, dense_weight(pin.dense_weight, language))
        self._by_chunk: dict[int, float] = dict(
            zip(candidates.chunk_ids.tolist(), self._scores.tolist(), strict=True)
        )
        # Candidates come by ascending id: equal scores keep that order.
        self._order = np.argsort(-self._scores, kind="stable")
        self._features = null_features(
            candidates.cosines, candidates.bm25, candidates.attainable, self._scores
        )
        judged_as = "other" if candidates.by_words_alone else language
        self._null = null_probability(self._features, null_weights(pin.null_weights, judged_as))

    def best(self, limit: int) -> list[int]:
        chosen: list[int] = self._candidates.chunk_ids[self._order[:limit]].tolist()
        return chosen

    def reranked(self, passages: list[Passage], relevance: npt.NDArray[np.float64]) -> list[Passage]:
        """By the product of the blend's p(z|x) and the reranker's p(answers | passage): the one is the prior of the
        other. In the scores' own unit, so that the temperature holds for both."""
        for passage, probability in zip(passages, relevance.tolist(), strict=True):
            self._by_chunk[passage.chunk_id] += self._temperature * math.log(probability)
        return sorted(passages, key=lambda passage: -self._by_chunk[passage.chunk_id])

    def retrieval(self, passages: list[Passage]) -> Retrieval:
        """Of the passages that are shown, so that the probabilities are exactly theirs."""
        scores = np.array([self._by_chunk[passage.chunk_id] for passage in passages])
        traced = self._order[:_TRACED]
        return Retrieval(
            passages=tuple(passages),
            probabilities=probabilities(scores, self._temperature),
            null_probability=self._null if passages else 1.0,
            trace=RetrievalTrace(
                query=self._question,
                visible_chunks=self._candidates.visible_chunks,
                legs=self._candidates.legs(),
                blended=tuple(
                    zip(
                        self._candidates.chunk_ids[traced].tolist(),
                        self._scores[traced].tolist(),
                        strict=True,
                    )
                ),
                facts=self._features,
                expansions=self._expansions,
            ),
        )


def _as_read(passage: Passage) -> str:
    """As the encoder had it: under its title and headings."""
    return "\n".join((passage.title, *passage.heading_path, passage.text))


def _nothing(question: str) -> Retrieval:
    trace = RetrievalTrace(query=question, visible_chunks=0)
    return Retrieval(passages=(), probabilities=(), null_probability=1.0, trace=trace)
