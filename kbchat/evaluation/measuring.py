"""One pass over golden questions as one viewer: search, then the whole answer, in this process."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from kbchat.access.viewing import viewing
from kbchat.answering.events import TextAdded, TurnFinished
from kbchat.answering.ports import Budget, Environment, Question
from kbchat.answering.strategies import strategy_for
from kbchat.core.deadline import Deadline
from kbchat.core.errors import Unavailable
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document
from kbchat.evaluation.comparing import contains_any
from kbchat.evaluation.golden import GoldenQuestion
from kbchat.indexing.encoders import Encoders
from kbchat.inference.ports import LanguageModel
from kbchat.retrieval.port import Pin, Retriever, Scope

SEARCHED: Final = 5
"""A page counts as found among so many passages of search."""


@dataclass(frozen=True, slots=True)
class Measured:
    """`found_at`: place, from 1, of the first passage from an expected page among those searched; None: not there.
    `trace`: the strategy's own numbers, for whoever looks for the reason."""

    question: GoldenQuestion
    found_at: int | None
    null_probability: float
    state: str
    answer: str
    contains_answer: bool
    seconds: float
    trace: list[dict[str, object]] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        return self.state == "refused"


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports under measurement. Without a model the quoting strategy answers."""

    retriever: Retriever
    encoders: Encoders
    model: LanguageModel | None = None


def measure(
    viewer: Viewer,
    questions: Sequence[GoldenQuestion],
    *,
    collection_id: UUID,
    tools: Tools,
    on_measured: Callable[[Measured], None] = lambda _: None,
) -> list[Measured]:
    """Blocking; `on_measured` hears of each question as it is done. Raises Unavailable."""
    pin = tools.retriever.pin()
    paths = _source_paths(viewer, collection_id)
    scope = Scope(collection_ids=(collection_id,))
    measured = []
    with asyncio.Runner() as answering:
        for question in questions:
            measured.append(_measured(viewer, question, pin, scope, paths, tools, answering))
            on_measured(measured[-1])
    return measured


def _measured(
    viewer: Viewer,
    question: GoldenQuestion,
    pin: Pin,
    scope: Scope,
    paths: dict[UUID, str],
    tools: Tools,
    answering: asyncio.Runner,
) -> Measured:
    started = time.monotonic()
    found = tools.retriever.retrieve(viewer, question.question, pin, limit=SEARCHED, scope=scope)
    if found.trace.by_words_alone:
        # Half a retriever is not what was to be measured.
        raise Unavailable("search_model_unavailable")
    places = [paths.get(passage.document_id, "") for passage in found.passages]
    budget = Budget()
    environment = Environment(
        retriever=tools.retriever,
        embedder=tools.encoders.of(pin.generation_id),
        pin=pin,
        deadline=Deadline.after(budget.seconds),
        model=tools.model,
        budget=budget,
    )
    asked = Question(viewer, question.question, scope=scope, collections=1)
    answer, state = answering.run(_answer(asked, environment))
    return Measured(
        question=question,
        found_at=next((n for n, path in enumerate(places, 1) if _is_among(path, question.pages)), None),
        null_probability=found.null_probability,
        state=state,
        answer=answer,
        contains_answer=state == "done" and contains_any(answer, question.answers),
        seconds=time.monotonic() - started,
        trace=environment.trace,
    )


async def _answer(question: Question, environment: Environment) -> tuple[str, str]:
    text, state = "", ""
    async for event in strategy_for(environment.model).run(question, environment):
        if isinstance(event, TextAdded):
            text += event.text
        elif isinstance(event, TurnFinished):
            state = event.state
    return text, state


def _source_paths(viewer: Viewer, collection_id: UUID) -> dict[UUID, str]:
    """Where each document that the viewer may read stood when it was imported."""
    with viewing(viewer):
        documents = Document.objects.filter(collection=collection_id, deleted_at__isnull=True)
        return dict(documents.values_list("pk", "source_path"))


def _is_among(path: str, pages: Sequence[str]) -> bool:
    """Whichever folder above the pages was imported."""
    return any(path == page or path.endswith(f"/{page}") for page in pages)
