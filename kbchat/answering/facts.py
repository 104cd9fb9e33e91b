"""The hard facts of a sentence, in one form for English and Chinese: quantities with units, dates, times.

"fifteen days", "15 天" and "十五天" are the same quantity; "1 March 2025" and "2025年3月1日" the same
date. Used to see whether two texts agree and which part of a sentence is the value that was asked for. Knows
no documents.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Final, TypeVar

from kbchat.answering.clocks import clocks_of
from kbchat.answering.dates import CalendarDate, dates_of, may_be_day
from kbchat.answering.numerals import (
    CHINESE_DIGITS,
    CHINESE_NUMBER,
    CHINESE_NUMERALS,
    ENGLISH_WORD,
    RANGE,
    between,
    number,
    repetitions,
    scale,
)
from kbchat.answering.periods import rates_of, weekdays_of
from kbchat.answering.units import CURRENCY, DESCRIBED_UNIT, KIND, UNIT
from kbchat.core.text import Span


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` in its `unit`, "" when none is known: 15 "day", 50 "percent", 540 "clock" (minutes of the
    day), 15 "monthday" (每月15日). `kind` of days and hours: "working" or "calendar", "" where it is not told. `whole`
    of the hours and the minutes of 1小时30分: the minutes of both. `may_be_dated`: whether 15日 may be a day of the
    month as well as 15 days."""

    value: Decimal
    unit: str
    span: Span
    kind: str = ""
    whole: Decimal | None = None
    may_be_dated: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    quantities: tuple[Quantity, ...]
    dates: tuple[CalendarDate, ...]

    @property
    def every(self) -> tuple[Quantity | CalendarDate, ...]:
        return self.quantities + self.dates


_CODES: Final = "|".join(code for code in CURRENCY if code.isalpha())
# Before an amount that stands before its currency: "3m EUR", "1,5 Mio. Euro".
_BEFORE_MONEY: Final = rf"(?=\s?(?:[$€£¥￥]|(?:{_CODES}|dollars?|euros?|pounds?|francs?)(?![a-z])))"
_BEFORE_EUROS: Final = r"(?=\s?(?:(?:million|billion|mio|mrd|mn|bn|m)\.?\s?)?(?:€|(?:eur|euros?)(?![a-z])))"
# 1.000,50 can be read in one way only. 3.000 is three thousand beside a euro, as its countries write it: whoever says
# euros with a decimal point writes two digits behind it, but for the rare price a litre or rate of exchange.
_EUROPEAN: Final = (
    r"(?P<european>\d{1,3}(?:\.\d{3})+,\d{1,2}(?!\d)|"
    rf"(?:[1-9]\d{{0,2}}(?:\.\d{{3}})+(?![.,]?\d)|\d+,\d{{1,2}}(?![.,]?\d))(?(euro)|{_BEFORE_EUROS}))"
)
_NUMBER: Final = re.compile(
    r"(?:(?:"
    rf"(?:(?P<currency>(?P<euro>€|(?<![a-z])eur)|(?:HK|US|NT)?\$|[£¥￥]|(?<![a-z])(?:{_CODES}))\s?|"
    r"(?<![a-z]-)(?<![a-z_\d.])(?<!\d\^)(?<!\d\^[-+−–]))"
    rf"(?:{_EUROPEAN}|"
    r"(?P<digits>\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3})+(?:\.\d+)?|"
    # A blank parts thousands only beside a currency.
    r"\d{1,3}(?: \d{3})+(?!\d)(?(currency)|(?= ?(?:[€$£]|(?:eur|usd|gbp|chf|yuan|dollar|元))))|"
    # Printed above the line, behind a number: a power of ten, else the number of a note.
    r"\d+(?:\.\d+)?))(?:\^(?P<raised>[-+−–]?\d{1,3}))?(?P<vulgar>\s?½)?"
    r"(?:\s?(?P<scale>million|billion|trillion|thousand|hundred|(?:k|bn|mn|mln)(?![a-z])|(?:mio|mrd)(?![a-z])\.?|"
    # Else "m" is a metre.
    rf"[mb](?![a-z\d²³])(?(currency)|{_BEFORE_MONEY})|[十百千万亿]+)"
    r"(?:(?<=[万亿])\s?(?P<more>\d+)\s?(?P<more_scale>[十百千万]+))?)?"
    rf"|(?<![a-z])(?P<english>(?:{ENGLISH_WORD})(?:[\s-](?:and )?(?:{ENGLISH_WORD}))*)(?![a-z])"
    rf"|(?P<chinese>{CHINESE_NUMBER})(?![{CHINESE_NUMERALS}]*分之))(?P<half>个半(?=小时|钟头|星期|月)| and a half\b)?"
    rf"|(?P<share>[百千万])分之(?P<shared>{CHINESE_NUMBER}|\d+(?:\.\d+)?)"
    r"|(?P<alone>半|½|(?P<single>(?:(?<=within )|(?<=after )|(?<=least )|(?<=most )|(?<=than )|(?<=up to ))an?(?= ))|"
    r"(?<![a-z])half (?=an? )an?))",
    re.IGNORECASE,
)
_POINTS: Final = str.maketrans(",", ".", ".")
_HALF: Final = Decimal("0.5")
_TEN: Final = 10
_PARTS: Final = {"百": 1, "千": 10, "万": 100}
# 一年半; not 一年半天.
_AND_HALF: Final = re.compile(r"半(?=$|[^\u4e00-\u9fff]|[以之内后前的即可方及到至未不])")
_HALVED: Final = frozenset({"year", "week", "day", "hour"})
# Behind an hour 分 are seldom points.
_MINUTES: Final = frozenset({"minute", "point"})
_AND_MINUTES: Final = re.compile(r",? ?(?:and |零)?")
_HOUR: Final = 60
# 培训2小时50分及格.
_OF_POINTS: Final = re.compile(r"\s?(?:及格|及?以上|制|满分|为满分)")
_EUROS: Final = ({"eur"}, {"", "eur"})
# 1.500 in "1.500–2.500 EUR" and 2.500 in "€ 1.500 and 2.500".
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}\.\d{3}(?!\d)")
_BELOW_ZERO: Final = re.compile(
    r"(?<![0-9A-Za-z)%％°℃度一二三四五六七八九十])[-−]$|(?:零下|\bminus)\s?$", re.IGNORECASE
)
_LONGEST_SIGN: Final = 8
_NARROW: Final = {
    ord(wide): narrow for wide, narrow in zip("０１２３４５６７８９．％", "0123456789.%", strict=True)
}
_WIDE_COMMA: Final = re.compile("(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
_WEEKDAY_MARK: Final = ("星期", "礼拜", "周")
# 万元 and 几十天 tell no number, 十分 may be "very".
_OPEN: Final = frozenset("百千万亿")
_SOME: Final = ("几", "数")
_ORDINAL: Final = re.compile(r"(?:st|nd|rd|th)\b", re.IGNORECASE)


def facts_of(text: str) -> Facts:
    """All quantities, times of day and dates of `text`, with their places in it. Never raises; linear."""
    if not text.isascii():
        text = _WIDE_COMMA.sub(",", text).translate(_NARROW)
    taken = bytearray(len(text))
    dates = _free(dates_of(text), taken)
    clocks = _free(_times(text), taken)
    quantities = _free(_quantities(text), taken)
    monthly = [
        Quantity(Decimal(date.day), "monthday", date.span)
        for date in dates
        if date.day and date.is_of_every_month
    ]
    return Facts(
        (*clocks, *monthly, *quantities, *_free(_periods(text), taken)),
        tuple(date for date in dates if not date.is_of_every_month),
    )


def without_facts(text: str) -> str:
    """`text` with blanks in the place of its quantities and dates."""
    return blanked(text, facts_of(text).every)


def blanked(text: str, facts: Iterable[Quantity | CalendarDate]) -> str:
    """`text` with blanks in their places."""
    plain = list(text)
    for fact in facts:
        plain[fact.span.start : fact.span.end] = " " * fact.span.length
    return "".join(plain)


def agree(claimed: Quantity, known: Quantity) -> bool:
    """Equal values, units that are equal where both are known, and a kind of day only where the source has it too.

    Hours may be told without their minutes, minutes without their hours never."""
    if claimed.whole is None and known.whole is not None and claimed.unit == "minute":
        return claimed.value == known.whole
    if (
        claimed.whole is not None
        and known.whole is None
        and known.unit == "minute"
        and claimed.whole == known.value
    ):
        return True
    return (
        claimed.value == known.value
        and (claimed.unit == known.unit or not claimed.unit or not known.unit or _is_dated(claimed, known))
        and (
            claimed.kind == known.kind
            or not (claimed.kind and known.unit)
            or (claimed.kind == "calendar" and not known.kind)
        )
    )


def _is_dated(one: Quantity, other: Quantity) -> bool:
    """15日 and 每月15日."""
    return "monthday" in {one.unit, other.unit} and (one.may_be_dated or other.may_be_dated)


_Fact = TypeVar("_Fact", Quantity, CalendarDate)


def _free(found: Iterable[_Fact], taken: bytearray) -> list[_Fact]:
    """Those that lie on nothing found before; they then occupy their place."""
    kept = []
    for fact in found:
        if not any(taken[fact.span.start : fact.span.end]):
            taken[fact.span.start : fact.span.end] = b"\x01" * fact.span.length
            kept.append(fact)
    return kept


def _quantities(text: str) -> list[Quantity]:
    repeated = repetitions(text)
    found = [quantity for match in _NUMBER.finditer(text) for quantity in _said(text, match, repeated)]
    # "3-5 days": the first number has the unit of the second.
    for i in range(len(found) - 2, -1, -1):
        apart = text[found[i].span.end : found[i + 1].span.start]
        is_range = RANGE.fullmatch(apart.rstrip("-−") or apart)
        if not found[i].unit and found[i + 1].unit != "ordinal" and is_range:
            found[i] = replace(found[i], unit=found[i + 1].unit, may_be_dated=found[i + 1].may_be_dated)
        if is_range and {found[i].unit, found[i + 1].unit} in _EUROS:
            found[i : i + 2] = _in_thousands(text, found[i], found[i + 1])
    return [_below_zero(text, each) for each in _with_minutes(text, found)]


def _in_thousands(text: str, *pair: Quantity) -> list[Quantity]:
    """Both, where both are written so and one of them is beside a euro."""
    written = [_THOUSANDS.search(text, each.span.start, each.span.end) for each in pair]
    if not all(written):
        return [*pair]
    return [
        replace(
            each,
            unit="eur",
            value=1000 * each.value if said and each.value == Decimal(said[0]) else each.value,
        )
        for each, said in zip(pair, written, strict=True)
    ]


def _with_minutes(text: str, found: list[Quantity]) -> list[Quantity]:
    """1小时30分, "1 hour and 30 minutes": each of both knows the whole."""
    for place, (hours, minutes) in enumerate(pairwise(found)):
        is_one = _AND_MINUTES.fullmatch(text, hours.span.end, minutes.span.start)
        are_points = minutes.unit == "point" and (
            minutes.value >= _HOUR or _OF_POINTS.match(text, minutes.span.end)
        )
        if hours.unit == "hour" and minutes.unit in _MINUTES and is_one and not are_points:
            whole = _HOUR * hours.value + minutes.value
            found[place] = replace(hours, whole=whole)
            found[place + 1] = replace(minutes, unit="minute", whole=whole)
    return found


def _said(text: str, match: re.Match[str], repeated: Mapping[int, int]) -> Iterator[Quantity]:
    """What begins with this number; nothing when the word is no number here (一般, "one of us")."""
    start, end = match.start(), repeated.get(match.end(), match.end())
    unit_match = UNIT.match(text, end) or DESCRIBED_UNIT.match(text, end)
    unit = (unit_match.lastgroup or "") if unit_match else ""
    is_ordinal = text[max(0, start - 1) : start] == "第"
    if not _is_number(text, match, unit, is_ordinal=is_ordinal):
        return
    value = _value(match)
    if is_ordinal or _ORDINAL.match(text, end):
        yield Quantity(value, "ordinal", Span(start, end))
        return
    if match["share"] or unit == "permille":
        value, unit = value / _PARTS[match["share"] or "千"], "percent"
    unit = CURRENCY.get((match["currency"] or "").lower(), unit)
    kind = KIND.search(unit_match[0]) if unit_match and unit in {"day", "hour"} else None
    described = (kind.lastgroup or "") if kind else ""
    end = unit_match.end() if unit_match else end
    if approximate := between(match["chinese"] or ""):
        low, high, place = approximate
        yield Quantity(low, unit, Span(start, start + place), described)
        yield Quantity(high, unit, Span(start + place, end), described)
        return
    if unit in _HALVED and _AND_HALF.match(text, end):
        value, end = value + _HALF, end + 1
    span = Span(start, end)
    is_bare = unit_match is not None and unit_match[0].strip() == "日"
    yield Quantity(value, unit, span, described, may_be_dated=is_bare and may_be_day(text, span, int(value)))


def _is_number(text: str, match: re.Match[str], unit: str, *, is_ordinal: bool) -> bool:
    """A lone word says a number only where it stands before a unit or for a rank."""
    stands = bool(unit) or is_ordinal
    if said := match["chinese"]:
        start = match.start()
        is_open = said[0] in _OPEN or (said[0] == "十" and text.endswith(_SOME, 0, start))
        is_very = said == "十" and unit in {"", "point"} and text.startswith("分", start + 1)
        is_digits = len(said) > 1 and said[0] in CHINESE_DIGITS and "点" not in said and not between(said)
        return not (is_open or is_very or text.endswith(_WEEKDAY_MARK, 0, start)) and (stands or is_digits)
    if match["english"]:
        return stands or _value(match) > 1
    return stands or not match["alone"]


def _value(match: re.Match[str]) -> Decimal:
    """What the number says by itself."""
    half = _HALF if match["half"] or match["vulgar"] else Decimal(0)
    if digits := match["digits"] or (match["european"] or "").translate(_POINTS):
        # 2 万 5 千.
        more = Decimal(match["more"]) * scale(match["more_scale"]) if match["more"] else 0
        value = number(digits)
        if match["raised"] and value == _TEN:
            value **= int(re.sub("[−–]", "-", match["raised"]))
        return (value + half) * scale((match["scale"] or "").rstrip(".")) + more
    if said := match["english"] or match["chinese"] or match["shared"]:
        return number(said) + half
    return Decimal(1) if match["single"] else _HALF


def _below_zero(text: str, found: Quantity) -> Quantity:
    is_below = found.unit in {"degree", "percent"} and _BELOW_ZERO.search(
        text, max(0, found.span.start - _LONGEST_SIGN), found.span.start
    )
    return replace(found, value=-found.value) if is_below else found


def _periods(text: str) -> Iterator[Quantity]:
    for place, span in rates_of(text):
        yield Quantity(Decimal(place), "rate", span)


def _times(text: str) -> Iterator[Quantity]:
    """Times of day, in minutes since midnight, and days of the week, Monday 1 to Sunday 7."""
    for minutes, span in clocks_of(text):
        yield Quantity(Decimal(minutes), "clock", span)
    for day, span in weekdays_of(text):
        yield Quantity(Decimal(day), "weekday", span)
