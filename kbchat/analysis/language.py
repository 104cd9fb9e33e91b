"""Which of the two languages a text is written in, told from its characters. No dictionary, no model."""

import re
from typing import Literal

from kbchat.analysis.scripts import HAN, HANGUL, KANA

Language = Literal["en", "zh", "other"]

_HAN = re.compile(f"[{HAN}]")
_JAPANESE_OR_KOREAN = re.compile(f"[{KANA}{HANGUL}]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’][A-Za-z]+)*")
_LETTER = re.compile(r"[^\W\d_]")

# A language shows within a page; books need not be counted to the end.
_ENOUGH_CHARACTERS = 20_000


def language_of(text: str) -> Language:
    """The language of most of `text`; "other" where it has no letters or mostly those of a third script.

    Chinese where there are at least as many Han characters as ordinary Latin words: names and acronyms
    (RAG-Token, KV) stand in Chinese sentences too and count for English only where no Han character stands.
    Any language in Latin letters counts as English. Never raises.
    """
    text = text[:_ENOUGH_CHARACTERS]
    letters = len(_LETTER.findall(text))
    han = len(_HAN.findall(text))
    words = _LATIN_WORD.findall(text)
    latin_letters = sum(map(len, words))
    foreign = letters - han - latin_letters
    if len(_JAPANESE_OR_KOREAN.findall(text)) > han / 5 and foreign > latin_letters / 5:
        return "other"
    if letters == 0 or foreign > han + latin_letters:
        return "other"
    return "zh" if han and han >= sum(map(_is_ordinary, words)) else "en"


def _is_ordinary(word: str) -> bool:
    return word[1:].islower() or word in {"I", "a"}
