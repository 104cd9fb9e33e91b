"""A claim laid beside the parts of its sources: which of them speak of the matter of each of its clauses.

Words and facts are what a part is found by, the rarer the more. A fact that is in question finds nothing: what is
nearest without it has to tell it.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kbchat.analysis import analyse, content_words
from kbchat.answering.aligning import Part, is_among, joined, weights_of
from kbchat.answering.dates import CalendarDate
from kbchat.answering.denial import clauses
from kbchat.answering.facts import Facts, Quantity, agree, facts_of

Fact = Quantity | CalendarDate
_Weighed = tuple[float, tuple[float, ...]]

# What the words and facts of the other clauses count for where a clause belongs.
_ELSEWHERE: Final = 0.7
_AROUND: Final = 0.6
# What a row or item counts for when the claim names another one.
_OF_ANOTHER: Final = 0.5


@dataclass(frozen=True, slots=True)
class Clause:
    """`shares`: how much of the clause each part has, 0..1."""

    text: str
    facts: Facts
    shares: Mapping[int, float]
    claim: "Claim"

    @property
    def best(self) -> float:
        return max(self.shares.values(), default=0.0)

    def within(self, nearness: float) -> list[Part]:
        """Parts that have at least this much of what the nearest has."""
        least = nearness * self.best
        return [self.claim.parts[place] for place, share in self.shares.items() if share >= least]

    def without(self, fact: Fact) -> "Clause":
        return self.claim.aligned(self.text, without=fact)

    def without_words(self, terms: Collection[str]) -> "Clause":
        return self.claim.aligned(self.text, ignored=terms)


@dataclass(frozen=True, slots=True)
class Claim:
    """`of_words`, `of_facts`: what each weighs, the more the fewer parts have it, and how much of it each part has.
    `named`: statements whose row or item it names."""

    text: str
    parts: Sequence[Part]
    words: list[str]
    facts: Facts
    of_words: Mapping[str, _Weighed]
    of_facts: Sequence[tuple[Fact, float, tuple[float, ...]]]
    named: frozenset[tuple[int, int]]

    @classmethod
    def of(cls, text: str, parts: Sequence[Part]) -> "Claim":
        words, facts = plain_words(text), facts_of(text)
        return cls(
            text,
            parts,
            words,
            facts,
            _weighed_words(words, parts),
            _weighed_facts(facts, parts),
            _named(text, facts, parts),
        )

    def clauses(self) -> Iterator[Clause]:
        for text in joined(clauses(self.text)):
            yield self.aligned(text)

    def aligned(self, text: str, without: Fact | None = None, ignored: Collection[str] = ()) -> Clause:
        facts, mine = facts_of(text), set(plain_words(text))
        told = [
            (weight * (1.0 if word in mine else _ELSEWHERE) * self.words.count(word), has)
            for word, (weight, has) in self.of_words.items()
            if word not in ignored
        ]
        told += [
            (weight * (1.0 if any(_same(fact, other) for other in facts.every) else _ELSEWHERE), has)
            for fact, weight, has in self.of_facts
            if without is None or not _same(fact, without)
        ]
        total = sum(weight for weight, _ in told)
        shares = {}
        for place, part in enumerate(self.parts):
            found = sum(weight * has[place] for weight, has in told)
            is_other = self.named and part.key and part.statement not in self.named
            shares[place] = (_OF_ANOTHER if is_other else 1.0) * found / total if total else 0.0
        return Clause(text, facts, shares, self)


def _weighed_words(words: Sequence[str], parts: Sequence[Part]) -> dict[str, _Weighed]:
    return {
        word: (weight, tuple(part.has(word) for part in parts))
        for word, weight in weights_of(words, parts).items()
    }


def _weighed_facts(facts: Facts, parts: Sequence[Part]) -> list[tuple[Fact, float, tuple[float, ...]]]:
    """Each that some part tells, once."""
    found: list[tuple[Fact, float, tuple[float, ...]]] = []
    for fact in facts.every:
        if any(_same(fact, other) for other, _, _ in found):
            continue
        has = tuple(_told_by(part, fact) for part in parts)
        if count := has.count(1.0):
            found.append((fact, math.log(1 + (len(parts) - count + 0.5) / (count + 0.5)) + 0.1, has))
    return found


def _named(text: str, facts: Facts, parts: Sequence[Part]) -> frozenset[tuple[int, int]]:
    """The statements whose key the claim has as a whole: its words, or its number."""
    terms = frozenset(analyse(text))
    found: set[tuple[int, int]] = set()
    for part in parts:
        words, quantities = content_words(part.key), facts_of(part.key).quantities
        if words and (
            all(is_among(word, terms) for word in words)
            or (
                quantities
                and all(has_quantity(facts, each) for each in quantities)
                and not plain_words(part.key)
            )
        ):
            found.add(part.statement)
    return frozenset(found)


def plain_words(text: str) -> list[str]:
    """Without numbers, which are compared as facts."""
    return [word for word in content_words(text) if not any(map(str.isdecimal, word))]


def has_fact(facts: Facts, fact: Fact) -> bool:
    return has_date(facts, fact) if isinstance(fact, CalendarDate) else has_quantity(facts, fact)


def has_quantity(facts: Facts, quantity: Quantity) -> bool:
    return any(agree(quantity, other) for other in facts.quantities) or (
        not quantity.unit and any(quantity.value in {date.year, date.month, date.day} for date in facts.dates)
    )


def has_date(facts: Facts, date: CalendarDate) -> bool:
    year_alone = date.month is None and date.day is None
    return any(date.agrees_with(other) for other in facts.dates) or (
        year_alone and any(date.year == quantity.value for quantity in facts.quantities)
    )


def _told_by(part: Part, fact: Fact) -> float:
    if has_fact(part.facts, fact):
        return 1.0
    return _AROUND if has_fact(part.facts_around, fact) else 0.0


def _same(one: Fact, other: Fact) -> bool:
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return (one.value, one.unit) == (other.value, other.unit)
    if isinstance(one, CalendarDate) and isinstance(other, CalendarDate):
        return (one.year, one.month, one.day) == (other.year, other.month, other.day)
    return False
