"""What a strategy is, and all that it may touch: an environment of ports, so that all of it runs on fakes."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from kbchat.answering.events import AnswerEvent
from kbchat.core.deadline import Deadline
from kbchat.core.viewer import Viewer
from kbchat.inference.ports import Embedder, LanguageModel
from kbchat.retrieval.port import EVERYTHING, Pin, Retriever, Scope


@dataclass(frozen=True, slots=True)
class PastTurn:
    """An earlier question and the answer, as far as the viewer may still read it ("" when masked)."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `history`: oldest first. `collections`: how many the viewer can search in this scope.
    `quotes_only`: by the sentences of the documents, also where there is a model."""

    viewer: Viewer
    text: str
    history: tuple[PastTurn, ...] = ()
    scope: Scope = EVERYTHING
    as_of: date | None = None
    collections: int = 0
    quotes_only: bool = False

    @property
    def said(self) -> tuple[str, ...]:
        """The asker's words, the latest first."""
        return (self.text, *(turn.question for turn in reversed(self.history)))


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds of one turn. A strategy that runs out still finishes with its best answer or a refusal.

    `passages` are those of a round; who quotes reads more of them than a model is given. `neighbour_tokens`: of what
    stands around them, for a model."""

    max_rounds: int = 3
    passages: int = 8
    passages_to_quote: int = 16
    passage_tokens: int = 3000
    neighbour_tokens: int = 1000
    answer_tokens: int = 1024
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Environment:
    retriever: Retriever
    embedder: Embedder
    pin: Pin
    deadline: Deadline
    model: LanguageModel | None = None
    budget: Budget = Budget()
    fence: Callable[[], str] | None = None
    trace: list[dict[str, object]] = field(default_factory=list)


class AnswerStrategy(Protocol):
    name: str

    def run(self, question: Question, environment: Environment) -> AsyncGenerator[AnswerEvent, None]:
        """Events from TurnStarted to exactly one TurnFinished. Closing it cancels what runs upstream."""
