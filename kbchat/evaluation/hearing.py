"""A turn as somebody with a watch hears it: its events with their times, and what they say together."""

import time
from collections import Counter
from collections.abc import AsyncIterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from kbchat.analysis import language_of
from kbchat.answering.events import (
    AnswerEvent,
    CitationAdded,
    Judged,
    QueriesRewritten,
    SentenceVerified,
    Source,
    SourcesDisagree,
    SourcesFound,
    TextAdded,
    TextWithdrawn,
    TurnFinished,
)
from kbchat.core.errors import Unavailable
from kbchat.core.text import Span
from kbchat.evaluation.citations import Statement
from kbchat.retrieval.port import Passage

STEPS: Final = {
    QueriesRewritten: "deciding",
    SourcesFound: "searching",
    Judged: "judging",
    TurnFinished: "writing",
}
"""Which step an event ends."""

_UNTOLD: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class HeardTurn:
    """`times`: seconds after which each of the `events` came."""

    events: tuple[AnswerEvent, ...]
    times: tuple[float, ...]

    @property
    def finished(self) -> TurnFinished:
        return next(event for event in self.events if isinstance(event, TurnFinished))

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextAdded))

    @property
    def sources(self) -> list[Source]:
        """In the order in which they were shown."""
        return [
            source for event in self.events if isinstance(event, SourcesFound) for source in event.sources
        ]

    @property
    def citations(self) -> list[CitationAdded]:
        return [event for event in self.events if isinstance(event, CitationAdded)]

    @property
    def disagreements(self) -> list[list[str]]:
        """What two sources were told to say differently, each time both."""
        found = [event for event in self.events if isinstance(event, SourcesDisagree)]
        return [[event.one.quote, event.other.quote] for event in found]

    @property
    def states(self) -> dict[str, int]:
        """How many sentences that were not withdrawn were found how far supported."""
        return dict(Counter(event.state for event in self._verified))

    @property
    def statements(self) -> list[Statement]:
        """Its verified sentences, each with the citations that no sentence before it had."""
        text, citations, found, before = self.text, self.citations, [], -1
        for event in self._verified:
            start, end = event.range.start, event.range.end
            cited = [each.source for each in citations if before < each.at <= end]
            found.append(Statement(text[start:end], tuple(dict.fromkeys(cited))))
            before = end
        return found

    @property
    def _verified(self) -> list[SentenceVerified]:
        cuts = [event.range for event in self.events if isinstance(event, TextWithdrawn)]
        return [
            event
            for event in self.events
            if isinstance(event, SentenceVerified)
            and not any(cut.start <= event.range.start and event.range.end <= cut.end for cut in cuts)
        ]

    @property
    def passages(self) -> dict[int, Passage]:
        """By the number under which they were offered, with what was cited of their neighbours."""
        found = {source.number: _passage(source) for source in self.sources}
        for citation in self.citations:
            passage = found[citation.source]
            if citation.quote not in passage.text:
                found[citation.source] = replace(passage, text=f"{passage.text}\n\n{citation.quote}")
        return found

    @property
    def seconds(self) -> dict[str, float]:
        """Of each step, all rounds together; until the first word, where there was one; of the whole."""
        took: dict[str, float] = {}
        before = 0.0
        for at, event in zip(self.times, self.events, strict=True):
            if isinstance(event, TextAdded):
                took.setdefault("first word", at)
            if step := STEPS.get(type(event)):
                took[step] = took.get(step, 0.0) + at - before
                before = at
        return {**took, "whole": self.times[-1]}


async def heard(events: AsyncIterable[AnswerEvent]) -> HeardTurn:
    """Raises Unavailable where the encoder did not answer: half a retriever is not what is measured."""
    started, told = time.monotonic(), []
    async for event in events:
        if isinstance(event, SourcesFound) and event.by_words_alone:
            raise Unavailable("search_model_unavailable")
        told.append((event, time.monotonic() - started))
    return HeardTurn(tuple(event for event, _ in told), tuple(at for _, at in told))


def _passage(source: Source) -> Passage:
    """As far as the source tells."""
    return Passage(
        chunk_id=source.number,
        collection_id=_UNTOLD,
        document_id=UUID(source.document_id),
        version_id=UUID(source.version_id),
        title=source.title,
        collection_name=source.collection_name,
        heading_path=tuple(source.heading_path),
        text=source.quote,
        span=Span(source.start, source.end),
        page=source.page,
        language=language_of(source.quote),
        effective_from=date.fromisoformat(source.effective_from),
        ordinal=0,
    )
