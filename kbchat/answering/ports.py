"""What a strategy is, and all that it may touch: an environment of ports, so that all of it runs on fakes."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from uuid import UUID

from kbchat.analysis import Language
from kbchat.answering.events import AnswerEvent
from kbchat.core.deadline import Deadline
from kbchat.core.viewer import Viewer
from kbchat.inference.ports import Embedder, EntailmentModel, LanguageModel
from kbchat.retrieval.port import EVERYTHING, Passage, Pin, Retriever, Scope


@dataclass(frozen=True, slots=True)
class PastTurn:
    """An earlier question and the answer, as far as the viewer may still read it ("" when masked). `documents`: titles
    of those that the answer cites."""

    question: str
    answer: str = ""
    documents: tuple[str, ...] = ()


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

    `passages` are those of a round: a model is given as many of them as `passage_tokens` and its window hold.
    `neighbour_tokens`: of what stands around them, for a model. `thinking_tokens`: besides the answer's, for one that
    thinks before it writes."""

    max_rounds: int = 3
    passages: int = 24
    passages_to_quote: int = 16
    passage_tokens: int = 5000
    neighbour_tokens: int = 1000
    answer_tokens: int = 1024
    thinking_tokens: int = 0
    seconds: float = 120.0


Owners = Callable[[Sequence[UUID]], Awaitable[Sequence[tuple[str, Sequence[str]]]]]
"""Of these collections those that the asker sees, by name, with the names of who owns them."""

Languages = Callable[[], Awaitable[Collection[Language]]]
"""Those of the documents that the asker may read in the question's scope."""

Readership = Callable[[Sequence[Passage]], Awaitable[str]]
"""The name of all who may read every one of these passages."""


@dataclass(frozen=True, slots=True)
class Environment:
    """`own_salt`, `readership`: under which names a model's server may remember prompts, of the asker alone and of all
    who may read the same passages; without them it shares them with nobody. `owners`: whom a refusal may name; without
    it nobody. `languages`: into which a question may be translated; without it into none. `entailment`: looks again at
    what an answer claims; without it the model that writes does, where `model_verifies`."""

    retriever: Retriever
    embedder: Embedder
    pin: Pin
    deadline: Deadline
    model: LanguageModel | None = None
    budget: Budget = Budget()
    fence: Callable[[], str] | None = None
    own_salt: str = ""
    readership: Readership | None = None
    owners: Owners | None = None
    languages: Languages | None = None
    entailment: EntailmentModel | None = None
    model_verifies: bool = False
    trace: list[dict[str, object]] = field(default_factory=list)


class AnswerStrategy(Protocol):
    name: str

    def run(self, question: Question, environment: Environment) -> AsyncGenerator[AnswerEvent, None]:
        """Events from TurnStarted to exactly one TurnFinished. Closing it cancels what runs upstream."""
