"""The searching half of a turn: search, show the sources, judge, and search again for what is missing.

Passages get their numbers here, once, best first within a round; what the viewer can no longer read when it
is fetched again disappears. Retriever and encoder block, so they run in threads.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Final

from kbchat.answering.events import AnswerEvent, Judged, SearchStarted, Source, SourcesFound
from kbchat.answering.evidence import Verdict
from kbchat.answering.offering import source_of
from kbchat.answering.ports import Environment, Question
from kbchat.answering.weighing import Weighing, merged, weigh
from kbchat.retrieval.port import LegTrace, Passage, Retrieval, RetrievalTrace

# The words as typed count less than the standalone query that was made of them.
_AS_TYPED: Final = 0.5

Judge = Callable[["Gathering"], Awaitable[Verdict]]


class Gathering:
    """What one turn has found: `offered` passages by number, the `weighing` of them, the last `verdict`.

    `standalone`: the question, or its parts, as understood without the conversation; `translations`: the same in
    another language. A round brings at most `passages`."""

    def __init__(
        self,
        question: Question,
        environment: Environment,
        queries: Sequence[str],
        *,
        passages: int,
        translations: Sequence[str] = (),
    ) -> None:
        self.offered: dict[int, Passage] = {}
        self.weighing: Weighing | None = None
        self.verdict = Verdict(enough=False)
        self.rounds = 0
        self._question = question
        self._environment = environment
        self.standalone = tuple(queries[1:] or queries)
        self._asked = (*self.standalone, *translations)
        self._next = [
            (query, 1.0 if query in self._asked else _AS_TYPED) for query in (*queries, *translations)
        ]
        self._weights: dict[int, float] = {}
        self._legs: list[LegTrace] = []
        self._ranks: dict[int, dict[str, int]] = {}
        self._generations: set[int] = set()
        self._by_words_alone = False
        self._by_names_alone: tuple[str, ...] = ()
        self._null_probability = 1.0
        self._most = passages
        self._numbered = 0

    @property
    def may_search_again(self) -> bool:
        return self.rounds < self._environment.budget.max_rounds and not self._environment.deadline.has_passed

    async def run(self, judge: Judge) -> AsyncGenerator[AnswerEvent, None]:
        """Rounds until there is enough, nothing new, or no budget."""
        while self._next:
            self.rounds += 1
            yield SearchStarted(round=self.rounds, collections=self._question.collections)
            found = await asyncio.to_thread(self._search)
            yield SourcesFound(
                round=self.rounds,
                sources=[self._source(number) for number in found],
                by_words_alone=self._by_words_alone,
                by_names_alone=list(self._by_names_alone),
            )
            await self.refresh()
            self.weighing = await asyncio.to_thread(self._weigh)
            self.verdict = await judge(self)
            yield Judged(enough=self.verdict.enough, missing=self.verdict.missing)
            self._record()
            # A round that brought nothing new ends the loop: the next would bring nothing either.
            again = self.verdict.missing if found and self.may_search_again else None
            self._next = [(again, 1.0)] if again else []

    async def refresh(self) -> None:
        """Reads the passages again under the viewer; those he may not read any more are offered no longer."""
        numbers = {passage.chunk_id: number for number, passage in self.offered.items()}
        if numbers:
            fetch = self._environment.retriever.fetch
            visible = await asyncio.to_thread(fetch, self._question.viewer, list(numbers))
            self.offered = {
                numbers[passage.chunk_id]: passage for passage in visible if passage.chunk_id in numbers
            }

    def _source(self, number: int) -> Source:
        passage = self.offered[number]
        return source_of(number, passage, self._ranks.get(passage.chunk_id, {}))

    def _search(self) -> list[int]:
        """Asks every pending query and numbers what is new; returns the new numbers."""
        environment, question = self._environment, self._question
        known = {passage.chunk_id for passage in self.offered.values()}
        best: dict[int, Passage] = {}
        by_names: list[frozenset[str]] = []
        for query, weight in self._next:
            retrieval = environment.retriever.retrieve(
                question.viewer,
                query,
                environment.pin,
                limit=self._most,
                scope=question.scope,
                as_of=question.as_of,
                exclude_chunks=known,
                deadline=environment.deadline,
            )
            if (searched := retrieval.trace.generation_id) is not None:
                self._generations.add(searched)
            self._by_words_alone |= retrieval.trace.by_words_alone
            by_names.append(frozenset(retrieval.trace.by_names_alone))
            if weight == 1.0:
                self._null_probability = min(self._null_probability, retrieval.null_probability)
            if self.standalone == (query,):
                self._legs += retrieval.trace.legs
            self._rank(retrieval.trace.legs)
            for passage, p in zip(retrieval.passages, retrieval.probabilities, strict=True):
                best[passage.chunk_id] = passage
                self._weights[passage.chunk_id] = max(self._weights.get(passage.chunk_id, 0.0), weight * p)
        # In the language of any of the queries other words are found, too.
        self._by_names_alone = tuple(sorted(frozenset[str].intersection(*by_names)))
        ordered = sorted(best, key=lambda chunk: -self._weights[chunk])[: self._most]
        new = dict(enumerate((best[chunk] for chunk in ordered), self._numbered + 1))
        self._numbered += len(new)
        self.offered |= new
        return list(new)

    def _rank(self, legs: Sequence[LegTrace]) -> None:
        """Remembers the best place that a query brought each chunk to, by leg."""
        for leg in legs:
            for chunk, rank in leg.ranks.items():
                ranks = self._ranks.setdefault(chunk, {})
                ranks[leg.leg] = min(rank, ranks.get(leg.leg, rank))

    def _weigh(self) -> Weighing:
        """Weighs what is visible, strongest passages first, for each standalone query."""
        passages = sorted(self.offered.values(), key=lambda passage: -self._weights[passage.chunk_id])
        total = sum(self._weights[passage.chunk_id] for passage in passages) or 1.0
        retrieval = Retrieval(
            passages=tuple(passages),
            probabilities=tuple(self._weights[passage.chunk_id] / total for passage in passages),
            null_probability=self._null_probability,
            trace=RetrievalTrace(self.standalone[0], 0, legs=tuple(self._legs)),
        )
        embedder = None if self._environment.deadline.has_passed else self._environment.embedder
        return merged([weigh(query, retrieval, self._environment.pin, embedder) for query in self._asked])

    def _record(self) -> None:
        """For administrators, never for a client: the numbers behind the verdict."""
        self._environment.trace.append(
            {
                "step": "judged",
                "round": self.rounds,
                "queries": [query for query, _ in self._next],
                "generations": sorted(self._generations),
                "chunks": {number: passage.chunk_id for number, passage in self.offered.items()},
                "null_probability": self._null_probability,
                "probability": self.weighing.probability if self.weighing else 0.0,
                "features": dict(self.weighing.features) if self.weighing else {},
                "judge": self.verdict.judge,
                "enough": self.verdict.enough,
            }
        )
