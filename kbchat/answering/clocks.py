"""Times of day, in minutes since midnight: "3 p.m.", 15:00, 下午三点半, "noon"."""

import re
from collections.abc import Iterator
from typing import Final

from kbchat.answering.numerals import RANGE, chinese_number
from kbchat.core.text import Span

_HAN: Final = "[一二两三四五六七八九十]{1,3}"
_DIGITS: Final = r"(?<!\d)(?:[01]?\d|2[0-4])"
# Which hours a part of the day puts after noon.
_PAST_NOON: Final = {
    "中午": range(1, 4),
    "下午": range(1, 12),
    "午后": range(1, 12),
    "傍晚": range(1, 12),
    "晚上": range(5, 12),
    "晚间": range(5, 12),
    "晚": range(5, 12),
    "深夜": range(7, 12),
    "半夜": range(7, 12),
    "午夜": range(7, 12),
    "夜里": range(7, 12),
    "夜间": range(7, 12),
    "夜": range(7, 12),
}
_NIGHT: Final = frozenset(_PAST_NOON) - {"中午", "下午", "午后", "傍晚"} | {"凌晨"}
# 最晚8点 is no evening, 早一点 ("a bit earlier") no time.
_PART: Final = (
    rf"(?<!最)(?:上午|早上|早晨|清晨|凌晨|早|{'|'.join(_PAST_NOON)})"
    r"(?!(?<=[早晚])一[点點](?![半钟整零一二三四五十\d]))"
)
_CLOCK: Final = re.compile(
    rf"(?:(?P<part>{_PART})\s?)?"
    rf"(?:(?P<hour>{_DIGITS})[:：](?P<minute>[0-5]\d)|"
    rf"(?:(?P<hour2>{_DIGITS})\s?|(?<![一二两三四五六七八九十])(?P<han>{_HAN}))[点點时](?!间)"
    r"(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minute2>[0-5]?\d|零[一二三四五六七八九](?=分)|"
    r"[二三四五]?十[一二三四五六七八九]?)分?|(?P<sharp>[钟整]))?)"
    r"(?:\s?(?P<noon>[ap]\.?m\b\.?))?"
    r"|(?<!\d)(?P<hour3>1[0-2]|[1-9])\s?(?P<noon2>[ap]\.?m\b\.?)"
    r"|\b(?P<name>noon|midday|midnight)\b",
    re.IGNORECASE,
)
_DAY: Final = 24 * 60


def clocks_of(text: str) -> Iterator[tuple[int, Span]]:
    """In their order. Midnight is 0, whichever day it ends."""
    part, end = "", 0
    for match in _CLOCK.finditer(text):
        # 九点 alone may be nine points; a part of the day or minutes tell a time.
        if match["han"] and not any(match[told] for told in ("part", "half", "quarter", "minute2", "sharp")):
            continue
        # 下午3点至5点: of the same part.
        is_second = match["part"] is None and RANGE.fullmatch(text[end : match.start()])
        part, end = match["part"] or (part if is_second else ""), match.end()
        yield _minutes(match, part), Span(*match.span())


def _minutes(match: re.Match[str], part: str) -> int:
    if match["name"]:
        return 0 if match["name"].lower() == "midnight" else _DAY // 2
    hour = _number(match["hour"] or match["hour2"] or match["hour3"] or match["han"])
    minute = 30 if match["half"] else 15 * _number(match["quarter"] or "零")
    minute += _number(match["minute"] or match["minute2"] or "零")
    noon = (match["noon"] or match["noon2"] or "").lower()
    if hour == 12 and (noon.startswith("a") or part in _NIGHT):
        hour = 0
    elif hour < 12 and (noon.startswith("p") or hour in _PAST_NOON.get(part, ())):
        hour += 12
    return (60 * hour + minute) % _DAY


def _number(said: str) -> int:
    return int(chinese_number(said))
