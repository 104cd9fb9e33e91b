"""Is a sentence of an answer supported by what it cites? By numbers, dates, names, denial and content words.

A claim is laid beside the clauses of its sources, and compared with what speaks of the same matter: a number that
stands elsewhere in the passage supports nothing. No model is asked, so a sentence that is changed subtly passes; how
often is measured (docs/measurements.md).
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from kbchat.analysis import analyse, content_words, language_of, names_of
from kbchat.answering.aligning import Part, is_among, joined, parts_of, weights_of
from kbchat.answering.denial import clauses
from kbchat.answering.events import Support
from kbchat.answering.facts import CalendarDate, Facts, Quantity, agree, facts_of
from kbchat.answering.opposing import opposed
from kbchat.retrieval.port import Passage

# Chosen on one half of tests/quality/verification_pairs.jsonl: of the true sentences 5 % are marked there.
SUPPORTED_FROM: Final = 0.4
PARTLY_FROM: Final = 0.25
_SAME_MATTER_FROM: Final = 0.5
_SMALL_COUNT: Final = 10
# What the words of the other clauses count for where a clause belongs.
_ELSEWHERE: Final = 0.7
# How far a part may fall behind the nearest: to be as near; to tell a fact although the nearest tells another, and
# where it tells none; to have a name; to count for words.
_AS_NEAR: Final = 0.05
_FACT_AS_NEAR: Final = 0.2
_FACT_NEAR: Final = 0.2
_NAME_NEAR: Final = 0.3
_SAID: Final = 0.15

_MARKUP: Final = re.compile(r"^\s*(?:#{1,6}\s+|>\s*|(?:[-*+•]|\d{1,3}[.)、])\s+)+|[*_`]{1,3}|\|")
_RULE: Final = re.compile(r"^[\s|:*_~=+-]*$")
_ABOUT_SOURCES: Final = re.compile(
    r"\b(?:passages?|sources?|documents?|excerpts?|texts?)\b.{0,40}\b(?:do(?:es)? not|don't|doesn't|"
    r"did not|cannot)\b.{0,20}"
    r"\b(?:say|mention|cover|state|specify|describe|contain|include|address|give|provide|explain)\b|"
    r"\b(?:not|no) (?:mentioned|covered|stated|specified|information|details?)\b|\bI (?:could not|cannot|"
    r"can't|did not) find\b|"
    r"(?:段落|来源|文档|资料|文件|材料|其中|原文)?.{0,10}(?:没有|未|并未|均未)(?:提到|提及|说明|涉及|包含|"
    r"规定|给出|涵盖|找到)|无法(?:确定|回答|得知)",
    re.IGNORECASE,
)


class Verifier:
    """Judges the sentences of one answer. `offered`: the passages in its prompt by number.

    `question` gives names and numbers that the answer may take up without a source. Passages are read
    once."""

    def __init__(self, offered: Mapping[int, Passage], question: str = "") -> None:
        self._offered = offered
        self._given = _Given(question, facts_of(question))
        self._read: dict[int, list[Part]] = {}

    def state(self, sentence: str, cited: Collection[int]) -> Support:
        """How far `sentence` is supported by what it cites; without a citation a fact is at best "partly"."""
        claim = " ".join(_MARKUP.sub(" ", sentence).split())
        if not is_factual(claim):
            return "not_factual"
        if cited:
            return _support(claim, [part for number in cited for part in self._parts(number)], self._given)
        found = {_support(claim, self._parts(number), self._given) for number in self._offered}
        return "partly" if "supported" in found else "unsupported"

    def _parts(self, number: int) -> list[Part]:
        if number not in self._read:
            self._read[number] = parts_of([self._offered[number]])
        return self._read[number]


@dataclass(frozen=True, slots=True)
class _Given:
    """What the question says."""

    text: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause of a claim, and how much of it each part of the sources has."""

    text: str
    parts: list[tuple[Part, float]]

    def within(self, margin: float) -> list[Part]:
        best = max(share for _, share in self.parts)
        return [part for part, share in self.parts if share >= best - margin]


def is_factual(claim: str) -> bool:
    """Whether it states something, by its words; a sentence without markup."""
    if not content_words(claim) or _RULE.match(claim) or claim.endswith(("?", "？", ":", "：")):
        return False
    return _ABOUT_SOURCES.search(claim) is None


def _support(claim: str, parts: Sequence[Part], given: _Given) -> Support:
    if not parts:
        return "unsupported"
    words = _plain_words(claim)
    weights = weights_of(words, parts)
    texts = joined(clauses(claim))
    found = [_aligned(text, words, parts, weights) for text in texts]
    if not all(_facts_agree(clause, given) and _names_agree(clause, given) for clause in found):
        return "unsupported"
    if language_of(claim) not in {language_of(part.around) for part in parts}:
        return "partly"  # words cannot be compared; numbers, dates and names were
    if any(_is_contradicted(clause) for clause in found):
        return "unsupported"
    said = [part for clause in found for part in clause.within(_SAID)]
    terms = frozenset[str]().union(*(part.near | part.far for part in said))
    contained = sum(is_among(word, terms) for word in words) / len(words) if words else 1.0
    if contained >= SUPPORTED_FROM:
        return "supported"
    return "partly" if contained >= PARTLY_FROM else "unsupported"


def _plain_words(text: str) -> list[str]:
    """Without numbers, which are compared as facts."""
    return [word for word in content_words(text) if not any(map(str.isdecimal, word))]


def _aligned(text: str, words: Sequence[str], parts: Sequence[Part], weights: Mapping[str, float]) -> _Clause:
    mine = set(_plain_words(text))
    of_clause = {word: weight * (1.0 if word in mine else _ELSEWHERE) for word, weight in weights.items()}
    shares = [(part, part.share(words, of_clause)) for part in parts]
    return _Clause(text, shares)


# Numbers, dates, names


def _facts_agree(clause: _Clause, given: _Given) -> bool:
    said = facts_of(clause.text)
    return all(
        _is_mere_count(quantity, clause.text)
        or any(agree(quantity, other) for other in given.facts.quantities)
        or _is_said(
            clause,
            partial(_has_quantity, quantity),
            partial(_has_other_quantity, quantity, said),
            is_optional=quantity.unit == "rate",
        )
        for quantity in said.quantities
    ) and all(
        any(date.agrees_with(other) for other in given.facts.dates)
        or _is_said(clause, partial(_has_date, date), partial(_has_other_date, said))
        for date in said.dates
    )


def _is_said(
    clause: _Clause,
    holds: Callable[[Facts], bool],
    competes: Callable[[Facts], bool],
    *,
    is_optional: bool = False,
) -> bool:
    """By what is nearest; where that says something else of the kind, by nothing else. A fact may also stand in another
    clause of the same statement, in what announces it, or in what is nearly as near. `is_optional`: it need not be
    said, only nothing else."""
    nearest = clause.within(_AS_NEAR)
    if any(holds(part.facts) for part in clause.within(_FACT_AS_NEAR)):
        return True
    if any(competes(part.facts) for part in nearest):
        return False
    if is_optional:
        return True
    statements = {part.statement for part in nearest}
    return any(holds(part.facts) for part, _ in clause.parts if part.statement in statements) or any(
        holds(part.facts) or holds(part.facts_announcing) or holds(part.facts_above)
        for part in clause.within(_FACT_NEAR)
    )


def _has_quantity(quantity: Quantity, facts: Facts) -> bool:
    return any(agree(quantity, other) for other in facts.quantities) or (
        not quantity.unit and any(quantity.value in {date.year, date.month, date.day} for date in facts.dates)
    )


def _has_date(date: CalendarDate, facts: Facts) -> bool:
    year_alone = date.month is None and date.day is None
    return any(date.agrees_with(other) for other in facts.dates) or (
        year_alone and any(date.year == quantity.value for quantity in facts.quantities)
    )


def _has_other_quantity(quantity: Quantity, said: Facts, facts: Facts) -> bool:
    """Whether `facts` have one of its unit that the claim does not speak of."""
    return any(
        other.unit == quantity.unit and not any(agree(mine, other) for mine in said.quantities)
        for other in facts.quantities
    )


def _has_other_date(said: Facts, facts: Facts) -> bool:
    return any(not any(mine.agrees_with(other) for mine in said.dates) for other in facts.dates)


def _is_mere_count(quantity: Quantity, claim: str) -> bool:
    """ "Three conditions apply": counted by the writer, not read in the source."""
    said = claim[quantity.span.start : quantity.span.end]
    return not quantity.unit and quantity.value <= _SMALL_COUNT and not any(map(str.isdecimal, said))


def _names_agree(clause: _Clause, given: _Given) -> bool:
    parts = clause.within(_NAME_NEAR)
    near = "\n".join({part.around for part in parts} | {part.above for part in parts})
    sources = (_Text.of(near), _Text.of(given.text))
    return all(any(source.has(name) for source in sources) for name in names_of(clause.text))


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    terms: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "_Text":
        return cls(text.casefold(), frozenset(analyse(text)))

    def has(self, name: str) -> bool:
        return name.casefold() in self.text or set(analyse(name)) <= self.terms


# Denial and words


def _is_contradicted(clause: _Clause) -> bool:
    """The statements that are nearest say the opposite of the same matter, clause by clause."""
    statements = {part.statement for part in clause.within(_AS_NEAR)}
    known = [
        (text, frozenset(analyse(text)), facts_of(text))
        for part, _ in clause.parts
        if part.statement in statements
        for text in clauses(part.text.replace(" | ", "; "))
    ]
    for mine in clauses(clause.text):
        words, quantities = _plain_words(mine), facts_of(mine).quantities
        shares = [
            _shared(words, quantities, terms, facts) / max(1, len(words) + len(quantities))
            for _, terms, facts in known
        ]
        best = max(shares, default=0.0)
        same = [text for (text, _, _), share in zip(known, shares, strict=True) if share == best]
        if best >= _SAME_MATTER_FROM and all(opposed(mine, text) for text in same):
            return True
    return False


def _shared(words: Sequence[str], quantities: Sequence[Quantity], terms: frozenset[str], facts: Facts) -> int:
    return sum(is_among(word, terms) for word in words) + sum(
        any(agree(quantity, other) for other in facts.quantities) for quantity in quantities
    )
