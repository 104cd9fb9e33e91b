"""Whether an answer contains the expected words. Plain Python."""

import re
from collections.abc import Iterable
from typing import Final

from kbchat.analysis.folding import fold

# Numbers of sources, what Markdown puts around words, and the backslashes that keep it from doing so.
_MARKUP: Final = re.compile(r"\[[0-9]{1,3}\](?!\()|\]\([^)]*\)|[*_`\\|\[\]<>]")
# Beside Han characters some write a blank and some none.
_HAN_BLANK: Final = re.compile(r"(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])")
_LETTER: Final = "[0-9a-z]"
_NUMERAL: Final = "[零〇一二三四五六七八九十百千万亿两]"
# No part of a longer word, and none of another number: 3.5, 12:30, -5, 二十五.
_BEFORE: Final = rf"(?<!{_LETTER})(?<![0-9][.,:](?=[0-9]))(?<!\W-(?=[0-9]))(?<!{_NUMERAL}(?={_NUMERAL}))"
_AFTER: Final = rf"(?!{_LETTER})(?!(?<=[0-9])[.,:][0-9])(?!(?<={_NUMERAL}){_NUMERAL})"


def contains_any(text: str, expected: Iterable[str]) -> bool:
    """Case, width, markup and blanks aside. Whole words and numbers: 5 days are neither in 15 days nor in 3.5 days."""
    said = f" {_plain(text)}"
    return any(
        re.search(f"{_BEFORE}{re.escape(words)}{_AFTER}", said) for words in map(_plain, expected) if words
    )


def _plain(text: str) -> str:
    return _HAN_BLANK.sub("", " ".join(_MARKUP.sub("", fold(text)).casefold().split()))
