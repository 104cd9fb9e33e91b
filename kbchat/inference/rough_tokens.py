"""How many tokens a text has, about, where no tokenizer and no server says it."""

import math
from typing import Final

_FIRST_WIDE: Final = 0x2E80
"""Radicals, kana, Han and Hangul begin here."""


def rough_tokens(text: str) -> int:
    """One for each character of Chinese and the like, and one for four of other characters."""
    return math.ceil(share_of_tokens(text))


def share_of_tokens(text: str) -> float:
    """The same of a piece of a text, to be added up."""
    wide = sum(ord(sign) >= _FIRST_WIDE for sign in text)
    return wide + (len(text) - wide) / 4
