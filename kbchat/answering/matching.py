"""Which words of a question a statement, its surroundings and its passage have, and how much each word tells.

Words are the terms of kbchat.analysis. Knows no vectors and decides nothing.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kbchat.analysis import analyse
from kbchat.answering.statements import Statement
from kbchat.core.text import Span
from kbchat.retrieval.port import Passage

Terms = frozenset[str]


@dataclass(frozen=True, slots=True)
class Matching:
    """Terms of each statement: its `own`, those `near` it (neighbours, lead-in, headings), those of its
    passage.

    `weights` holds the question's words. A word weighs by its inverse frequency among these statements: what
    all of them say tells them apart little, and a word that none of them has weighs most.
    """

    own: tuple[Terms, ...]
    near: tuple[Terms, ...]
    passage: tuple[Terms, ...]
    weights: dict[str, float]

    @classmethod
    def of(cls, question: str, statements: Sequence[Statement], passages: Sequence[Passage]) -> "Matching":
        asked = frozenset(analyse(question))
        own = tuple(_terms(statement, passages[statement.passage]) for statement in statements)
        context = [_context(statement, passages[statement.passage]) for statement in statements]
        held = [
            Terms().union(*_of_passage(number, statements, own, context)) for number in range(len(passages))
        ]
        near = (_neighbours(place, statements, own) | context[place] for place in range(len(statements)))
        return cls(
            own, tuple(near), tuple(held[statement.passage] for statement in statements), _weights(asked, own)
        )

    def share(self, terms: Iterable[str]) -> float:
        """The weighted share of the question's words that are among `terms`."""
        total = sum(self.weights.values())
        return sum(self.weights.get(term, 0.0) for term in terms) / total if total else 0.0


def _weights(asked: Terms, own: Sequence[Terms]) -> dict[str, float]:
    frequency = Counter(term for terms in own for term in terms & asked)
    return {
        term: math.log(1 + (len(own) - frequency[term] + 0.5) / (frequency[term] + 0.5))
        for term in sorted(asked)
    }


def _terms(statement: Statement, passage: Passage) -> Terms:
    header = _slice(passage, statement.header)
    return frozenset(analyse(f"{header}\n{statement.text}"))


def _context(statement: Statement, passage: Passage) -> Terms:
    lead_in = _slice(passage, statement.lead_in)
    return frozenset(analyse("\n".join((passage.title, *passage.heading_path, statement.heading, lead_in))))


def _slice(passage: Passage, span: Span | None) -> str:
    return passage.text[span.start : span.end] if span else ""


def _neighbours(place: int, statements: Sequence[Statement], own: Sequence[Terms]) -> Terms:
    """Terms of the statement and of those beside it in its passage."""
    beside = (
        own[other]
        for other in (place - 1, place, place + 1)
        if 0 <= other < len(statements) and statements[other].passage == statements[place].passage
    )
    return Terms().union(*beside)


def _of_passage(
    number: int, statements: Sequence[Statement], own: Sequence[Terms], context: Sequence[Terms]
) -> list[Terms]:
    return [own[i] | context[i] for i, statement in enumerate(statements) if statement.passage == number]
