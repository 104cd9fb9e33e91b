"""Every code that a person may be told, as sentences in his language. Codes come from the rooms below; no text does.

An entry holds the message and the next step. Where a message names facts (`{pages}`), simpler wordings follow it: the
first one whose facts are all there is taken.
"""

import math
from collections.abc import Mapping
from string import Formatter

from kbchat.sentences.chinese import CHINESE_SENTENCES
from kbchat.sentences.english import ENGLISH_SENTENCES

ENGLISH = "en"
CHINESE = "zh-hans"
Fact = str | int | float

_MEGABYTE = 1024 * 1024
_UNKNOWN = "internal"


def knows(code: str) -> bool:
    return code in ENGLISH_SENTENCES and code in CHINESE_SENTENCES


def say(code: str, facts: Mapping[str, Fact], language: str) -> tuple[str, str]:
    """The message and the next step ("" for none). An unknown code is said as an internal error."""
    catalogue = CHINESE_SENTENCES if language == CHINESE else ENGLISH_SENTENCES
    sentence = catalogue.get(code) or catalogue[_UNKNOWN]
    told = _readable(facts)
    return _first_complete(sentence.messages, told), _first_complete(sentence.next_steps, told)


def _first_complete(wordings: tuple[str, ...], facts: Mapping[str, str]) -> str:
    for wording in wordings:
        if _names(wording) <= facts.keys():
            return wording.format_map(facts)
    return ""


def _names(wording: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(wording) if name}


def _readable(facts: Mapping[str, Fact]) -> dict[str, str]:
    """Sizes in megabytes, times in minutes and hours too (never too few), round numbers without a fraction."""
    told: dict[str, str] = {}
    for name, value in facts.items():
        if name.endswith("_bytes") and isinstance(value, int | float):
            told[name.removesuffix("_bytes") + "_megabytes"] = f"{max(value / _MEGABYTE, 0.1):.3g}"
        if name.endswith("_seconds") and isinstance(value, int | float):
            stem = name.removesuffix("_seconds")
            told[stem + "_minutes"] = str(math.ceil(value / 60))
            told[stem + "_hours"] = str(math.ceil(value / 3600))
        told[name] = f"{value:g}" if isinstance(value, float) else str(value)
    return told
