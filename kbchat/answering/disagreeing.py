"""Statements of two documents in force that say different things on what was asked: another number or date, or the
opposite.

Told by rules (`contending`), and with care: who is warned for nothing soon reads no warning. Statements of which each
names something that the other does not are of two matters. Two languages are not compared, and nothing of one document
is: its parts limit each other on purpose.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, combinations, product
from typing import Final

from kbchat.analysis import language_of, names_of
from kbchat.answering.aligning import joined
from kbchat.answering.contending import Clause, contention_of_clauses, contention_of_facts
from kbchat.answering.denial import clauses
from kbchat.answering.events import Contention, SourcesDisagree
from kbchat.answering.facts import Facts, facts_of
from kbchat.answering.offering import side_of
from kbchat.answering.statements import Statement
from kbchat.answering.weighing import Weighing
from kbchat.retrieval.port import Passage

MOST: Final = 3
_MOST_COMPARED: Final = 12
# How far a statement may fall behind the best, in log-odds: to answer what was asked; to be set against one that does.
_ANSWERS: Final = 1.0
_MARGIN: Final = 5.0
# Of a statement: what is compared grows with its square, and who asks is answered at its beginning.
_LONGEST: Final = 500
_MOST_CLAUSES: Final = 8
_CELL: Final = " | "
_SMALL_WORD: Final = re.compile(r"\b[a-z]{3,}|[\u4e00-\u9fff]")
_BRACKETED: Final = re.compile(r"[(（]\s*([^()（）]{2,40}?)\s*[)）]")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`one` is the statement that answers better."""

    one: Statement
    other: Statement
    about: Contention


@dataclass(frozen=True)
class _Side:
    """A statement with the passage that it stands in. Its beginning is compared with the beginning and the facts of
    the other."""

    statement: Statement
    passage: Passage

    @cached_property
    def language(self) -> str:
        return language_of(self.statement.text)

    @cached_property
    def names(self) -> frozenset[str]:
        return _names(self.statement, self.passage)

    @cached_property
    def facts(self) -> Facts:
        return facts_of(self.statement.text)

    @cached_property
    def clauses(self) -> list[Clause]:
        found = joined(clauses(self.statement.text)[:_MOST_CLAUSES])
        ends = accumulate(map(len, found))
        return [Clause(text) for text, end in zip(found, ends, strict=True) if end <= _LONGEST]


def disagreements(weighing: Weighing) -> list[Disagreement]:
    """Among the statements that answer best, at most MOST, the best first; of two documents one."""
    if not weighing.ranked:
        return []
    best = weighing.ranked[0].log_odds
    near = [
        (_Side(weighed.statement, weighing.passages[weighed.statement.passage]), weighed.log_odds)
        for weighed in weighing.ranked[:_MOST_COMPARED]
        if weighed.log_odds >= best - _MARGIN and not (weighed.statement.asks or weighed.statement.leads_in)
    ]
    pairs = [
        (one, other) for (one, log_odds), (other, _) in combinations(near, 2) if log_odds >= best - _ANSWERS
    ]
    found: dict[frozenset[object], Disagreement] = {}
    for one, other in pairs:
        documents = frozenset((one.passage.document_id, other.passage.document_id))
        if len(documents) == 2 and documents not in found:
            about = _contention(one, other)
            if about is not None:
                found[documents] = Disagreement(one.statement, other.statement, about)
    return list(found.values())[:MOST]


def disagreement_event(
    found: Disagreement, passages: Sequence[Passage], numbers: Mapping[int, int]
) -> SourcesDisagree:
    """`numbers`: the offered number of a passage by its chunk id."""
    mine, theirs = passages[found.one.passage], passages[found.other.passage]
    return SourcesDisagree(
        about=found.about,
        one=side_of(numbers[mine.chunk_id], mine, found.one),
        other=side_of(numbers[theirs.chunk_id], theirs, found.other),
    )


def contention(one: Statement, mine: Passage, other: Statement, theirs: Passage) -> Contention | None:
    """What the statements disagree on; None where they agree or speak of different things."""
    return _contention(_Side(one, mine), _Side(other, theirs))


def _contention(one: _Side, other: _Side) -> Contention | None:
    is_row = one.statement.is_row
    if is_row != other.statement.is_row or one.language != other.language or _differ_in_names(one, other):
        return None
    whole = (one.facts, other.facts)
    if is_row:
        found = (contention_of_facts(this, that, whole) for this, that in _cells(one, other))
    else:
        found = (
            contention_of_clauses(this, that, whole) for this, that in product(one.clauses, other.clauses)
        )
    return next((about for about in found if about), None)


def _differ_in_names(one: _Side, other: _Side) -> bool:
    """Each names something that the other does not: an office, a product, a country."""
    return bool(one.names - other.names) and bool(other.names - one.names)


def _names(statement: Statement, passage: Passage) -> frozenset[str]:
    """Of the statement and of what stands above it; a heading of which every word has a capital tells none."""
    above = [text for text in (passage.title, *passage.heading_path) if _SMALL_WORD.search(text)]
    bracketed = _BRACKETED.findall("\n".join((passage.title, *passage.heading_path)))
    found = [*(name for text in (*above, statement.text) for name in names_of(text)), *bracketed]
    return frozenset(map(str.casefold, found))


def _cells(one: _Side, other: _Side) -> Iterator[tuple[Clause, Clause]]:
    """Cells under the same heading, of rows that begin with the same cell."""
    header, other_header = one.statement.header, other.statement.header
    if header is None or other_header is None:
        return
    heads, cells = _row(one.passage.text[header.start : header.end]), _row(one.statement.text)
    other_heads = _row(other.passage.text[other_header.start : other_header.end])
    other_cells = _row(other.statement.text)
    if not cells[0] or cells[0] != other_cells[0]:
        return
    told = dict(zip(other_heads, other_cells, strict=False))
    for head, cell in zip(heads[1:], cells[1:], strict=False):
        if head in told:
            yield Clause(cell), Clause(told[head])


def _row(text: str) -> list[str]:
    return [cell.strip().casefold() for cell in text.split(_CELL)]
