"""Days of the week, and the periods that something is counted by ("a week", 每月), in English and Chinese."""

import re
from collections.abc import Iterator
from typing import Final

from kbchat.core.text import Span

_WEEKDAYS: Final = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_CHINESE_DAYS: Final = list("一二三四五六日天")
# "Sat" and "Sun" are words and names, too, but beside another day.
_SHORT: Final = r"Mon|Tues?|Wed|Thu(?:rs?)?|Fri"
_SHORT_WEEKEND: Final = (
    r"(?:(?<=[-–&/])|(?<=[-–&/] )|(?<=to ))(?:Sat|Sun)|"
    rf"(?:Sat|Sun)(?=\s?(?:[-–&/]|to )\s?(?:{_SHORT}|Sat|Sun))"
)
_WEEKDAY: Final = re.compile(
    rf"\b(?:(?P<english>{'|'.join(_WEEKDAYS)})s?|(?P<short>(?-i:{_SHORT}|{_SHORT_WEEKEND})))\b|"
    r"(?:星期|周|礼拜)(?P<chinese>[一二三四五六日天])(?!次)",
    re.IGNORECASE,
)
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


def weekdays_of(text: str) -> Iterator[tuple[int, Span]]:
    """Monday 1 to Sunday 7, with their places."""
    for match in _WEEKDAY.finditer(text):
        if english := match["english"] or match["short"]:
            day = next(place for place, name in enumerate(_WEEKDAYS, 1) if name.startswith(english.lower()))
        else:
            day = min(_CHINESE_DAYS.index(match["chinese"]) + 1, 7)
        yield day, Span(*match.span())


def rates_of(text: str) -> Iterator[tuple[int, Span]]:
    """From the hour, 0, to the year, 6, with their places."""
    for match in _RATE.finditer(text):
        yield _RATES[match[match.lastgroup or 0].lower()], Span(*match.span())
