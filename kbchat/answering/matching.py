"""Which words of a question a statement, its surroundings and its passage have, and how much each word tells.

Words are the terms of kbchat.analysis. Knows no vectors and decides nothing.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kbchat.analysis import analyse, matter_of
from kbchat.answering.statements import Statement
from kbchat.core.text import Span
from kbchat.retrieval.port import Passage

Terms = frozenset[str]
OtherNames = Mapping[str, Sequence[str]]

_Names = Sequence[tuple[Terms, Sequence[Terms]]]
_NO_NAMES: Final[OtherNames] = {}
_NO_TERMS: Final[Mapping[int, Terms]] = {}


@dataclass(frozen=True, slots=True)
class Matching:
    """Terms of each statement: its `own`, and its own with those of its lead-in and headings, its `context`.

    `weights` holds the words of the question's matter. A word weighs by its inverse frequency among these
    statements in their contexts: what all of them say tells them apart little, and a word that none of them
    has weighs most.
    """

    own: tuple[Terms, ...]
    context: tuple[Terms, ...]
    weights: dict[str, float]

    @classmethod
    def of(
        cls,
        question: str,
        statements: Sequence[Statement],
        passages: Sequence[Passage],
        names: OtherNames = _NO_NAMES,
        otherwise: Mapping[int, Terms] = _NO_TERMS,
    ) -> "Matching":
        """`names`: those of the question with the other names of the same things: who says one, says all. `otherwise`:
        terms of the question that the statements at these places say in other ways."""
        said = [
            (frozenset(analyse(name)), [frozenset(analyse(other)) for other in names[name]]) for name in names
        ]
        own = tuple(
            _own(statement, passages[statement.passage], said) | otherwise.get(place, frozenset())
            for place, statement in enumerate(statements)
        )
        about = (_about(statement, passages[statement.passage], said) for statement in statements)
        context = tuple(mine | around for mine, around in zip(own, about, strict=True))
        return cls(own, context, _weights(frozenset(analyse(matter_of(question))), context))

    def share(self, terms: Iterable[str]) -> float:
        """The weighted share of the question's words that are among `terms`."""
        total = sum(self.weights.values())
        return sum(self.weights.get(term, 0.0) for term in terms) / total if total else 0.0


def _weights(asked: Terms, said: Sequence[Terms]) -> dict[str, float]:
    frequency = Counter(term for terms in said for term in terms & asked)
    return {
        term: math.log(1 + (len(said) - frequency[term] + 0.5) / (frequency[term] + 0.5))
        for term in sorted(asked)
    }


def _own(statement: Statement, passage: Passage, names: _Names) -> Terms:
    """A row's terms are also those of its table's header."""
    return _terms(f"{_slice(passage, statement.header)}\n{statement.text}", names)


def _about(statement: Statement, passage: Passage, names: _Names) -> Terms:
    lead_in = _slice(passage, statement.lead_in)
    return _terms("\n".join((passage.title, *passage.heading_path, statement.heading, lead_in)), names)


def _terms(text: str, names: _Names) -> Terms:
    """With those of the question's names for what the text calls by another."""
    terms = frozenset(analyse(text))
    return terms.union(*(name for name, others in names if any(other <= terms for other in others)))


def _slice(passage: Passage, span: Span | None) -> str:
    return passage.text[span.start : span.end] if span else ""
