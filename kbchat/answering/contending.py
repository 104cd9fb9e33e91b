"""Two clauses on one matter: what they disagree on, if anything.

They speak of the same matter where half of the words of each stand in the other. Where they differ in two things, a
year and a number of days, the one may be what the other depends on. Knows no statements and no documents.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache, cached_property
from itertools import product
from typing import Final, TypeVar

from kbchat.analysis import analyse, content_words
from kbchat.answering.aligning import is_among
from kbchat.answering.dates import CalendarDate
from kbchat.answering.denial import Bound, bounds, denies, without_bounds
from kbchat.answering.events import Contention
from kbchat.answering.facts import Facts, Quantity, agree, blanked, facts_of
from kbchat.answering.opposing import opposed

# Of the words of each clause, those that stand in the other.
_SAME_MATTER: Final = 0.45
_SAME_MATTER_TO_DENY: Final = 0.7
_FEWEST_SHARED: Final = 2
_NO_MEASURE: Final = frozenset({"", "rate", "ordinal"})
_WORD: Final = re.compile(r"[\w'’-]+")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
# "Level A", "grade 3", B级, 三级: of which two are two matters.
_LEVEL: Final = re.compile(
    r"\b(?:level|grade|class|tier|band|category|group|zone|type|stage|phase|step|plan|tariff)s? "
    r"(?P<english>(?-i:[A-Z]|[IVX]{1,4}|\d{1,2}))\b|"
    r"(?P<chinese>[a-z]\d?|\d{1,2}|[一二三四五六七八九十甲乙丙丁])\s?(?:级|类|档)(?![别似])",
    re.IGNORECASE,
)
# What a document says of itself: each has its own day.
_OF_ITSELF: Final = re.compile(
    r"本(?:制度|办法|规定|政策|手册|细则|规范|指南|文件|协议|合同)|"
    r"\bthis (?:policy|document|guide|handbook|rule|agreement)\b",
    re.IGNORECASE,
)
# A Han word of this many may be cut: 年, 假.
_LONGEST_HAN: Final = 2
_DEEDS: Final = (
    "get receive have has grant give take submit hand file send claim pay reimburse cover open start begin close "
    "end need must should may can allow permit entitle provide offer accrue earn use keep make hold "
    "享有 享受 有 获得 可 可以 应 应当 须 必须 需 需要 提交 递交 交 申请 领取 发放 支付 给予 为 是 达 共 定 于 在 "
    "举行 召开 开放 报销 休"
)

_Fact = TypeVar("_Fact", Quantity, CalendarDate)


@dataclass(frozen=True)
class Clause:
    """What is compared of it is read once."""

    text: str

    @cached_property
    def facts(self) -> Facts:
        return facts_of(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """Without quantities, dates and what bounds them, which are compared as such."""
        found = content_words(without_bounds(blanked(self.text, self.facts.every)))
        return frozenset(word for word in found if not any(map(str.isdecimal, word)))

    @cached_property
    def in_order(self) -> list[str]:
        """With rates, whose word may be the thing's: "annual"."""
        amounts = [fact for fact in self.facts.every if isinstance(fact, CalendarDate) or fact.unit != "rate"]
        return content_words(without_bounds(blanked(self.text, amounts)))

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(analyse(self.text))

    @cached_property
    def bounds(self) -> frozenset[Bound]:
        return bounds(self.text)

    @cached_property
    def levels(self) -> frozenset[str]:
        # "Plan 30 days ahead".
        plain = blanked(self.text, [each for each in self.facts.quantities if each.unit not in _NO_MEASURE])
        found = _LEVEL.finditer(plain)
        return frozenset((match["english"] or match["chinese"]).casefold() for match in found)


def contention_of_clauses(one: Clause, other: Clause, whole: tuple[Facts, Facts]) -> Contention | None:
    """Clauses of the same matter: what they disagree on."""
    shared = _shared(one, other)
    if shared < _SAME_MATTER or (one.levels and other.levels and one.levels.isdisjoint(other.levels)):
        return None
    if one.facts.every or other.facts.every:
        return None if _are_of_other_things(one, other) else contention_of_facts(one, other, whole)
    is_opposite = shared >= _SAME_MATTER_TO_DENY and opposed(one.text, other.text)
    return "denial" if is_opposite and not _deny_other_things(one, other) else None


def contention_of_facts(one: Clause, other: Clause, whole: tuple[Facts, Facts]) -> Contention | None:
    """The one thing in which clauses differ: dates or a number, none of which stands in the other's `whole` statement.
    A rule with its exception disagrees with neither, and what differs in more has two cases."""
    mine, theirs, *whole_of_both = _comparable(one.facts, other.facts, *whole)
    are_dates_apart = _are_apart(mine.dates, theirs.dates, _same_date)
    units = {each.unit for each in mine.quantities} - _NO_MEASURE
    apart = [
        unit for unit in units if _are_apart(_of_unit(mine, unit), _of_unit(theirs, unit), _agree_either_way)
    ]
    if len(apart) + are_dates_apart != 1:
        return None
    if are_dates_apart:
        is_of_itself = _OF_ITSELF.search(one.text) and _OF_ITSELF.search(other.text)
        is_told = _are_apart(mine.dates, whole_of_both[1].dates, _same_date) and _are_apart(
            theirs.dates, whole_of_both[0].dates, _same_date
        )
        return "date" if is_told and not is_of_itself else None
    (unit,) = apart
    said, told = _of_unit(mine, unit), _of_unit(theirs, unit)
    is_told = _are_apart(said, _of_unit(whole_of_both[1], unit), _agree_either_way) and _are_apart(
        told, _of_unit(whole_of_both[0], unit), _agree_either_way
    )
    if unit == "monthday":
        return "date" if is_told else None
    is_alike = one.bounds == other.bounds and _rates(mine) == _rates(theirs)
    return "number" if is_told and is_alike else None


def _shared(one: Clause, other: Clause) -> float:
    """The share of the words of each that stands in the other, the smaller of both; 0 for too few to tell."""
    mine, theirs = one.words, other.words
    if min(len(mine), len(theirs)) < _FEWEST_SHARED:
        return 0.0
    common = (
        sum(is_among(word, other.terms) for word in mine),
        sum(is_among(word, one.terms) for word in theirs),
    )
    return min(common[0] / len(mine), common[1] / len(theirs)) if min(common) >= _FEWEST_SHARED else 0.0


def _are_of_other_things(one: Clause, other: Clause) -> bool:
    """Between the same words each has other ones: sick leave and annual leave, 国内出差 and 国际出差. What is done
    with a thing may be said in two ways."""
    mine, theirs = one.in_order, other.in_order
    exchanged = (
        (mine[start:end], theirs[begin:stop])
        for tag, start, end, begin, stop in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()
        if tag == "replace" and max(end - start, stop - begin) <= (1 if one.text.isascii() else _LONGEST_HAN)
    )
    return any(
        _deeds().isdisjoint((*said, *told))
        and not (_are_among(said, other.terms) or _are_among(told, one.terms))
        for said, told in exchanged
    )


def _deny_other_things(one: Clause, other: Clause) -> bool:
    """Each has something that the other does not, and that is not what they are opposed by: "must submit receipts" and
    "must not submit originals", but not "permitted" and "prohibited"."""
    mine, theirs = _only_in(one, other), _only_in(other, one)
    return bool(mine) and bool(theirs) and not opposed(mine, theirs)


def _only_in(one: Clause, other: Clause) -> str:
    """Things alone: neither deeds nor denials."""
    words = content_words(one.text) if _HAN.search(one.text) else _WORD.findall(one.text)
    return " ".join(
        word
        for word in words
        for terms in [content_words(word)]
        if terms and not denies(word) and _deeds().isdisjoint(terms) and not _are_among(terms, other.terms)
    )


@cache
def _deeds() -> frozenset[str]:
    """Not where the module is loaded: cutting Chinese takes a dictionary, which most processes never need."""
    return frozenset(content_words(_DEEDS))


def _are_among(words: Sequence[str], terms: frozenset[str]) -> bool:
    """Whether one of them is; Han words are taken together, as they may be cut elsewhere."""
    together = "".join(words)
    return any(is_among(word, terms) for word in (words if together.isascii() else (together,)))


def _are_apart(mine: Sequence[_Fact], theirs: Sequence[_Fact], same: Callable[[_Fact, _Fact], bool]) -> bool:
    """Both have some, and none of the one is one of the other."""
    return bool(mine) and bool(theirs) and not any(same(this, that) for this, that in product(mine, theirs))


def _agree_either_way(one: Quantity, other: Quantity) -> bool:
    return agree(one, other) or agree(other, one)


def _same_date(one: CalendarDate, other: CalendarDate) -> bool:
    return one.agrees_with(other) or other.agrees_with(one)


def _of_unit(facts: Facts, unit: str) -> list[Quantity]:
    return [quantity for quantity in facts.quantities if quantity.unit == unit]


def _comparable(one: Facts, other: Facts, *whole: Facts) -> list[Facts]:
    """With hours and their minutes as one thing, beside which other hours are counted in minutes, too, where each
    clause tells one time: 2小时 and 1小时30分. 10日 is a day of the month beside 每月15日."""
    times = [_times(each) for each in (one, other)]
    is_timed = any(each.whole is not None for each in one.quantities + other.quantities)
    in_minutes = is_timed and all(len(each) == 1 for each in times)
    are_dated = any(each.unit == "monthday" for each in one.quantities + other.quantities)

    def as_compared(quantity: Quantity) -> Quantity:
        if quantity.whole is not None:
            return replace(quantity, unit="minute", value=quantity.whole, whole=None)
        if in_minutes and quantity.unit == "hour":
            return replace(quantity, unit="minute", value=60 * quantity.value)
        return replace(quantity, unit="monthday") if are_dated and quantity.may_be_dated else quantity

    return [Facts(tuple(map(as_compared, each.quantities)), each.dates) for each in (one, other, *whole)]


def _times(facts: Facts) -> set[object]:
    return {
        each.whole or (each.unit, each.value) for each in facts.quantities if each.unit in {"hour", "minute"}
    }


def _rates(facts: Facts) -> set[object]:
    return {quantity.value for quantity in facts.quantities if quantity.unit == "rate"}
