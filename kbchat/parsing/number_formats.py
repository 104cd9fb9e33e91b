"""Numbers of a spreadsheet as its formats show them; dates and times in ISO's order, whatever the format's.

Reads the format codes that Excel and LibreOffice share: digits, thousands, percent, words and currencies around
them, dates. What else a code asks for (fractions, exponents, conditions) is shown as the plain number.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final

_PARTS = re.compile(
    r'"(?P<words>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|(?P<elapsed>\[(?:h+|m+|s+)\])'
    r"|(?P<condition>\[[<>=][^\]]*\])|\[[^\]]*\]|[_*].|(?P<general>General|G/(?:通用格式|標準|표준)|@)"
    r"|(?P<digits>[0#?][0#?,]*(?:\.[0#?]*,*)?|\.[0#?]+,*)|(?P<percent>%)|(?P<odd>[Ee][+-]|/(?=\s*[?#\d]))"
    r"|(?P<date>AM/PM|A/P|y+|m+|d+|h+|s+|上午/下午|[eg]+|a{3,})|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_LAST_DAY: Final = 2_958_466  # the first of the year 10000
_MOST_DIGITS: Final = 30
_LONGEST_CODE: Final = 255
_SIGNS: Final = frozenset("-−–(（△▲▼")
_WRITTEN: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?)?Z?")

BUILT_IN: Final = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    **dict.fromkeys([37, 38], "#,##0"), **dict.fromkeys([39, 40], "#,##0.00"),
    **dict.fromkeys([14, 15, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58], "yyyy-mm-dd"),
    16: "yyyy-mm-dd", 17: "yyyy-mm", 22: "yyyy-mm-dd hh:mm",
    **dict.fromkeys([18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56], "hh:mm:ss"), 46: "[h]:mm:ss",
}  # fmt: skip
"""The codes that a file names by number alone; those of Chinese programs among them."""


@dataclass(frozen=True, slots=True)
class _Section:
    """What a code says of the numbers of one sign. ``dates``: the letters of a date, in order."""

    before: str = ""
    after: str = ""
    digits: str = ""
    percents: int = 0
    dates: str = ""
    is_elapsed: bool = False
    is_general: bool = False
    is_conditional: bool = False


@dataclass(frozen=True, slots=True)
class NumberFormat:
    sections: tuple[_Section, ...]
    hides: bool = False
    """The code for cells that show nothing, whatever is in them."""

    def shown(self, value: float, *, since_1904: bool = False) -> str:
        if self.hides:
            return ""
        section = self.sections[0]
        if any(one.is_conditional for one in self.sections):
            return plain_number(value)
        if section.dates and 0 <= value < _LAST_DAY:
            try:
                return _moment(value, section, since_1904=since_1904)
            except OverflowError:  # behind the last day that there is
                return plain_number(value)
        if value < 0 and len(self.sections) > 1:
            second = self.sections[1]
            return _number(-value if _tells_sign(second, section) else value, second)
        if value == 0 and len(self.sections) > 2:
            section = self.sections[2]
        return _number(value, section)


def number_format(code: str) -> NumberFormat:
    """Of a format's code. Any text is one; no program writes a longer one than is read."""
    code = code[:_LONGEST_CODE]
    if not code.strip():
        return GENERAL
    told = code.split(";") if '"' not in code else _split(code)
    sections = tuple(_section(part) for part in told[:3])
    return NumberFormat(sections, hides=len(told) >= 3 and not any(part.strip() for part in told))


GENERAL: Final = NumberFormat((_Section(is_general=True),))


def written_moment(text: str) -> str:
    """A date or a time as files write it, as it is shown; without a time where that is midnight."""
    told = _WRITTEN.fullmatch(text.strip())
    if told is None:
        return text.replace("T", " ")
    date, minutes, seconds = told[1], told[2] or "00:00", told[3] or "00"
    time = minutes if seconds == "00" else f"{minutes}:{seconds}"
    return date if time == "00:00" else f"{date} {time}"


def plain_number(value: float) -> str:
    """As a cell without a format shows it: no ``.0``, and no digits behind the fifteenth, which are noise."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return format(value, ".15g")


def _split(code: str) -> list[str]:
    """At the semicolons outside words."""
    parts, is_inside = [""], False
    for character in code:
        is_inside ^= character == '"'
        if character == ";" and not is_inside:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _section(code: str) -> _Section:
    before, after, digits, dates = "", "", "", ""
    percents, is_elapsed, is_general, is_conditional = 0, False, False, False
    for match in _PARTS.finditer(code):
        kind, text = match.lastgroup, match.group(match.lastgroup or 0)
        is_conditional = is_conditional or kind == "condition"
        if kind in ("odd", "condition", "general") or (kind == "digits" and digits and not dates):
            is_general = True
        elif kind == "digits":
            digits = digits or text
        elif kind in ("date", "elapsed"):
            dates += text.lower()
            is_elapsed = is_elapsed or kind == "elapsed"
        elif kind is not None:
            percents += kind == "percent"
            before, after = (before, after + text) if digits else (before + text, after)
    if is_general:
        return _Section(is_general=True, is_conditional=is_conditional)
    return _Section(before, after, digits, min(percents, 2), dates, is_elapsed)


def _tells_sign(section: _Section, first: _Section) -> bool:
    """Whether a section for numbers below zero says so itself. Many say it by a colour alone, which is lost here."""
    around = section.before + section.after
    return bool(_SIGNS.intersection(around)) or around not in ("", first.before + first.after)


def _number(value: float, section: _Section) -> str:
    if section.is_general or section.dates:
        return plain_number(value)
    if not section.digits:
        return (section.before + section.after).strip()
    whole, _, behind = section.digits.partition(".")
    thousands = min(len(whole) - len(whole.rstrip(",")) + behind.count(","), 4)
    whole, behind = whole.rstrip(","), behind.rstrip(",")
    with localcontext() as context:
        context.prec = 400
        scaled = Decimal(repr(value)) * (Decimal(100) ** section.percents) / (Decimal(1000) ** thousands)
        rounded = scaled.quantize(Decimal(1).scaleb(-min(len(behind), _MOST_DIGITS)), ROUND_HALF_UP)
    told = format(abs(rounded), ",f" if "," in whole else "f")
    before_point, _, behind_point = told.partition(".")
    needed = min(behind.count("0"), _MOST_DIGITS)
    while len(behind_point) > needed and behind_point.endswith("0"):
        behind_point = behind_point[:-1]
    least = min(whole.count("0"), _MOST_DIGITS)
    before_point = "" if before_point == "0" and not least else before_point.rjust(least, "0")
    told = before_point + ("." + behind_point if behind_point else "")
    return (("-" if rounded < 0 else "") + section.before + told + section.after).strip()


def _moment(value: float, section: _Section, *, since_1904: bool) -> str:
    if section.is_elapsed:
        minutes, seconds = divmod(round(value * 86_400), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    first = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001  (a cell knows no zone)
    if not since_1904 and value < 60:
        first += timedelta(days=1)  # there was no 29 February 1900, but sheets count it
    moment = first + timedelta(seconds=round(value * 86_400))
    time = moment.strftime("%H:%M:%S" if moment.second else "%H:%M")
    letters = set(section.dates)
    has_time, has_year = bool(letters & set("hs")), bool(letters & set("ye"))
    if "d" in letters or not (has_time or has_year):
        date = moment.date().isoformat()
        return f"{date} {time}" if has_time else date
    if has_year:
        return moment.strftime("%Y-%m" if "m" in letters else "%Y")
    return time
