"""For which quantities a statement holds: "more than 5,000 euro", "1,500 to 5,000 euro", 满 10 年不满 20 年.

Rows of a table and items of a list divide cases among them. Where one takes in what was asked, those whose range leaves
it out are of another case. Alone a range says nothing of the kind: "up to 5 days may be carried over" answers whoever
asks about 7.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from kbchat.answering.facts import Facts, Quantity, facts_of
from kbchat.answering.statements import Statement
from kbchat.core.text import Span

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


def of_other_cases(asked: Facts, statements: Sequence[Statement]) -> frozenset[int]:
    """Places of the statements that hold for other quantities than the question's, as others beside them tell."""
    measured = [each for each in asked.quantities if each.unit not in _NO_MEASURES]
    if not measured:
        return frozenset()
    siblings: dict[tuple[int, Span], list[tuple[int, list[Range]]]] = defaultdict(list)
    for place, statement in enumerate(statements):
        common = statement.header if statement.is_row else statement.lead_in
        if common is not None and (ranges := ranges_of(statement.text)):
            siblings[statement.passage, common].append((place, ranges))
    return frozenset(
        place
        for quantity in measured
        for family in siblings.values()
        for place in _left_out(quantity, family)
    )


def _left_out(quantity: Quantity, family: Sequence[tuple[int, list[Range]]]) -> Iterator[int]:
    holding = {
        place: any(each.holds(quantity) for each in ranges)
        for place, ranges in family
        if any(each.unit == quantity.unit for each in ranges)
    }
    if any(holding.values()):
        yield from (place for place, holds in holding.items() if not holds)


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
