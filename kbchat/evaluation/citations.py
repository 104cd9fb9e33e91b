"""Citation recall and precision as ALCE defines them (Gao et al., EMNLP 2023, section 4).

Recall: of the statements of an answer, the share that all they cite supports together; one that cites nothing is
supported by nothing. Precision: of the citations, the share that is needed; one is not needed where it does not support
its statement alone and the others support it without it, and no citation of an unsupported statement is. ALCE asks an
entailment model; who judges here is a port.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from kbchat.answering.claims.verifying import Verifier, is_factual
from kbchat.answering.events import Support
from kbchat.inference.ports import EntailmentModel
from kbchat.retrieval.port import Passage

_ENTAILED_FROM: Final = 0.5


class SupportJudge(Protocol):
    @property
    def name(self) -> str:
        """As a report names it."""

    def judge(self, statement: str, passages: Sequence[Passage], question: str) -> Support:
        """How far the passages together support the statement."""


class VerifierJudge:
    """The product's own check of claims: by words, numbers, dates, names and denial. It judges with the same means by
    which an answer's sentences are marked, so it is no second opinion."""

    name = "words and numbers (kbchat.answering.claims.verifying), no entailment model"

    def judge(self, statement: str, passages: Sequence[Passage], question: str) -> Support:
        offered = dict(enumerate(passages))
        return Verifier(offered, question).state(statement, offered.keys())


class EntailmentSupport:
    """A second opinion, as ALCE asks for it: does the text of all passages together entail the statement?"""

    name = "natural-language inference by the model that KBCHAT_CLAIM_JUDGE names"

    def __init__(self, model: EntailmentModel) -> None:
        self._model = model

    def judge(self, statement: str, passages: Sequence[Passage], question: str) -> Support:
        """Raises ModelUnavailable."""
        if not is_factual(statement):
            return "not_factual"
        together = "\n\n".join(passage.text for passage in passages)
        (p,) = self._model.entailment([together], statement)
        return "supported" if p >= _ENTAILED_FROM else "unsupported"


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer, and the numbers of the passages that it cites, each once."""

    text: str
    cited: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CitationFigures:
    """Counts of one answer. `statements`: those that state something."""

    statements: int
    supported: int
    citations: int
    needed: int

    @property
    def recall(self) -> float:
        return self.supported / self.statements if self.statements else 0.0

    @property
    def precision(self) -> float:
        return self.needed / self.citations if self.citations else 0.0


def citation_figures(
    statements: Sequence[Statement], passages: Mapping[int, Passage], question: str, judge: SupportJudge
) -> CitationFigures:
    """Raises KeyError for a citation of a passage that is not among `passages`."""
    stating = supported = citations = needed = 0
    for statement in statements:
        found = _support(statement, statement.cited, passages, question, judge)
        if found == "not_factual":
            continue
        stating += 1
        citations += len(statement.cited)
        if found == "supported" and statement.cited:
            supported += 1
            needed += sum(
                _is_needed(statement, number, passages, question, judge) for number in statement.cited
            )
    return CitationFigures(stating, supported, citations, needed)


def _is_needed(
    statement: Statement,
    number: int,
    passages: Mapping[int, Passage],
    question: str,
    judge: SupportJudge,
) -> bool:
    others = tuple(other for other in statement.cited if other != number)
    if not others or _support(statement, (number,), passages, question, judge) == "supported":
        return True
    return _support(statement, others, passages, question, judge) != "supported"


def _support(
    statement: Statement,
    cited: Sequence[int],
    passages: Mapping[int, Passage],
    question: str,
    judge: SupportJudge,
) -> Support:
    return judge.judge(statement.text, [passages[number] for number in cited], question)
