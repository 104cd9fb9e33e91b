"""How a number is meant: what it bounds, per what it is counted, and what is counted.

"At most 5 euro a kilometre" and "more than 5 euro a mile" have the same quantity and say other things twice. Also read
here are amounts that facts leave out, because an answer seldom rests on them: "a few weeks", 四座四合院.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from kbchat.analysis import content_words
from kbchat.analysis.folding import fold
from kbchat.answering.facts import Quantity, agree, facts_of
from kbchat.answering.numerals import CHINESE_NUMERALS, ENGLISH_WORD, between, chinese_number, english_number
from kbchat.answering.ranges import ranges_of
from kbchat.answering.units import UNIT
from kbchat.core.text import Span

COUNT: Final = "count"
FEW: Final = "few"
_FEW_OF: Final = re.compile(
    r"\b(?:few|several|some|couple of|many)(?= )|[几数](?=[个天小分周年月])", re.IGNORECASE
)
# Said from the day of the speaker: no amount.
_RELATIVE: Final = re.compile(r"第[一二](?=[年天日])|[上下前后次]一?(?=[年月周天日次])|同一")
# What each is in, and how many of it: minutes, months.
_LONG: Final = {
    "minute": ("minute", 1),
    "hour": ("minute", 60),
    "day": ("minute", 1440),
    "week": ("minute", 10080),
    "month": ("month", 1),
    "quarter": ("month", 3),
    "year": ("month", 12),
}
_UNITS: Final = tuple(UNIT.groupindex)
_PER: Final = re.compile(
    r"\s?(?:/|(?:per|an?|each|every)\s)\s?(?P<noun>[a-z]+(?: period)?|[\u4e00-\u9fff]{1,2})", re.IGNORECASE
)
_PER_BEFORE: Final = re.compile(r"每(?:一|个)?(?P<noun>[\u4e00-\u9fff]{1,2}?)[^\u4e00-\u9fff]{0,3}$")
_COUNT: Final = re.compile(
    rf"(?<![第每])(?P<number>\d+|[{CHINESE_NUMERALS}]+)\s?"
    r"(?P<of>[个座名位条项种件本家所部张辆台层栋间份把门届场支队只头匹艘架幅篇首句段章轮批组])(?!月|工作日|小时|星期|百分点|季度)"
)
_SMALL_COUNT: Final = 10
_SHARE: Final = re.compile(
    rf"\b(?P<part>{ENGLISH_WORD}) (?:in|out of)(?: every)? (?P<whole>{ENGLISH_WORD})\b|"
    rf"(?![百千万]分之)(?P<zh_whole>[{CHINESE_NUMERALS}]+)分之(?P<zh_part>[{CHINESE_NUMERALS}]+)",
    re.IGNORECASE,
)
_COUNTED_WORDS: Final = 4
_MOST_REMEMBERED: Final = 4096


@dataclass(frozen=True, slots=True)
class Measure:
    """`bound`: 1 where more is meant, -1 where less, 0 where neither. `per`: the unit or noun, "" for none. `counted`:
    the words behind a number without a unit. `is_mere`: "three conditions", "a person": counted by the writer, or no
    number at all."""

    quantity: Quantity
    bound: int = 0
    per: str = ""
    counted: frozenset[str] = frozenset()
    is_mere: bool = False

    def agrees_with(self, known: "Measure") -> bool:
        return (
            (agree(self.quantity, known.quantity) or _are_as_long(self.quantity, known.quantity))
            and self.bound * known.bound >= 0
            and (self.per == known.per or not self.per or not known.per)
        )

    def counts_as(self, other: "Measure") -> bool:
        """Whether both count things of the same kind."""
        mine, theirs = self.quantity.unit, other.quantity.unit
        if mine in _LONG and theirs in _LONG:
            return True
        return mine == theirs and (mine not in {"", COUNT} or bool(self.counted & other.counted))


@lru_cache(maxsize=_MOST_REMEMBERED)
def measures_of(text: str) -> tuple[Measure, ...]:
    """In no order. Spans lie in the folded text."""
    text = _RELATIVE.sub(lambda match: " " * len(match.group()), fold(text))
    quantities = facts_of(text).quantities
    taken = [quantity.span for quantity in quantities]
    ranges = ranges_of(text)
    found = [
        Measure(
            quantity,
            next((bound for each in ranges if (bound := _bound(each.least, each.most, quantity.value))), 0),
            _per(text, quantity.span),
            frozenset() if quantity.unit else _counted(text, quantity.span.end),
            _is_mere_count(text, quantity),
        )
        for quantity in quantities
    ]
    shares = list(_shares(text))
    others = (*_few(text), *_counts(text))
    return (
        *shares,
        *(
            each
            for each in found
            if not any(each.quantity.span.overlaps(share.quantity.span) for share in shares)
        ),
        *(each for each in others if not any(each.quantity.span.overlaps(span) for span in taken)),
    )


def _is_mere_count(text: str, quantity: Quantity) -> bool:
    said = text[quantity.span.start : quantity.span.end]
    if any(map(str.isdecimal, said)):
        return False
    is_article = said.lower().startswith(("a ", "an ", "一"))
    return (not quantity.unit and quantity.value <= _SMALL_COUNT) or (is_article and quantity.value == 1)


def _are_as_long(one: Quantity, other: Quantity) -> bool:
    """Half an hour and 30 minutes, a year and 12 months; working days are of no length."""
    mine, theirs = _LONG.get(one.unit), _LONG.get(other.unit)
    if mine is None or theirs is None or mine[0] != theirs[0] or "working" in {one.kind, other.kind}:
        return False
    return one.value * mine[1] == other.value * theirs[1]


def _bound(least: Decimal | None, most: Decimal | None, value: Decimal) -> int:
    if (least is None) == (most is None):
        return 0
    return 1 if least == value else -1 if most == value else 0


def _per(text: str, span: Span) -> str:
    found = _PER.match(text, span.end) or _PER_BEFORE.search(text, 0, span.start)
    if found is None:
        return ""
    unit = UNIT.match(found["noun"])
    return (unit.lastgroup or "") if unit else found["noun"].casefold()


def _shares(text: str) -> Iterator[Measure]:
    """ "One in five", 五分之一: 20 percent."""
    for match in _SHARE.finditer(text):
        of = english_number if match["part"] else chinese_number
        part, whole = of(match["part"] or match["zh_part"]), of(match["whole"] or match["zh_whole"])
        if 0 < part < whole:
            yield Measure(Quantity(100 * part / whole, "percent", Span(*match.span())))


def _few(text: str) -> Iterator[Measure]:
    for match in _FEW_OF.finditer(text):
        unit = UNIT.match(text, match.end())
        if unit and unit.lastgroup:
            yield Measure(
                Quantity(Decimal(_UNITS.index(unit.lastgroup)), FEW, Span(match.start(), unit.end()))
            )


def _counts(text: str) -> Iterator[Measure]:
    for match in _COUNT.finditer(text):
        value = chinese_number(match["number"])
        if value > 1 and not between(match["number"]):
            yield Measure(Quantity(value, COUNT, Span(*match.span())), counted=_counted(text, match.end()))


def _counted(text: str, start: int) -> frozenset[str]:
    return frozenset(content_words(text[start : start + 60])[:_COUNTED_WORDS])
