"""Passages in memory and a retriever over them, for the tests of the answering room."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from kbchat.analysis import analyse, language_of
from kbchat.answering.events import AnswerEvent, TextAdded
from kbchat.answering.ports import AnswerStrategy, Budget, Environment, Question
from kbchat.core.deadline import Deadline
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.inference.ports import LanguageModel
from kbchat.inference.scripted import HashEmbedder
from kbchat.retrieval.port import EVERYTHING, Passage, Pin, Retrieval, RetrievalTrace, Scope, Surroundings

NAMES = UUID("11111111-2222-3333-4444-555555555555")
VIEWER = Viewer(user_id=uuid5(NAMES, "viewer"))
PIN = Pin(1, "hashed-words", "1", 0.1, {"en": 0.5, "zh": 0.5})


def passage(
    text: str,
    *,
    title: str = "Handbook",
    headings: tuple[str, ...] = (),
    number: int = 0,
    start: int = 100,
    in_force: date = date(2025, 1, 1),
) -> Passage:
    """A passage of a document named by its title. `start` is its place in the version's text."""
    return Passage(
        chunk_id=number or abs(hash((title, text))) % 10**9,
        collection_id=uuid5(NAMES, "collection"),
        document_id=uuid5(NAMES, title),
        version_id=uuid5(NAMES, f"{title} v1"),
        title=title,
        collection_name="Policies",
        heading_path=headings,
        text=text,
        span=Span(start, start + len(text)),
        page=None,
        language=language_of(text),
        effective_from=in_force,
        ordinal=0,
    )


@dataclass
class MemoryRetriever:
    """Ranks by shared terms. `hidden` passages are never returned; `asked` and `fetched` remember the
    calls."""

    passages: list[Passage]
    hidden: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    fetched: list[tuple[int, ...]] = field(default_factory=list)
    surroundings: dict[int, Surroundings] = field(default_factory=dict)

    def pin(self) -> Pin:
        return PIN

    def retrieve(
        self,
        viewer: Viewer,
        query: str,
        pin: Pin,
        *,
        limit: int,
        scope: Scope = EVERYTHING,
        as_of: date | None = None,
        exclude_documents: Collection[UUID] = (),
        exclude_chunks: Collection[int] = (),
        deadline: Deadline | None = None,
    ) -> Retrieval:
        self.asked.append(query)
        terms = set(analyse(query))
        visible = [p for p in self.passages if p.chunk_id not in self.hidden | set(exclude_chunks)]
        shares = {p.chunk_id: self._share(terms, p) for p in visible}
        found = sorted(visible, key=lambda p: -shares[p.chunk_id])[:limit]
        total = sum(shares[p.chunk_id] for p in found) or 1.0
        best = max(shares.values(), default=0.0)
        return Retrieval(
            tuple(found),
            tuple(shares[p.chunk_id] / total for p in found),
            1 - best,
            RetrievalTrace(query=query, visible_chunks=len(visible)),
        )

    def fetch(self, viewer: Viewer, chunk_ids: Sequence[int]) -> list[Passage]:
        self.fetched.append(tuple(chunk_ids))
        by_id = {p.chunk_id: p for p in self.passages if p.chunk_id not in self.hidden}
        return [by_id[chunk] for chunk in chunk_ids if chunk in by_id]

    def around(self, viewer: Viewer, chunk_ids: Sequence[int]) -> dict[int, Surroundings]:
        shown = [chunk for chunk in chunk_ids if chunk not in self.hidden]
        return {chunk: self.surroundings[chunk] for chunk in shown if chunk in self.surroundings}

    @staticmethod
    def _share(terms: set[str], found: Passage) -> float:
        said = set(analyse("\n".join((found.title, *found.heading_path, found.text))))
        return 0.01 + 0.98 * len(terms & said) / max(1, len(terms))


def environment(
    retriever: MemoryRetriever,
    model: LanguageModel | None = None,
    *,
    budget: Budget | None = None,
    seconds: float = 60,
) -> Environment:
    return Environment(
        retriever=retriever,
        embedder=HashEmbedder(),
        pin=PIN,
        deadline=Deadline.after(seconds),
        model=model,
        budget=budget or Budget(),
        fence=lambda: "fence0000",
    )


async def run(strategy: AnswerStrategy, question: Question | str, given: Environment) -> list[AnswerEvent]:
    """All events of one turn."""
    asked = question if isinstance(question, Question) else Question(VIEWER, question, collections=1)
    return [event async for event in strategy.run(asked, given)]


def text_of(events: Sequence[AnswerEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextAdded))
