"""Candidates in the order of their blend, and what is told of a search that was made of them. No database here."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from kbchat.analysis import language_of
from kbchat.retrieval.calibration import (
    dense_weight_across,
    null_weights,
    read_by_names_alone,
)
from kbchat.retrieval.candidates import Candidates
from kbchat.retrieval.fusion import blend, null_features, null_probability, probabilities
from kbchat.retrieval.port import Passage, Pin, Retrieval, RetrievalTrace


class Ranking:
    """Candidates in the order of their blend."""

    def __init__(self, question: str, expansions: tuple[str, ...], candidates: Candidates, pin: Pin) -> None:
        language = language_of(question)
        self._weight = pin.dense_weight_of(language)
        self._question = question
        self._expansions = expansions
        self._candidates = candidates
        self._temperature = pin.temperature
        across = {
            other: dense_weight_across(pin.dense_weight, language, other)
            for other in set(candidates.languages) - {language}
        }
        own_weights = np.array([across.get(each, self._weight) for each in candidates.languages])
        self._scores = blend(
            candidates.cosines, candidates.bm25, candidates.attainable, self._weight, own_weights
        )
        self._by_chunk: dict[int, float] = dict(
            zip(candidates.chunk_ids.tolist(), self._scores.tolist(), strict=True)
        )
        # Of equal scores the nearer first: where no word was found and vectors count nothing, it would be the oldest.
        # Candidates come by ascending id, an order that those keep that are equal in both.
        self._order = np.lexsort((-candidates.cosines, -self._scores))
        self._by_names_alone = read_by_names_alone(pin.dense_weight, language, candidates.present)
        self._features = null_features(
            candidates.cosines, candidates.bm25, candidates.attainable, self._scores, candidates.agreement
        )
        judged_as = "other" if candidates.by_words_alone else language
        self._null = null_probability(self._features, null_weights(pin.null_weights, judged_as))

    @property
    def chunk_ids(self) -> list[int]:
        """Of all candidates, best first."""
        ordered: list[int] = self._candidates.chunk_ids[self._order].tolist()
        return ordered

    def reranked(self, passages: list[Passage], relevance: npt.NDArray[np.float64]) -> list[Passage]:
        """By the product of the blend's p(z|x) and the reranker's p(answers | passage): the one is the prior of the
        other. In the scores' own unit, so that the temperature holds for both."""
        for passage, probability in zip(passages, relevance.tolist(), strict=True):
            self._by_chunk[passage.chunk_id] += self._temperature * math.log(probability)
        return sorted(passages, key=lambda passage: -self._by_chunk[passage.chunk_id])

    def retrieval(self, passages: list[Passage], milliseconds: Mapping[str, float], basis: str) -> Retrieval:
        """Of the passages that are shown, so that the probabilities are exactly theirs."""
        scores = np.array([self._by_chunk[passage.chunk_id] for passage in passages])
        return Retrieval(
            passages=tuple(passages),
            probabilities=probabilities(scores, self._temperature),
            null_probability=self._null if passages else 1.0,
            basis=basis,
            trace=RetrievalTrace(
                query=self._question,
                visible_chunks=self._candidates.visible_chunks,
                generation_id=self._candidates.generation_id,
                legs=self._candidates.legs(),
                attainable=self._candidates.attainable,
                facts=self._features,
                by_names_alone=self._by_names_alone,
                expansions=self._expansions,
                dense_weight=0.0 if self._candidates.by_words_alone else self._weight,
                milliseconds=dict(milliseconds),
            ),
        )


class Stopwatch:
    """How long each part of a search took."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}

    @contextmanager
    def timing(self, part: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.milliseconds[part] = (time.perf_counter() - started) * 1000
