"""Where the words of a question stand in a text as it is written: what a page lights.

A word is met as its beginning, so that "polic" meets policies while it is typed: Latin words by their stems, Han words
by their characters. Folding is done character by character here, because it has to keep their places.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from kbchat.analysis.folding import NUMBER_IN_THOUSANDS, fold
from kbchat.analysis.han import MEETING, han_grams
from kbchat.analysis.scripts import HAN, IN_PAIRS
from kbchat.analysis.words import TOKEN, token_terms
from kbchat.core.text import Span

_TOKEN = re.compile(TOKEN)
_HAN = re.compile(f"[{HAN}]")
_UNSPACED = re.compile(f"[{HAN}{IN_PAIRS}]")


def terms_of_word(word: str) -> list[str]:
    """`word`: as `sought_words` gives it. The terms with which those of a text that holds it begin."""
    return (han_grams(word)[len(word) :] or [word]) if _HAN.match(word) else [word]


def places_of_words(text: str, words: Sequence[str]) -> list[list[Span]]:
    """For each of `words`, as `sought_words` gives them, where it stands in `text`, in code points of it. Linear in the
    length of `text` for a handful of words; never raises."""
    folded, places = _folded(text)
    tokens = [(at.span(), token_terms(at[0])) for at in _TOKEN.finditer(folded)]
    found: list[list[Span]] = []
    for word in words:
        if _UNSPACED.match(word):
            spans = list(_occurrences(folded, word))
        else:
            spans = [
                span
                for span, terms in tokens
                if any(term.startswith(word) for term in (terms.whole or "", *terms.parts))
            ]
        found.append([Span(places[start], max(places[end], places[end - 1] + 1)) for start, end in spans])
    return found


def _occurrences(folded: str, word: str) -> Iterator[tuple[int, int]]:
    at = folded.find(word)
    while at != -1:
        yield at, at + len(word)
        at = folded.find(word, at + len(word))


def _folded(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place in `text` that it comes from; for its end, too."""
    numbers = NUMBER_IN_THOUSANDS.finditer(text)
    left_out = {at for number in numbers for at in range(*number.span()) if text[at] == ","}
    parts: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        folded = "" if at in left_out else _fold_one(character)
        parts.append(folded)
        places += [at] * len(folded)
    return "".join(parts), [*places, len(text)]


@lru_cache(maxsize=1 << 14)
def _fold_one(character: str) -> str:
    return fold(character).translate(MEETING)
