"""The dates of a text, as far as they are told: "1 March 2025", 2025年3月1日, "March 2025", 3月1日."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kbchat.answering.numerals import RANGE, chinese_number
from kbchat.core.text import Span


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """What is said of a date; None where it is left open ("March 2025", 3月1日)."""

    year: int | None
    month: int | None
    day: int | None
    span: Span

    @property
    def is_of_every_month(self) -> bool:
        """每月15日, 次月10日: the day alone is told."""
        return self.year is None and self.month is None

    def agrees_with(self, other: "CalendarDate") -> bool:
        """Nothing that this date says is left open or said otherwise by `other`."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(mine is None or mine == theirs for mine, theirs in pairs)


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
    # With dots the day comes first everywhere; with a stroke only where no other order is possible.
    r"|(?<![\d.])(?P<d9>[12]\d|3[01]|0?[1-9])\.(?P<m9>1[0-2]|0?[1-9])\.(?P<y9>(?:1[5-9]|2[01])\d{2})(?![\d.]?\d)"
    r"|(?<![\d/-])(?:(?P<d10>1[3-9]|2\d|3[01])[/-](?P<m10>1[0-2]|0?[1-9])|"
    r"(?P<m11>1[0-2]|0?[1-9])[/-](?P<d11>1[3-9]|2\d|3[01]))[/-](?P<y10>(?:1[5-9]|2[01])\d{2})(?![\d/-])"
    # 每月15日, 次月的10日; not 每月2日年假.
    r"|(?:(?<=月)|(?<=月 )|(?<=月的))(?P<d12>\d{1,2}|[一二三四五六七八九十]+)\s?[日号](?![以之]?内|带薪|[年病事休]?假)"
    r"|(?<=[至到~～、或和及-])(?P<d8>\d{1,2})\s?[日号](?![以之]?内|带薪|[年病事休]?假)"
    r"|(?<!\d)(?P<m8>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])\s?月份?"
    r"|(?<![\d.,$€£¥￥-])(?P<y7>(?:1[5-9]|20)\d{2})(?![\d.,]?\d|\s?(?:[%％元个人天次]|days?|hours?|"
    r"dollars?))",
    re.IGNORECASE,
)

# 15日 in 于15日发放 may be a day of the month; not in 15日内, 提前15日.
_COUNTED: Final = re.compile(r"\s?(?:[以之]?内|及?以[上下]|带薪|[年病事休婚产丧]?假|工作)")
_COUNTS: Final = re.compile(
    r"(?:提前|连续|累计|满|超过|[少低多高]于|不足|至少|[最至][多少]|为期|共计?|合计|达到?|每)\s?$"
)
_LONGEST: Final = 4
_LAST_DAY: Final = 31


def dates_of(text: str) -> Iterator[CalendarDate]:
    """In their order; they may lie on one another."""
    last = None
    for match in _DATE.finditer(text):
        parts = {group[0]: said for group, said in match.groupdict().items() if said}
        month = _month(parts.get("m", ""))
        day = _number(parts.get("d", ""))
        if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
            continue
        year = _number(parts.get("y", ""))
        if match["d8"]:
            # "1月5日到25日", 每月5日、25日: the second day is of the same month.
            if last is None or not RANGE.fullmatch(text[last.span.end : match.start()]):
                continue
            year, month = last.year, last.month
        last = CalendarDate(year, month, day, Span(*match.span()))
        yield last


def may_be_day(text: str, said: Span, number: int) -> bool:
    """Whether the 15日 that `said` is may be the 15th as well as 15 days, by what is around it."""
    before = _COUNTS.search(text, max(0, said.start - _LONGEST), said.start)
    return 1 <= number <= _LAST_DAY and not before and not _COUNTED.match(text, said.end)


def _month(said: str) -> int | None:
    if said[:1].isascii() and said[:1].isalpha():
        return _MONTHS.index(said[:3].lower()) // 4 + 1
    return _number(said)


def _number(said: str) -> int | None:
    return int(chinese_number(said)) if said else None
