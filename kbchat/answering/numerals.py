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
_ENGLISH_SCALE: Final = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "k": 1000}
_CHINESE: Final[dict[str, int]] = dict(
    zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, *range(3, 10)), strict=True)
)
_CHINESE_SCALE: Final = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}

# For patterns: one English number word, longer ones first; the characters of a Chinese numeral; its digits.
ENGLISH_WORD: Final = "|".join(sorted({*_ENGLISH, *_ENGLISH_SCALE} - {"k"}, key=len, reverse=True))
CHINESE_NUMERALS: Final = "".join([*_CHINESE, *_CHINESE_SCALE])
CHINESE_DIGITS: Final = frozenset(_CHINESE)


def scale(word: str) -> int:
    """What multiplies the digits before it: "million", "k", 万, 千万; 1 for anything else."""
    if word.isascii():
        return _ENGLISH_SCALE.get(word.lower(), 1)
    factor = 1
    for character in word:
        factor *= _CHINESE_SCALE.get(character, 1)
    return factor


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
    if all(character in _CHINESE for character in numeral):
        return Decimal("".join(str(_CHINESE[character]) for character in numeral))
    total, section, digit = 0, 0, 0
    for character in numeral:
        if character in _CHINESE:
            digit = _CHINESE[character]
        elif (factor := _CHINESE_SCALE.get(character, 1)) >= 10**4:
            total, section, digit = ((total + section + digit) or 1) * factor, 0, 0
        else:
            section, digit = section + (digit or 1) * factor, 0
    return Decimal(total + section + digit)
