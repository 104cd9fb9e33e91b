"""Number words to numbers: "twenty-five", "two thousand", 三百二十, 二〇二五, 两万."""

import re
from decimal import Decimal
from typing import Final

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ENGLISH: Final[dict[str, int]] = (
    {word: number for number, word in enumerate(_ONES.split())}
    | {"seventeen": 17, "eighteen": 18, "nineteen": 19}
    | {word: 20 + 10 * number for number, word in enumerate(_TENS.split())}
)
_ENGLISH_SCALE: Final = {
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_SHORT_SCALE: Final = {
    "k": 1000,
    **dict.fromkeys(("m", "mn", "mln", "mio"), 10**6),
    **dict.fromkeys(("b", "bn", "mrd"), 10**9),
}
_CHINESE: Final[dict[str, int]] = dict(
    zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, *range(3, 10)), strict=True)
)
_CHINESE_SCALE: Final = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}

# For patterns: one English number word, longer ones first; the characters of a Chinese numeral; its digits.
ENGLISH_WORD: Final = "|".join(sorted({*_ENGLISH, *_ENGLISH_SCALE}, key=len, reverse=True))
CHINESE_NUMERALS: Final = "".join([*_CHINESE, *_CHINESE_SCALE])
CHINESE_DIGITS: Final = frozenset(_CHINESE)
# A fraction may be spoken: 三点五, 一点二亿.
CHINESE_NUMBER: Final = f"[{CHINESE_NUMERALS}]+(?:点[{''.join(_CHINESE)}]+(?![十百千])[万亿]?)?"
# What stands between the two numbers of a range, or between two that have one unit.
RANGE: Final = re.compile(r"\s?(?:-|–|—|~|～|至|到|to|or|and|bis|und|、|或|和|及|/)\s?")
# 三万五 is 35,000.
_SHORT: Final = re.compile(r"(?P<scale>[百千万亿])[一二两三四五六七八九]$")
_BELOW: Final = {"百": "十", "千": "百", "万": "千", "亿": "千万"}
_SAID: Final = (
    rf"\d+(?:,\d{{3}})*(?:\.\d+)?|[{CHINESE_NUMERALS}]+|(?:{ENGLISH_WORD})(?:[\s-](?:{ENGLISH_WORD}))*"
)
_TWICE: Final = re.compile(
    rf"(?<![\d.])(?P<one>{_SAID})(?P<again>\s?[(（]\s?(?P<other>{_SAID})\s?[)）])", re.IGNORECASE
)
_APPROXIMATE: Final = re.compile(
    rf"(?P<head>[{CHINESE_NUMERALS}]*[十百千万亿])?"
    r"(?P<pair>一二|一两|[二两]三|三四|四五|五六|六七|七八|八九|三五)(?P<scale>[十百千万亿]*)"
)


def scale(word: str) -> int:
    """What multiplies the digits before it: "million", "k", "Mio", 万, 千万; 1 for anything else."""
    if word.isascii():
        return (_ENGLISH_SCALE | _SHORT_SCALE).get(word.lower(), 1)
    factor = 1
    for character in word:
        factor *= _CHINESE_SCALE.get(character, 1)
    return factor


def number(said: str) -> Decimal:
    """Of digits with or without marks of thousands, of number words, or of Chinese numerals."""
    if said[0].isdecimal():
        return Decimal(re.sub(r"[,\s]", "", said))
    return english_number(said) if said.isascii() else chinese_number(said)


def repetitions(text: str) -> dict[int, int]:
    """Where brackets begin and end that say the number before them again: "five (5) days", 5（五）天."""
    # Most texts have no brackets, and to look for them is quicker.
    found = _TWICE.finditer(text) if "(" in text or "（" in text else ()
    return {
        match.start("again"): match.end() for match in found if number(match["one"]) == number(match["other"])
    }


def english_number(words: str) -> Decimal:
    """The number that a run of number words says; words that are none count nothing."""
    total, current = 0, 0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in _ENGLISH:
            current += _ENGLISH[word]
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word in _ENGLISH_SCALE:
            total, current = total + max(current, 1) * _ENGLISH_SCALE[word], 0
    return Decimal(total + current)


def chinese_number(numeral: str) -> Decimal:
    """The number that a run of Chinese numerals (or of decimal digits) says."""
    if numeral[0].isdecimal():
        return Decimal(numeral)
    numeral, _, fraction = numeral.partition("点")
    if fraction:
        digits = "".join(str(_CHINESE[each]) for each in fraction if each in _CHINESE)
        return (chinese_number(numeral) + Decimal(f"0.{digits}")) * scale(fraction.lstrip("".join(_CHINESE)))
    if all(character in _CHINESE for character in numeral):
        return Decimal("".join(str(_CHINESE[character]) for character in numeral))
    if short := _SHORT.search(numeral):
        numeral += _BELOW[short["scale"]]
    total, section, digit = 0, 0, 0
    for character in numeral:
        factor = _CHINESE_SCALE.get(character, 1)
        if character in _CHINESE:
            digit = _CHINESE[character]
        elif factor == 10**4 and total and section + digit:
            # 一亿二千万 adds, 一万亿 multiplies.
            total, section, digit = total + (section + digit) * factor, 0, 0
        elif factor >= 10**4:
            total, section, digit = ((total + section + digit) or 1) * factor, 0, 0
        else:
            section, digit = section + (digit or 1) * factor, 0
    return Decimal(total + section + digit)


def between(numeral: str) -> tuple[Decimal, Decimal, int] | None:
    """The numbers from and to which 两三, 十五六 or 三五百 go, and where the second begins; None: it says one."""
    match = _APPROXIMATE.fullmatch(numeral)
    if match is None:
        return None
    low, high = (chinese_number((match["head"] or "") + each + match["scale"]) for each in match["pair"])
    return low, high, match.start("pair") + 1
