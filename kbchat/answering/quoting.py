"""An answer made of the sentences that answer the question: which ones, in what order and company.

Nothing is said that no source says. A list item comes with the sentence that announces it, a sentence that
leans on the one before comes with that one, and the value asked for is found inside its sentence.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from kbchat.analysis import names_of
from kbchat.answering.disagreeing import Disagreement
from kbchat.answering.expecting import Kind
from kbchat.answering.lighting import value_asked_for
from kbchat.answering.statements import Statement, statements_of
from kbchat.answering.weighing import Weighed, Weighing
from kbchat.core.text import Span
from kbchat.retrieval.port import Passage

MOST_QUOTES: Final = 5
_MOST_FOR_A_VALUE: Final = 4
# How far a further quote may fall behind the best, in log-odds. On the questions that the weights were fitted on, four
# quotes within this hold the answer as often as any five.
_MARGIN: Final = 2.0
# Rows of one table share its header, so they are near each other without being answers.
_MARGIN_IN_A_TABLE: Final = 0.7
_SAME_FROM: Final = 0.7
_LONGEST_LIST: Final = 8

_VALUES: Final = frozenset(
    {
        Kind.QUANTITY,
        Kind.MONEY,
        Kind.DURATION,
        Kind.FREQUENCY,
        Kind.PERCENT,
        Kind.DATE,
        Kind.YEAR,
        Kind.CLOCK,
        Kind.CONTACT,
    }
)
# A sentence that begins so is understood with the one before it.
_LEANS_BACK: Final = re.compile(
    r"(?:It|They|This|These|That|Those|He|She|Such|However|Otherwise|In (?:this|that|these|those) cases?|If "
    r"so|If not)\b|"
    r"(?:它|他|她|其|该|此|这|那|上述|否则|但是?|不过|另外|同时|如(?:果)?(?:是|不))"
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A statement to be quoted. `value`: the place in its text that is what was asked for."""

    statement: Statement
    value: Span | None = None


def choose(question: str, weighing: Weighing, disagreeing: Sequence[Disagreement] = ()) -> list[Quote]:
    """At most MOST_QUOTES statements that answer and what they need around them, in the order of their
    documents; [] only where nothing can be quoted. Besides them, what disagrees with one of them."""
    chosen: list[Weighed] = []
    exact = names_of(question)
    for weighed in weighing.ranked:
        if _is_wanted(weighed, chosen, weighing, exact):
            chosen.append(weighed)
    chosen = _with_the_other_side(chosen, weighing, disagreeing)
    statements = _by_document(_in_company(chosen, weighing), weighing.passages)
    best = chosen[0] if chosen else None
    is_one_of_several_rows = any(
        _in_one_table(best.statement, other.statement) for other in chosen[1:] if best
    )
    seeks_value = weighing.expected.kind in _VALUES and not is_one_of_several_rows
    value = value_asked_for(question, best, weighing.passages) if best and seeks_value else None
    return [
        Quote(statement, value if best and statement == best.statement else None) for statement in statements
    ]


def _with_the_other_side(
    chosen: Sequence[Weighed], weighing: Weighing, disagreeing: Sequence[Disagreement]
) -> list[Weighed]:
    """What was chosen; of each disagreement that it has one side of, both, and with the fewer other quotes."""
    said = [weighed.statement for weighed in chosen]
    sides = [
        side for each in disagreeing for side in (each.one, each.other) if {each.one, each.other} & {*said}
    ]
    told = [weighed for weighed in weighing.ranked if weighed.statement in sides]
    return [*told, *(weighed for weighed in chosen if weighed not in told)] if told else list(chosen)


def _is_wanted(
    weighed: Weighed, chosen: Sequence[Weighed], weighing: Weighing, exact: AbstractSet[str]
) -> bool:
    if weighed.statement.asks:
        return False
    if not chosen:
        return True
    seeks_value = weighing.expected.kind in _VALUES
    most, margin = _MOST_FOR_A_VALUE if seeks_value else MOST_QUOTES, _MARGIN
    best = chosen[0].statement
    if weighed.statement.is_row and {
        name for name in exact if name in best.text and name not in weighed.statement.text
    }:
        return False
    if any(_in_one_table(weighed.statement, other.statement) for other in chosen):
        margin = _MARGIN_IN_A_TABLE
    near_enough = weighed.log_odds >= chosen[0].log_odds - margin
    return len(chosen) < most and near_enough and not any(_same(weighed, other) for other in chosen)


def _in_one_table(one: Statement, other: Statement) -> bool:
    return one.is_row and other.is_row and (one.passage, one.header) == (other.passage, other.header)


def _same(one: Weighed, other: Weighed) -> bool:
    """Whether the two say the same in nearly the same words."""
    common = len(one.terms & other.terms)
    return common >= _SAME_FROM * max(1, len(one.terms | other.terms))


def _in_company(chosen: Sequence[Weighed], weighing: Weighing) -> list[Statement]:
    """The chosen statements, best first, each with what it needs to be understood."""
    everything = statements_of(weighing.passages)
    kept: list[Statement] = []
    for weighed in chosen[:MOST_QUOTES]:
        company = _company(weighed.statement, everything, whole_lists=weighing.expected.kind not in _VALUES)
        kept += [statement for statement in company if statement not in kept]
    return kept


def _company(statement: Statement, everything: Sequence[Statement], *, whole_lists: bool) -> list[Statement]:
    """The statement with the sentence it leans on; in a list, with the sentence that announces it, and where
    no single value is sought with the other items."""
    place = everything.index(statement)
    mine = [other for other in everything if other.passage == statement.passage]
    announced_by = next((other for other in mine if other.span == statement.lead_in and other.leads_in), None)
    head = statement if statement.leads_in else announced_by
    if head is not None and not statement.is_row:
        items = [other for other in mine if other.lead_in == head.span][:_LONGEST_LIST]
        return [head, *(items if whole_lists or statement is head else [statement])]
    before = everything[place - 1] if place else None
    leans = before is not None and before.passage == statement.passage and _LEANS_BACK.match(statement.text)
    return [before, statement] if before and leans and not (before.is_row or before.asks) else [statement]


def _by_document(statements: Sequence[Statement], passages: Sequence[Passage]) -> list[Statement]:
    """Documents in the order in which they were first chosen; inside one, by place."""
    order = list(dict.fromkeys(passages[statement.passage].version_id for statement in statements))

    def place(statement: Statement) -> tuple[int, int]:
        passage = passages[statement.passage]
        return order.index(passage.version_id), passage.span.start + statement.span.start

    return sorted(statements, key=place)
