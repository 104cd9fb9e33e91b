"""Is a sentence of an answer supported by what it cites? By numbers, dates, names, denial and content words.

No model: what this finds supported may still be misread by a subtle sentence, but a changed number, date,
unit, name or "not" does not pass. A critic with a model stands beside it, not in its place.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kbchat.analysis import analyse, content_words, language_of, names_of
from kbchat.answering.denial import bounds, clauses, denies
from kbchat.answering.events import Support
from kbchat.answering.facts import CalendarDate, Facts, Quantity, agree, facts_of
from kbchat.retrieval.port import Passage

SUPPORTED_FROM: Final = 0.6
PARTLY_FROM: Final = 0.35
_SAME_MATTER_FROM: Final = 0.6
_SMALL_COUNT: Final = 10

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
        self._given = _Known.of_text(question)
        self._read: dict[int, _Known] = {}

    def state(self, sentence: str, cited: Collection[int]) -> Support:
        """How far `sentence` is supported by what it cites; without a citation a fact is at best "partly"."""
        claim = " ".join(_MARKUP.sub(" ", sentence).split())
        if not _is_factual(claim):
            return "not_factual"
        if cited:
            return _support(claim, [self._known(number) for number in cited], self._given)
        found = {_support(claim, [self._known(number)], self._given) for number in self._offered}
        return "partly" if "supported" in found else "unsupported"

    def _known(self, number: int) -> "_Known":
        if number not in self._read:
            self._read[number] = _Known.of_passage(self._offered[number])
        return self._read[number]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a source says, in the forms in which a claim is compared with it."""

    text: str
    language: str
    terms: frozenset[str]
    facts: Facts
    clauses: tuple[tuple[str, frozenset[str]], ...]

    @classmethod
    def of_text(cls, text: str) -> "_Known":
        parts = tuple((clause, frozenset(analyse(clause))) for clause in clauses(text))
        return cls(text.casefold(), language_of(text), frozenset(analyse(text)), facts_of(text), parts)

    @classmethod
    def of_passage(cls, passage: Passage) -> "_Known":
        date = f"{passage.effective_from:%Y-%m-%d}"
        whole = cls.of_text("\n".join((passage.title, *passage.heading_path, date, passage.text)))
        return replace(whole, language=language_of(passage.text))


def _is_factual(claim: str) -> bool:
    if not content_words(claim) or _RULE.match(claim) or claim.endswith(("?", "？", ":", "：")):
        return False
    return _ABOUT_SOURCES.search(claim) is None


def _support(claim: str, cited: Sequence[_Known], given: _Known) -> Support:
    if not (_facts_agree(claim, [*cited, given]) and _names_agree(claim, [*cited, given])):
        return "unsupported"
    language = language_of(claim)
    if all(known.language != language for known in cited):
        return "partly"  # words cannot be compared; numbers, dates and names were
    if _contradicted(claim, cited):
        return "unsupported"
    contained = _containment(content_words(claim), frozenset[str]().union(*(known.terms for known in cited)))
    if contained >= SUPPORTED_FROM:
        return "supported"
    return "partly" if contained >= PARTLY_FROM else "unsupported"


# Numbers, dates, names


def _facts_agree(claim: str, sources: Sequence[_Known]) -> bool:
    said = facts_of(claim)
    return all(
        _is_mere_count(quantity, claim) or any(_is_known(quantity, known.facts) for known in sources)
        for quantity in said.quantities
    ) and all(any(_is_known_date(date, known.facts) for known in sources) for date in said.dates)


def _is_known(quantity: Quantity, known: Facts) -> bool:
    if any(agree(quantity, other) for other in known.quantities):
        return True
    return not quantity.unit and any(
        quantity.value in {date.year, date.month, date.day} for date in known.dates
    )


def _is_known_date(date: CalendarDate, known: Facts) -> bool:
    if any(date.agrees_with(other) for other in known.dates):
        return True
    year_alone = date.month is None and date.day is None
    return year_alone and any(date.year == quantity.value for quantity in known.quantities)


def _is_mere_count(quantity: Quantity, claim: str) -> bool:
    """ "Three conditions apply": counted by the writer, not read in the source."""
    said = claim[quantity.span.start : quantity.span.end]
    return not quantity.unit and quantity.value <= _SMALL_COUNT and not any(map(str.isdecimal, said))


def _names_agree(claim: str, sources: Sequence[_Known]) -> bool:
    return all(any(_has_name(known, name) for known in sources) for name in names_of(claim))


def _has_name(known: _Known, name: str) -> bool:
    return name.casefold() in known.text or set(analyse(name)) <= known.terms


# Denial and words


def _contradicted(claim: str, cited: Sequence[_Known]) -> bool:
    """A clause of the claim says of the same matter the opposite of every clause that is nearest to it."""
    known = [part for source in cited for part in source.clauses]
    for clause in clauses(claim):
        words = content_words(clause)
        shares = [_containment(words, terms) for _, terms in known]
        best = max(shares, default=0.0)
        if best < _SAME_MATTER_FROM:
            continue
        nearest = [text for (text, _), share in zip(known, shares, strict=True) if share == best]
        if all(_opposed(clause, other) for other in nearest):
            return True
    return False


def _opposed(one: str, other: str) -> bool:
    if denies(one) != denies(other):
        return True
    mine, theirs = bounds(one), bounds(other)
    return bool(mine) and bool(theirs) and not mine & theirs


def _containment(words: Sequence[str], terms: frozenset[str]) -> float:
    """The share of `words` that are among `terms`; a longer Han word also by its pairs of characters."""
    if not words:
        return 0.0
    return sum(word in terms or _by_pairs(word, terms) for word in words) / len(words)


def _by_pairs(word: str, terms: frozenset[str]) -> bool:
    return (
        len(word) > 2 and not word.isascii() and all(word[i : i + 2] in terms for i in range(len(word) - 1))
    )
