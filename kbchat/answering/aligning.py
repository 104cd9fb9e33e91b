"""Which part of its sources a part of an answer speaks of.

A source is cut into parts that state one thing each: clauses of its sentences, rows of its tables. What a part is found
by are its own words, those of the sentence around it, and those of its headings, each counting less than those before.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kbchat.analysis import analyse, content_words
from kbchat.answering.denial import clauses
from kbchat.answering.facts import Facts, facts_of
from kbchat.answering.statements import Statement, statements_of
from kbchat.retrieval.port import Passage

Terms = frozenset[str]

_AROUND: Final = 0.6
_ABOVE: Final = 0.3
_FEWEST_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Part:
    """`text` states one thing; `around` is the statement that it stands in with what announces it, `above` the title,
    the headings and the date. `own`, `near` and `far` are their terms."""

    text: str
    around: str
    statement: int
    own: Terms
    near: Terms
    far: Terms
    facts: Facts
    facts_announcing: Facts
    above: str
    facts_above: Facts

    def share(self, words: Sequence[str], weights: Mapping[str, float]) -> float:
        """How much of `words` this part has, 0..1; what stands around it counts less."""
        total = sum(weights[word] for word in words)
        return sum(weights[word] * self._has(word) for word in words) / total if total else 0.0

    def _has(self, word: str) -> float:
        if is_among(word, self.own):
            return 1.0
        if is_among(word, self.near):
            return _AROUND
        return _ABOVE if is_among(word, self.far) else 0.0


def parts_of(passages: Iterable[Passage]) -> list[Part]:
    parts: list[Part] = []
    for passage in passages:
        above = "\n".join((passage.title, *passage.heading_path, f"{passage.effective_from:%Y-%m-%d}"))
        for statement in statements_of([passage]):
            parts += _parts(passage, statement, above, number=len(parts))
    return parts


def _parts(passage: Passage, statement: Statement, above: str, *, number: int) -> list[Part]:
    announced = [
        passage.text[span.start : span.end] for span in (statement.lead_in, statement.header) if span
    ]
    around = "\n".join((statement.text, *announced))
    near, announcing = frozenset(analyse(around)), facts_of("\n".join(announced))
    far, facts_above = frozenset(analyse(above)), facts_of(above)
    texts = [statement.text] if statement.is_row else joined(clauses(statement.text))
    return [
        Part(
            text,
            around,
            number,
            frozenset(analyse(text)),
            near,
            far,
            facts_of(text),
            announcing,
            above,
            facts_above,
        )
        for text in texts
    ]


def joined(texts: Sequence[str]) -> list[str]:
    """Clauses, those of fewer than two words together with the one before."""
    found: list[str] = []
    for text in texts:
        if found and min(len(content_words(text)), len(content_words(found[-1]))) < _FEWEST_WORDS:
            found[-1] += f" {text}"
        else:
            found.append(text)
    return found


def weights_of(words: Iterable[str], parts: Sequence[Part]) -> dict[str, float]:
    """A word tells the more, the fewer parts have it."""
    frequency = Counter({word: sum(is_among(word, part.near) for part in parts) for word in set(words)})
    return {
        word: math.log(1 + (len(parts) - count + 0.5) / (count + 0.5)) + 0.1
        for word, count in frequency.items()
    }


def is_among(word: str, terms: Terms) -> bool:
    """A longer Han word also by its pairs of characters."""
    if word in terms:
        return True
    return (
        len(word) > 2 and not word.isascii() and all(word[i : i + 2] in terms for i in range(len(word) - 1))
    )
