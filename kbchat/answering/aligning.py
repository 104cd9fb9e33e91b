"""Which part of its sources a part of an answer speaks of.

A source is cut into parts that state one thing each: clauses of its sentences, rows of its tables. What a part is found
by are its own words, those of the sentence around it, and those of its headings, each counting less than those before.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kbchat.analysis import analyse, content_words
from kbchat.answering.denial import clauses
from kbchat.answering.facts import Facts, facts_of
from kbchat.answering.numerals import repetitions
from kbchat.answering.statements import Statement, statements_of
from kbchat.retrieval.port import Passage

Terms = frozenset[str]

_AROUND: Final = 0.6
_ABOVE: Final = 0.3
_FEWEST_WORDS: Final = 2
_CELL: Final = " | "
# Speaks of what the sentence before has named.
_PRONOUN: Final = re.compile(
    r"(?:\W*(?:also|and|but|in \d{4}),? )?\W*(?:they|he|she|it|its|their|his|her|these|this|those|that|such)\b|"
    r"[它他她其该此这並并]",
    re.IGNORECASE,
)
_BRACKETED: Final = re.compile(r"[(（]([^()（）]+)[)）]")
_LABEL: Final = re.compile(r"([^:：,，。;；]{2,40})[:：](?=\s?\S)")
_RANGE: Final = re.compile(r"\s?(?:-|–|—|~|～|至|到|to|of)\s?", re.IGNORECASE)
_CONNECTOR: Final = re.compile(
    r"\b(?:and|or|compared|versus|vs|against|than|as|followed|then)\b|[,，、;；(（]|[和与與及而比或、]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """`text` states one thing; `around` is the statement that it stands in with what announces it, `above` the title,
    the headings and the date. `own`, `near` and `far` are their terms.

    `key`: what its row or labelled item is about, "" elsewhere. `column`: of a row's cell, 0 for anything else.
    `statement`: the same for parts of one statement, the passage's id and a number within it."""

    text: str
    around: str
    key: str
    column: int
    statement: tuple[int, int]
    own: Terms
    near: Terms
    far: Terms
    facts: Facts
    facts_around: Facts
    announcing: str
    above: str

    @property
    def cell(self) -> str:
        """Of a row: without its key and the column's head."""
        return self.around.split("\n")[0].split(_CELL)[self.column] if self.column else ""

    def has(self, word: str) -> float:
        """How near the word stands, 0..1; what stands around counts less."""
        if is_among(word, self.own):
            return 1.0
        if is_among(word, self.near):
            return _AROUND
        return _ABOVE if is_among(word, self.far) else 0.0


def parts_of(passages: Iterable[Passage]) -> list[Part]:
    parts: list[Part] = []
    for passage in passages:
        above = "\n".join((passage.title, *passage.heading_path, f"{passage.effective_from:%Y-%m-%d}"))
        before = ""
        for statement in statements_of([passage]):
            antecedent = before if _PRONOUN.match(statement.text) else ""
            parts += _parts(passage, statement, antecedent, above, number=len(parts))
            before = statement.text
    return parts


def _parts(passage: Passage, statement: Statement, antecedent: str, above: str, *, number: int) -> list[Part]:
    announced = [
        passage.text[span.start : span.end] for span in (statement.lead_in, statement.header) if span
    ]
    announced += [antecedent] if antecedent else []
    header = passage.text[statement.header.start : statement.header.end] if statement.header else ""
    around = "\n".join((statement.text, *announced))
    near = frozenset(analyse(around))
    facts_around = facts_of(statement.text)
    far = frozenset(analyse(above))
    texts = (
        _cells(statement, header)
        if statement.is_row
        else [piece for clause in _clauses(statement.text) for piece in _pieces(clause)]
    )
    key = _key(statement)
    return [
        Part(
            text,
            around,
            key,
            column if statement.is_row else 0,
            (passage.chunk_id, number),
            frozenset(analyse(text)),
            near,
            far,
            facts_of(text),
            facts_around,
            "\n".join(announced),
            above,
        )
        for column, text in enumerate(texts)
    ]


def _key(statement: Statement) -> str:
    """What a row or an item with a label is about: "Scribe: keeps the timeline"."""
    if statement.is_row:
        return statement.text.split(_CELL)[0]
    label = _LABEL.match(statement.text)
    return label[1].strip("*_ ") if label else ""


def _cells(statement: Statement, header: str) -> list[str]:
    """Each cell of a row with what it is a cell of: the row's first cell and the column's head."""
    key, *cells = statement.text.split(_CELL)
    first, *heads = header.split(_CELL)
    if len(heads) != len(cells):
        return [statement.text]
    key = f"{first} {key}"
    return [key, *(f"{key} · {head} {cell}" for head, cell in zip(heads, cells, strict=True))]


def _clauses(text: str) -> list[str]:
    """What stands in brackets belongs to what stands before them, and does not cut it; a number said again goes."""
    for start, end in reversed(repetitions(text).items()):
        text = text[:start] + text[end:]
    found = joined(clauses(_BRACKETED.sub(" ", text)))
    for bracket in _BRACKETED.finditer(text):
        before = clauses(_BRACKETED.sub(" ", text[: bracket.start()]))
        found.append(f"{before[-1] if before else ''} {bracket[1]}".strip())
    return found


def _pieces(clause: str) -> list[str]:
    """Cut between quantities of one unit, so that each stands with what it is the quantity of."""
    facts = facts_of(clause)
    places = []
    for group in (*({q.unit: None for q in facts.quantities if q.unit != "rate"}), None):
        same = (
            [q.span for q in facts.quantities if q.unit == group]
            if group is not None
            else [d.span for d in facts.dates]
        )
        same.sort(key=lambda span: span.start)
        for one, other in pairwise(same):
            between = clause[one.end : other.start]
            if _RANGE.fullmatch(between):
                continue
            if found := _CONNECTOR.search(between):
                places.append(one.end + found.start())
    cut = [0, *sorted(set(places)), len(clause)]
    return [piece for start, end in pairwise(cut) if (piece := clause[start:end].strip())]


def joined(texts: Sequence[str]) -> list[str]:
    """Clauses, those of fewer than two words together with the one before."""
    found: list[str] = []
    for text in texts:
        if found and min(_words(text), _words(found[-1])) < _FEWEST_WORDS:
            found[-1] += f", {text}"
        else:
            found.append(text)
    return found


def _words(text: str) -> int:
    return sum(not any(map(str.isdecimal, word)) for word in content_words(text))


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
