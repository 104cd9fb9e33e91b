"""One pass over cases: each asked in this process, and what its answer showed, said and cited."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from kbchat.access.readership import readership_of_one
from kbchat.answering.events import Source
from kbchat.answering.ports import Budget, Environment, Question
from kbchat.answering.strategies import strategy_for
from kbchat.core.deadline import Deadline
from kbchat.evaluation.cases import Case
from kbchat.evaluation.citations import CitationFigures, SupportJudge, citation_figures
from kbchat.evaluation.comparing import contains_any
from kbchat.evaluation.hearing import heard
from kbchat.evaluation.leaking import leaked
from kbchat.evaluation.withholding import WithoutDocuments
from kbchat.indexing.encoders import Encoders
from kbchat.inference.ports import LanguageModel
from kbchat.retrieval.port import Pin, Retriever

_ANSWERED = frozenset({"done", "truncated"})


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports under measurement. `writer`: the model that writes the answer to a case; None: its answer is quotes."""

    retriever: Retriever
    encoders: Encoders
    judge: SupportJudge
    writer: Callable[[Case], LanguageModel | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Measured:
    """`found_at`: for each thing that an answer needs, the place from 1 of the first passage that has it among those
    shown. `contains_answer` None: no words are expected. `cited`: how many citations, `on_expected` of which are of
    expected documents.
    `verified`: how many sentences the answer itself marked how. `leaks`: versions shown that were not the reader's.
    `disagreements`: sentences of two sources that were told to say different things.
    `probability`: that anything answers, by which it was decided. `seconds`: by step."""

    id: str
    set: str
    question: str
    is_answerable: bool
    state: str
    answer: str
    found_at: list[int | None]
    contains_answer: bool | None
    citations: CitationFigures
    cited: int
    on_expected: int
    verified: dict[str, int]
    leaks: list[str]
    disagreements: list[list[str]]
    probability: float
    seconds: dict[str, float]
    trace: list[dict[str, object]] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        return self.state in _ANSWERED

    @property
    def is_right(self) -> bool:
        """Refused where nothing answers; elsewhere answered, with the expected words where some are."""
        if not self.is_answerable:
            return self.state == "refused"
        return self.is_answered and self.contains_answer is not False

    def recall(self, at: int) -> float:
        """The share of what an answer needs that is among the first `at` passages."""
        return sum(rank is not None and rank <= at for rank in self.found_at) / len(self.found_at)


def measure(
    cases: Sequence[Case],
    pin: Pin,
    tools: Tools,
    answering: asyncio.Runner,
    *,
    on_measured: Callable[[Measured], object] = lambda _: None,
) -> list[Measured]:
    """Blocking; answers are made in `answering`'s loop, and `on_measured` hears of each as it is done. Raises
    Unavailable."""
    measured = []
    for case in cases:
        measured.append(_measured(case, pin, tools, answering))
        on_measured(measured[-1])
    return measured


def _measured(case: Case, pin: Pin, tools: Tools, answering: asyncio.Runner) -> Measured:
    budget = Budget()
    environment = Environment(
        retriever=WithoutDocuments(tools.retriever, case.excluded),
        embedder=tools.encoders.of(pin.generation_id),
        pin=pin,
        deadline=Deadline.after(budget.seconds),
        model=tools.writer(case),
        budget=budget,
        own_salt=readership_of_one(case.reader.viewer),
    )
    asked = Question(case.reader.viewer, case.question, scope=case.reader.scope, collections=1)
    turn = answering.run(heard(strategy_for(environment.model).run(asked, environment)))
    state = turn.finished.state
    answer = turn.text if state in _ANSWERED else ""
    expected = frozenset[UUID]().union(*case.expected)
    return Measured(
        id=case.id,
        set=case.set,
        question=case.question,
        is_answerable=case.is_answerable,
        state=state,
        answer=answer,
        found_at=[_first(turn.sources, documents) for documents in case.expected],
        contains_answer=contains_any(answer, case.answers) if case.answers else None,
        citations=citation_figures(turn.statements, turn.passages, case.question, tools.judge),
        cited=len(turn.citations),
        on_expected=sum(UUID(citation.document_id) in expected for citation in turn.citations),
        verified=turn.states,
        leaks=[source.version_id for source in leaked(case, turn.sources)],
        disagreements=turn.disagreements,
        probability=_probability(environment.trace),
        seconds=turn.seconds,
        trace=environment.trace,
    )


def _first(shown: Sequence[Source], documents: frozenset[UUID]) -> int | None:
    return next((n for n, source in enumerate(shown, 1) if UUID(source.document_id) in documents), None)


def _probability(trace: Sequence[dict[str, object]]) -> float:
    """Of the last round; 0 where nothing was searched for."""
    told = [step["probability"] for step in trace if step.get("step") == "judged"]
    return float(str(told[-1])) if told else 0.0
