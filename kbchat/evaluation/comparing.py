"""Whether an answer contains the expected words. Plain Python."""

import re
from collections.abc import Iterable
from typing import Final

from kbchat.analysis.folding import fold

# What Markdown puts around words, and the backslashes that keep it from doing so.
_MARKUP: Final = re.compile(r"\]\([^)]*\)|[*_`\\|\[\]<>]")
_LETTER: Final = "[0-9a-z]"


def contains_any(text: str, expected: Iterable[str]) -> bool:
    """Case, width, markup and blanks aside. Whole words: 5 days do not stand in 15 days."""
    said = _plain(text)
    return any(
        re.search(rf"(?<!{_LETTER}){re.escape(words)}(?!{_LETTER})", said)
        for words in map(_plain, expected)
        if words
    )


def _plain(text: str) -> str:
    return " ".join(_MARKUP.sub("", fold(text)).casefold().split())
