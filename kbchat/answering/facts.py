"""The hard facts of a sentence, in one form for English and Chinese: quantities with units, dates, times.

"fifteen days", "15 天" and "十五天" are the same quantity; "1 March 2025" and "2025年3月1日" the same
date. Used to see whether two texts agree and which part of a sentence is the value that was asked for. Knows
no documents.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, TypeVar

from kbchat.answering.numerals import (
    CHINESE_DIGITS,
    CHINESE_NUMERALS,
    ENGLISH_WORD,
    chinese_number,
    english_number,
    scale,
)
from kbchat.answering.units import CURRENCY, DESCRIBED_UNIT, KIND, UNIT
from kbchat.core.text import Span


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` in its `unit`, "" when none is known: 15 "day", 50 "percent", 540 "clock" (minutes of the
    day). `kind` of days and hours: "working" or "calendar", "" where it is not told."""

    value: Decimal
    unit: str
    span: Span
    kind: str = ""


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """What is said of a date; None where it is left open ("March 2025", 3月1日)."""

    year: int | None
    month: int | None
    day: int | None
    span: Span

    def agrees_with(self, other: "CalendarDate") -> bool:
        """Nothing that this date says is left open or said otherwise by `other`."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(mine is None or mine == theirs for mine, theirs in pairs)


@dataclass(frozen=True, slots=True)
class Facts:
    quantities: tuple[Quantity, ...]
    dates: tuple[CalendarDate, ...]

    @property
    def every(self) -> tuple[Quantity | CalendarDate, ...]:
        return self.quantities + self.dates


_NUMBER: Final = re.compile(
    r"(?:(?P<currency>[$€£¥￥])\s?)?"
    r"(?P<digits>(?<![A-Za-z]-)(?<![A-Za-z_\d.])\d{1,3}(?:,\d{3})+(?:\.\d+)?|"
    r"(?<![A-Za-z]-)(?<![A-Za-z_\d.])\d+(?:\.\d+)?)(?P<half>\s?½)?"
    r"(?:\s?(?P<scale>million|billion|thousand|hundred|k(?![a-z])|[十百千万亿]+)"
    r"(?:(?<=[万亿])\s?(?P<more>\d+)\s?(?P<more_scale>[十百千万]+))?)?"
    rf"|(?<![a-z])(?P<english>(?:{ENGLISH_WORD})(?:[\s-](?:and )?(?:{ENGLISH_WORD}))*)(?![a-z])"
    rf"|(?P<share>百分之)(?P<shared>[{CHINESE_NUMERALS}]+|\d+(?:\.\d+)?)"
    rf"|(?P<chinese>[{CHINESE_NUMERALS}]+)|(?P<alone>半|½|(?P<single>(?:(?<=within )|(?<=after )|(?<=least "
    rf")|(?<=most )|(?<=than )|(?<=up to ))an?(?= ))|(?<![a-z])half (?=an? )an?)",
    re.IGNORECASE,
)
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTH: Final = (
    r"(?P<{}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY: Final = r"(?P<{}>\d{{1,2}})(?:st|nd|rd|th)?"
_DATE: Final = re.compile(
    r"(?P<y1>(?:1[5-9]|2[01])\d{2}|[一二][零〇一二三四五六七八九]{3})\s?年\s?(?:(?P<m1>\d{1,2}|"
    r"[一二三四五六七八九十]+)\s?月份?(?:\s?(?P<d1>\d{1,2}|[一二三四五六七八九十]+)\s?[日号])?)?"
    r"|(?P<m2>\d{1,2}|[一二三四五六七八九十]+)\s?月\s?(?P<d2>\d{1,2}|[一二三四五六七八九十]+)\s?[日号]"
    r"|(?<!\d)(?P<y3>(?:1[5-9]|2[01])\d{2})[-/.](?P<m3>\d{1,2})(?:[-/.](?P<d3>\d{1,2}))?(?!\d)"
    rf"|\b{_MONTH.format('m4')} {_DAY.format('d4')}(?:,? (?P<y4>(?:1[5-9]|2[01])\d{{2}}))?\b"
    rf"|\b{_DAY.format('d5')} (?:of )?{_MONTH.format('m5')}(?:,? (?P<y5>(?:1[5-9]|2[01])\d{{2}}))?\b"
    rf"|\b{_MONTH.format('m6')},? (?:of )?(?P<y6>(?:1[5-9]|2[01])\d{{2}})\b"
    rf"|\b(?:in|by|of|since|until|before|after|each|every|from|to|through|late|early|mid) "
    rf"{_MONTH.format('m7')}(?![a-z]|,?\s(?:of )?\d)"
    r"|(?<=[至到~～-])(?P<d8>\d{1,2})\s?[日号]"
    r"|(?<!\d)(?P<m8>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])\s?月份?"
    r"|(?<![\d.,$€£¥￥-])(?P<y7>(?:1[5-9]|20)\d{2})(?![\d.,]?\d|\s?(?:[%％元个人天次]|days?|hours?|"
    r"dollars?))",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(
    r"(?:(?P<part>上午|早上|早晨|凌晨|中午|下午|晚上|傍晚)\s?)?(?<!\d)(?P<hour>[01]?\d|"
    r"2[0-4])(?:[:：](?P<minute>[0-5]\d)|\s?[点點时](?!间)"
    r"(?:(?P<half>半)|(?P<minute2>[0-5]?\d)分?)?)(?:\s?(?P<noon>[ap]\.?m\b\.?))?|(?<!\d)(?P<hour2>1[0-2]|"
    r"[1-9])\s?(?P<noon2>[ap]\.?m\b\.?)",
    re.IGNORECASE,
)


_WEEKDAYS: Final = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_CHINESE_DAYS: Final = list("一二三四五六日天")
_WEEKDAY: Final = re.compile(
    rf"\b(?P<english>{'|'.join(_WEEKDAYS)})s?\b|(?:星期|周|礼拜)(?P<chinese>[一二三四五六日天])(?!次)",
    re.IGNORECASE,
)
_WEEKDAY_MARK: Final = ("星期", "礼拜", "周")
_PERIODS: Final = ("hour", "night", "day", "week", "month", "quarter", "year")
_RATE: Final = re.compile(
    r"\b(?:per|every|each|an?) (?:(?:working|calendar) )?(?P<english>hour|night|day|week|month|quarter|year)\b"
    r"|\b(?P<adverb>hourly|nightly|daily|weekly|monthly|quarterly|yearly|annual(?:ly)?)\b"
    r"|每(?:个|個)?(?P<chinese>小时|小時|晚|天|日|周|週|星期|月|季度|年)",
    re.IGNORECASE,
)
_RATES: Final = (
    dict(zip(_PERIODS, range(7), strict=True))
    | dict(
        zip(["hourly", "nightly", "daily", "weekly", "monthly", "quarterly", "yearly"], range(7), strict=True)
    )
    | {"annual": 6, "annually": 6}
    | {
        "小时": 0,
        "小時": 0,
        "晚": 1,
        "天": 2,
        "日": 2,
        "周": 3,
        "週": 3,
        "星期": 3,
        "月": 4,
        "季度": 5,
        "年": 6,
    }
)
_IDIOMS: Final = frozenset({"十分", "万一", "千万", "一千万"})
_ORDINAL: Final = re.compile(r"(?:st|nd|rd|th)\b", re.IGNORECASE)
_RANGE: Final = re.compile(r"\s?(?:-|–|—|~|～|至|到|to|or|and|、|或|/)\s?")


def facts_of(text: str) -> Facts:
    """All quantities, times of day and dates of `text`, with their places in it. Never raises; linear."""
    taken = bytearray(len(text))
    dates = _free(_dates(text), taken)
    clocks = _free(_clocks(text), taken)
    quantities = _free(_quantities(text), taken)
    return Facts((*clocks, *quantities, *_free(_rates(text), taken)), tuple(dates))


def without_facts(text: str) -> str:
    """`text` with blanks in the place of its quantities and dates."""
    plain = list(text)
    for fact in facts_of(text).every:
        plain[fact.span.start : fact.span.end] = " " * fact.span.length
    return "".join(plain)


def agree(claimed: Quantity, known: Quantity) -> bool:
    """Equal values, units that are equal where both are known, and a kind of day only where the source has it too."""
    return (
        claimed.value == known.value
        and (claimed.unit == known.unit or not claimed.unit or not known.unit)
        and (
            claimed.kind == known.kind
            or not (claimed.kind and known.unit)
            or (claimed.kind == "calendar" and not known.kind)
        )
    )


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
    found = [quantity for match in _NUMBER.finditer(text) if (quantity := _quantity(text, match)) is not None]
    # "3-5 days": the first number has the unit of the second.
    for i in range(len(found) - 2, -1, -1):
        between = text[found[i].span.end : found[i + 1].span.start]
        if not found[i].unit and found[i + 1].unit != "ordinal" and _RANGE.fullmatch(between):
            found[i] = replace(found[i], unit=found[i + 1].unit)
    return found


def _quantity(text: str, match: re.Match[str]) -> Quantity | None:
    """The quantity that begins with this number; None when the word is no number here (一般, "one of us")."""
    start, end = match.span()
    unit_match = UNIT.match(text, end) or DESCRIBED_UNIT.match(text, end)
    unit = (unit_match.lastgroup or "") if unit_match else ""
    before = text[max(0, start - 1) : start]
    if match["share"]:
        return Quantity(chinese_number(match["shared"]), "percent", Span(start, end))
    is_ordinal = before == "第"
    value = _value(match, stands=bool(unit) or is_ordinal)
    if value is None or (
        match["chinese"] and (text[:start].endswith(_WEEKDAY_MARK) or text[start : end + 1] in _IDIOMS)
    ):
        return None
    if is_ordinal or _ORDINAL.match(text, end):
        return Quantity(value, "ordinal", Span(start, end))
    unit = CURRENCY.get(match["currency"] or "", unit)
    kind = KIND.search(unit_match[0]) if unit_match and unit in {"day", "hour"} else None
    return Quantity(
        value,
        unit,
        Span(start, unit_match.end() if unit_match else end),
        (kind.lastgroup or "") if kind else "",
    )


def _value(match: re.Match[str], *, stands: bool) -> Decimal | None:
    """What the number says. A lone word says a number only where it `stands` before a unit or for a rank."""
    if match["digits"]:
        digits = Decimal(match["digits"].replace(",", "")) + (Decimal("0.5") if match["half"] else 0)
        # 2 万 5 千.
        more = Decimal(match["more"]) * scale(match["more_scale"]) if match["more"] else 0
        return digits * scale(match["scale"] or "") + more
    if said := match["english"]:
        value = english_number(said)
        return value if stands or value > 1 else None
    if said := match["chinese"]:
        stands = stands or (len(said) > 1 and said[0] in CHINESE_DIGITS)
        return chinese_number(said) if stands and said not in _IDIOMS else None
    if not stands:
        return None
    return Decimal(1) if match["single"] else Decimal("0.5")


def _dates(text: str) -> Iterator[CalendarDate]:
    last = None
    for match in _DATE.finditer(text):
        parts = {group[0]: said for group, said in match.groupdict().items() if said}
        month = _month(parts.get("m", ""))
        day = _number(parts.get("d", ""))
        if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
            continue
        year = _number(parts.get("y", ""))
        if match["d8"]:
            # "1月5日到25日": the second day is of the same month.
            if last is None or not _RANGE.fullmatch(text[last.span.end : match.start()]):
                continue
            year, month = last.year, last.month
        last = CalendarDate(year, month, day, Span(*match.span()))
        yield last


def _month(said: str) -> int | None:
    if said[:1].isascii() and said[:1].isalpha():
        return _MONTHS.index(said[:3].lower()) // 4 + 1
    return _number(said)


def _number(said: str) -> int | None:
    return int(chinese_number(said)) if said else None


def _rates(text: str) -> Iterator[Quantity]:
    """ "A week", 每月: the period that something is counted by, from the shortest 0."""
    for match in _RATE.finditer(text):
        yield Quantity(Decimal(_RATES[match[match.lastgroup or 0].lower()]), "rate", Span(*match.span()))


def _clocks(text: str) -> Iterator[Quantity]:
    """Times of day, in minutes since midnight, and days of the week, Monday 1 to Sunday 7."""
    for match in _CLOCK.finditer(text):
        hour = int(match["hour"] or match["hour2"])
        minute = 30 if match["half"] else int(match["minute"] or match["minute2"] or 0)
        noon = (match["noon"] or match["noon2"] or "").lower()
        is_late = noon.startswith("p") or (match["part"] in {"中午", "下午", "晚上", "傍晚"} and hour != 12)
        if is_late and hour < 12:
            hour += 12
        if noon.startswith("a") and hour == 12:
            hour = 0
        yield Quantity(Decimal(60 * hour + minute), "clock", Span(*match.span()))
    for match in _WEEKDAY.finditer(text):
        names, name = (
            (_WEEKDAYS, match["english"].lower()) if match["english"] else (_CHINESE_DAYS, match["chinese"])
        )
        yield Quantity(Decimal(min(names.index(name) + 1, 7)), "weekday", Span(*match.span()))
