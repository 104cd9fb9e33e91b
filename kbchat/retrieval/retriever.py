"""The one door to passages, on PostgreSQL: question → vector → candidates → blend → passages under the viewer.

The question is embedded before the transaction opens, so that no connection is held while a model thinks.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Collection as AbstractCollection
from datetime import date
from itertools import islice
from typing import Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.analysis import Glossary, analyse, expand_query, in_all_names, other_names
from kbchat.core.database_threads import released
from kbchat.core.deadline import Deadline
from kbchat.core.typed_text import storable
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import Encoders
from kbchat.indexing.generations import active_generation, kept_generation
from kbchat.indexing.models import GenerationState, IndexGeneration
from kbchat.inference.ports import ModelUnavailable, Reranker
from kbchat.inference.remembered_questions import RememberedQuestions
from kbchat.retrieval.calibration import calibration_of
from kbchat.retrieval.candidates import find_candidates
from kbchat.retrieval.dense import Vectors
from kbchat.retrieval.diversity import distinct, diverse
from kbchat.retrieval.inverted_index import InvertedIndexes
from kbchat.retrieval.neighbours import surroundings
from kbchat.retrieval.passages import passages_by_id
from kbchat.retrieval.port import EVERYTHING, Passage, Pin, Retrieval, RetrievalTrace, Scope, Surroundings
from kbchat.retrieval.ranking import Ranking, Stopwatch
from kbchat.retrieval.time_limit import time_limit
from kbchat.retrieval.visible import visible_set

logger = logging.getLogger(__name__)

# Characters of a question that are read; what is longer is a pasted document.
_LONGEST_QUESTION: Final = 16_384
# Passages for each that is shown, at most: some are beyond the share of their document.
_LOOKED_AT: Final = 2
# Passages that a reranker reads with the question.
_RERANKED: Final = 40


class PostgresRetriever:
    """Implements port.TellingRetriever. Threads may share it. Without encoders it ranks by words alone. `glossary`
    gives the company's names for things as they are now; `reranker` reads the best passages again, together with the
    question. `indexes`: what the process has read already; retrievers may share it."""

    def __init__(
        self,
        encoders: Encoders | None,
        glossary: Callable[[], Glossary] = Glossary,
        reranker: Reranker | None = None,
        indexes: InvertedIndexes | None = None,
    ) -> None:
        self._encoders = encoders
        self._questions = RememberedQuestions()
        self._glossary = glossary
        self._reranker = reranker
        self._pinned: int | None = None
        self._indexes = InvertedIndexes() if indexes is None else indexes

    def pin(self, generation_id: int | None = None) -> Pin:
        generation = kept_generation(generation_id) if generation_id else self._answering(active_generation())
        calibration = calibration_of(generation.encoder, generation.dense_weights, generation.calibration)
        return Pin(
            generation_id=generation.pk,
            encoder=generation.encoder,
            encoder_revision=generation.encoder_revision,
            temperature=calibration.temperature,
            dense_weight=calibration.dense_weights,
            null_weights=calibration.null_weights,
            answer_from=calibration.answer_from,
            glossary=self._glossary(),
            vectors=generation.vectors,
            has_vector_index=generation.has_vector_index,
            filled=generation.filled,
        )

    def basis(self, viewer: Viewer, pin: Pin) -> str:
        with viewing(viewer):
            visible = visible_set(
                viewer, scope=EVERYTHING, as_of=timezone.localdate(), exclude_documents=(), exclude_chunks=()
            )
            reading = self._indexes.of(pin.generation_id, pin.filled).read(visible, ())
        return self._with_models(reading.basis())

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
        clock = Stopwatch()
        vector = None
        if self._encoders:
            with clock.timing("encoder"):
                vector = self._vector(viewer, in_all_names(question, pin.glossary), pin, self._encoders)
        names = other_names(question, pin.glossary)
        with clock.timing("database"), viewing(viewer), time_limit(deadline):
            visible = visible_set(
                viewer,
                scope=scope,
                as_of=as_of or timezone.localdate(),
                exclude_documents=exclude_documents,
                exclude_chunks=exclude_chunks,
            )
            index = self._indexes.of(pin.generation_id, pin.filled)
            vectors = Vectors(pin.generation_id, pin.vectors, has_graph=pin.has_vector_index)
            candidates = find_candidates(index, vectors, visible, question, vector, names)
            ranking = Ranking(question, expansions, candidates, pin)
            if self._reranker:
                most = max(limit * _LOOKED_AT, _RERANKED)
                passages = list(islice(distinct(_read(ranking.chunk_ids, most)), most))
            else:
                ranked = distinct(_read(ranking.chunk_ids, limit + limit // 4))
                passages = diverse(islice(ranked, limit * _LOOKED_AT), limit)
        have_answered = vector is not None or not self._encoders
        if self._reranker:
            with clock.timing("reranker"):
                relevance = self._relevance(self._reranker, question, passages)
            have_answered = have_answered and relevance is not None
            # In the order as it was where the model does not answer.
            ordered = passages if relevance is None else ranking.reranked(passages, relevance)
            passages = diverse(ordered, limit)
        basis = self._with_models(candidates.basis) if have_answered else ""
        return ranking.retrieval(passages, clock.milliseconds, basis)

    def fetch(self, viewer: Viewer, chunk_ids: Sequence[int]) -> list[Passage]:
        with viewing(viewer):
            found = passages_by_id(chunk_ids)
        return [found[chunk_id] for chunk_id in chunk_ids if chunk_id in found]

    def around(self, viewer: Viewer, chunk_ids: Sequence[int]) -> dict[int, Surroundings]:
        with viewing(viewer):
            return surroundings(chunk_ids)

    def _answering(self, active: IndexGeneration) -> IndexGeneration:
        """The active one. Until its encoder is loaded here, the one that answered before, which is kept up to date:
        nobody waits for a change of generation."""
        before = self._pinned
        if before is not None and before != active.pk and self._encoders:
            kept = IndexGeneration.objects.filter(pk=before, state=GenerationState.READY).first()
            if kept and not self._encoders.at_hand(active.pk, instead_of=before):
                return kept
        self._pinned = active.pk
        return active

    def _vector(
        self, viewer: Viewer, question: str, pin: Pin, encoders: Encoders
    ) -> npt.NDArray[np.float32] | None:
        """None where the encoder does not answer."""
        try:
            # Here and not in `pin`: to compare an encoder is to load it.
            return self._questions.vector(viewer, question, released(encoders.compared, pin.generation_id))
        except ModelUnavailable as error:
            logger.warning("searched by words alone", extra={"reason": error.reason.value})
            return None

    def _relevance(
        self, reranker: Reranker, question: str, passages: list[Passage]
    ) -> npt.NDArray[np.float64] | None:
        """None where the model does not answer."""
        try:
            return reranker.relevance(question, [_as_read(passage) for passage in passages])
        except ModelUnavailable as error:
            logger.warning("searched without the reranker", extra={"reason": error.reason.value})
            return None

    def _with_models(self, basis: str) -> str:
        """Retrievers that share what was read need not rank alike."""
        return f"{basis} {self._encoders is not None} {self._reranker is not None}"


def _read(ranked: Sequence[int], at_a_time: int) -> Iterator[Passage]:
    """Passages in the order of `ranked`, without those that may not be read, so many in one statement. What is not
    taken is not read. Inside `viewing`."""
    for start in range(0, len(ranked), at_a_time):
        part = ranked[start : start + at_a_time]
        found = passages_by_id(part)
        yield from (found[chunk] for chunk in part if chunk in found)


def _as_read(passage: Passage) -> str:
    """As the encoder had it: under its title and headings."""
    return "\n".join((passage.title, *passage.heading_path, passage.text))


def _nothing(question: str) -> Retrieval:
    trace = RetrievalTrace(query=question, visible_chunks=0)
    return Retrieval(passages=(), probabilities=(), null_probability=1.0, trace=trace)
