"""For which quantities a statement holds: "more than 5,000 euro", "1,500 to 5,000 euro", 满 10 年不满 20 年.

Rows of a table, items of a list and clauses behind one another divide cases among them. One that takes in what was
asked says it, whatever its words; beside it, those that leave it out are of another case. Alone a range says nothing of
the kind: "up to 5 days may be carried over" answers whoever asks about 7.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from kbchat.answering.facts import Facts, Quantity, facts_of
from kbchat.answering.statements import Statement
from kbchat.answering.units import UNIT
from kbchat.core.text import Span
from kbchat.retrieval.port import Passage

_ABOVE: Final = (
    r"more than|over|above|exceeding|greater than|longer than|(?<!不)(?<!不[得能可应])(?:超过|高于|多于|大于)"
)
_FROM: Final = (
    r"at least|from|starting at|(?:not|no) (?:less|fewer) than|至少|不[得能可应]?[少低]于|(?<!不)(?<!未)满"
)
_TO: Final = r"up to|at most|(?:not|no) more than|within|不(?:得|能|可|应)?(?:超过|高于|多于|大于)|至多|最多"
_BELOW: Final = (
    r"(?<!no )(?<!not )(?:less|fewer) than|under|below|shorter than|不满|未满|不足|"
    r"(?<!不)(?<!不[得能可应])(?:少于|低于)|小于|"
    r"不到"
)
_BEFORE: Final = re.compile(
    rf"(?:(?P<to>{_TO})|(?P<below>{_BELOW})|(?P<least>{_FROM})|(?P<above>{_ABOVE}))\s?[$€£¥￥]?$",
    re.IGNORECASE,
)
_BEHIND: Final = re.compile(
    r"\s?(?:(?P<least>(?:or|and) (?:more|above|over|longer|upwards?)|upwards?\b|\+|及?以上)|"
    r"(?P<to>(?:or|and) (?:less|fewer|below|under)|"
    r"及?以下|以内|之内))",
    re.IGNORECASE,
)
_DASH: Final = re.compile(r"\s?(?:-|–|—|~|～|to|至|到)\s?[$€£¥￥]?", re.IGNORECASE)
_LONGEST_WORDS: Final = 16
_CELL: Final = " | "
_UNIT_IN_A_HEADER: Final = re.compile(f"(?<![a-z]){UNIT.pattern}", re.IGNORECASE)
_NO_MEASURES: Final = frozenset({"", "rate", "clock", "weekday", "ordinal"})


@dataclass(frozen=True, slots=True)
class Range:
    """Of values in `unit`; None: open. `above`, `below`: without that end itself."""

    unit: str
    least: Decimal | None = None
    most: Decimal | None = None
    above: bool = False
    below: bool = False

    def holds(self, quantity: Quantity) -> bool:
        value = quantity.value
        is_enough = self.least is None or value > self.least or (value == self.least and not self.above)
        is_too_much = self.most is not None and (value > self.most or (value == self.most and self.below))
        return quantity.unit == self.unit and is_enough and not is_too_much


def ranges_of(text: str) -> list[Range]:
    """In their order. A quantity that stands for itself is none."""
    found: list[tuple[Range, Span]] = []
    quantities = [each for each in facts_of(text).quantities if each.unit not in _NO_MEASURES]
    for place, quantity in enumerate(quantities):
        following = quantities[place + 1] if place + 1 < len(quantities) else None
        one = _half(text, quantity)
        if following and _joins(text, quantity, following):
            found.append((Range(quantity.unit, quantity.value, following.value), quantity.span))
        elif (
            one is not None
            and found
            and _closes(found[-1][0], one, text[found[-1][1].end : quantity.span.start])
        ):
            former, span = found.pop()
            found.append((_both(former, one), Span(span.start, quantity.span.end)))
        elif one is not None:
            found.append((one, quantity.span))
    return [each for each, _ in found]


@dataclass(frozen=True, slots=True)
class Cases:
    """`held`: by the place of a statement, which of the question's quantities its case takes in; `others`: places of
    the statements that are of another case."""

    held: Mapping[int, tuple[Quantity, ...]]
    others: frozenset[int]


def cases_of(asked: Facts, statements: Sequence[Statement], passages: Sequence[Passage]) -> Cases:
    """What those that divide cases among them make of the quantities of a question."""
    measured = [each for each in asked.quantities if each.unit not in _NO_MEASURES]
    held: defaultdict[int, list[Quantity]] = defaultdict(list)
    others: set[int] = set()
    for family in _families(statements, passages) if measured else ():
        for quantity in measured:
            holding = {
                place: any(each.holds(quantity) for each in ranges)
                for place, ranges in family
                if any(each.unit == quantity.unit for each in ranges)
            }
            if len(holding) > 1 and any(holding.values()):
                for place, holds in holding.items():
                    if holds:
                        held[place].append(quantity)
                    else:
                        others.add(place)
    return Cases({place: tuple(quantities) for place, quantities in held.items()}, frozenset(others))


def _families(
    statements: Sequence[Statement], passages: Sequence[Passage]
) -> Iterable[Sequence[tuple[int, list[Range]]]]:
    """Statements with ranges that divide cases among them: by a common header or announcement; without one, those that
    follow each other under a heading."""
    families: defaultdict[object, list[tuple[int, list[Range]]]] = defaultdict(list)
    run = 0
    for place, statement in enumerate(statements):
        ranges = _ranges_of(statement, passages[statement.passage])
        if not ranges:
            run += 1
        else:
            common = statement.header if statement.is_row else statement.lead_in
            families[statement.passage, statement.heading, common or run].append((place, ranges))
    return families.values()


def _ranges_of(statement: Statement, passage: Passage) -> list[Range]:
    """Its ranges; of a row that has none, what its first cell counts: "4" below "Days a week"."""
    ranges = ranges_of(statement.text)
    if ranges or statement.header is None:
        return ranges
    cell, header = (
        text.partition(_CELL)[0].strip()
        for text in (statement.text, passage.text[statement.header.start : statement.header.end])
    )
    counted = facts_of(cell).quantities
    if len(counted) != 1 or counted[0].span.length != len(cell):
        return []
    below = _UNIT_IN_A_HEADER.search(header)
    unit = counted[0].unit or (below.lastgroup if below else "") or ""
    return [Range(unit, counted[0].value, counted[0].value)]


def _half(text: str, quantity: Quantity) -> Range | None:
    """What the words around a quantity make of it."""
    before = _BEFORE.search(text, max(0, quantity.span.start - _LONGEST_WORDS), quantity.span.start)
    found = before or _BEHIND.match(text, quantity.span.end)
    match found.lastgroup if found else None:
        case "above":
            return Range(quantity.unit, least=quantity.value, above=True)
        case "least":
            return Range(quantity.unit, least=quantity.value)
        case "to":
            return Range(quantity.unit, most=quantity.value)
        case "below":
            return Range(quantity.unit, most=quantity.value, below=True)
    return None


def _joins(text: str, one: Quantity, other: Quantity) -> bool:
    """ "1,500 to 5,000 euro"."""
    between = text[one.span.end : other.span.start]
    return one.unit == other.unit and one.value < other.value and _DASH.fullmatch(between) is not None


def _closes(former: Range, one: Range, between: str) -> bool:
    """ "More than 2 but less than 5 days", 满 10 年不满 20 年: the other end of the same range."""
    is_near = len(between) <= _LONGEST_WORDS and " | " not in between
    return is_near and former.unit == one.unit and former.most is None and one.least is None


def _both(lower: Range, upper: Range) -> Range:
    return Range(lower.unit, lower.least, upper.most, lower.above, upper.below)
