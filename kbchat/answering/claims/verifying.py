"""Is a sentence of an answer supported by what it cites? By numbers, dates, names, denial and content words.

A claim is laid beside the clauses of its sources, and compared with what speaks of the same matter: a number that
stands elsewhere in the passage supports nothing. No model is asked, so a sentence that is changed subtly passes; how
often is measured (docs/measurements.md).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kbchat.analysis import content_words, language_of, sentences
from kbchat.answering.aligning import Part, is_among, parts_of
from kbchat.answering.claims.claim import Claim, has_fact
from kbchat.answering.claims.contradicting import is_contradicted
from kbchat.answering.claims.naming import has_names, is_exchanged, is_of_another_row
from kbchat.answering.claims.silence import stated
from kbchat.answering.claims.telling import is_told
from kbchat.answering.events import Support
from kbchat.answering.facts import Facts, facts_of
from kbchat.retrieval.port import Passage

# Chosen, as all thresholds of the check, on one half of tests/quality/verification_pairs.jsonl and on its development.
SUPPORTED_FROM: Final = 0.4
PARTLY_FROM: Final = 0.25
# More than this share of a sentence's words is in a passage that is cited for it unasked. On the odd pairs and the
# development, each among eight passages, .95 and .78 of the true sentences get the citation of their own passage and
# none another's (from .4 on: .97 and .89); of the changed ones .08 and .19 get one (.09 and .22).
_ATTRIBUTED_ABOVE: Final = 0.5
# Characters of a sentence: what is compared grows with its square, and nobody checks a longer one by reading either.
_LONGEST: Final = 500
# Of what the nearest part has, for another to count for words.
_SAID: Final = 0.6

_MARKUP: Final = re.compile(r"^\s*(?:#{1,6}\s+|>\s*|(?:[-*+•]|\d{1,3}[.)、])\s+)+|[*_`]{1,3}|\|")
_RULE: Final = re.compile(r"^[\s|:*_~=+-]*$")


class Verifier:
    """Judges the sentences of one answer. `offered`: the passages in its prompt by number.

    `question` gives names and numbers that the answer may take up without a source. Passages are read
    once."""

    def __init__(self, offered: Mapping[int, Passage], question: str = "") -> None:
        self._offered = offered
        self._given = _Given(question, facts_of(question))
        self._read: dict[int, list[Part]] = {}
        self._said: dict[int, frozenset[str]] = {}

    def state(self, sentence: str, cited: Collection[int]) -> Support:
        """How far `sentence` is supported by what it cites: one of its sentences, word for word, always. Without a
        citation a fact is at best "partly", and so is a sentence of more than 500 characters."""
        if not cited:
            return self.attributed(sentence)[0]
        claim = self._claim(sentence, cited, is_cited=True)
        if not _is_statement(claim):
            return "not_factual"
        state = self._supported(claim, cited).state
        return "partly" if state == "supported" and self._is_cut(claim, cited) else state

    def attributed(self, sentence: str) -> tuple[Support, int | None]:
        """Of a `sentence` that cites nothing: its state, and the offered passage to cite for it, which supports it and
        has most of its words, more than half. None where there is none, and for more than 500 characters. Attribution
        after the writing ("post-hoc citing", Gao et al. 2023, ALCE, section 3), by what checks claims instead of a
        retriever."""
        claim = self._claim(sentence, self._offered, is_cited=False)
        if not _is_statement(claim):
            return "not_factual", None
        found = {number: self._supported(claim, [number]) for number in self._offered}
        supporting = {number: each.contained for number, each in found.items() if each.state == "supported"}
        telling = [
            number
            for number, contained in supporting.items()
            if contained > _ATTRIBUTED_ABOVE and not self._is_cut(claim, [number])
        ]
        source = max(telling, key=lambda number: (supporting[number], -number), default=None)
        return "partly" if supporting else "unsupported", source

    def _claim(self, sentence: str, sources: Collection[int], *, is_cited: bool) -> str:
        """What it claims: all of it, where one of the sources says so word for word."""
        plain = _plain(sentence)
        is_quoted = any(plain in self._sentences(number) for number in sources)
        return plain if is_quoted else stated(plain, self._given.facts, is_cited=is_cited)

    def _supported(self, claim: str, cited: Collection[int]) -> "_Supported":
        if any(claim in self._sentences(number) for number in cited):
            return _Supported("supported", 1.0)
        parts = [part for number in cited for part in self._parts(number)]
        return _support(claim[:_LONGEST], parts, self._given)

    def _is_cut(self, claim: str, cited: Collection[int]) -> bool:
        """Whether only its beginning was compared."""
        return len(claim) > _LONGEST and not any(claim in self._sentences(number) for number in cited)

    def _sentences(self, number: int) -> frozenset[str]:
        if number not in self._said:
            text = self._offered[number].text
            self._said[number] = frozenset(_plain(text[one.start : one.end]) for one in sentences(text))
        return self._said[number]

    def _parts(self, number: int) -> list[Part]:
        if number not in self._read:
            self._read[number] = parts_of([self._offered[number]])
        return self._read[number]


def _plain(sentence: str) -> str:
    return " ".join(_MARKUP.sub(" ", sentence).split())


@dataclass(frozen=True, slots=True)
class _Given:
    """What the question says."""

    text: str
    facts: Facts


def is_factual(claim: str) -> bool:
    """Whether it states something, by its words; a sentence without markup."""
    return _is_statement(stated(claim))


def _is_statement(told: str) -> bool:
    return bool(content_words(told)) and not _RULE.match(told) and not told.endswith(("?", "？", ":", "："))


@dataclass(frozen=True, slots=True)
class _Supported:
    """`contained`: the share of the claim's words and facts that what supports it has."""

    state: Support
    contained: float = 0.0


def _support(text: str, parts: Sequence[Part], given: _Given) -> _Supported:
    if not parts:
        return _Supported("unsupported")
    claim = Claim.of(text, parts)
    found = list(claim.clauses())
    if not all(is_told(clause, given.facts) and has_names(clause, given.text) for clause in found):
        return _Supported("unsupported")
    if language_of(text) not in {language_of(part.around) for part in parts}:
        return _Supported("partly")  # words cannot be compared; numbers, dates and names were
    if is_of_another_row(claim) or any(is_contradicted(clause) or is_exchanged(clause) for clause in found):
        return _Supported("unsupported")
    contained = _contained(claim, [part for clause in found for part in clause.within(_SAID)])
    if contained >= SUPPORTED_FROM:
        return _Supported("supported", contained)
    return _Supported("partly" if contained >= PARTLY_FROM else "unsupported", contained)


def _contained(claim: Claim, said: Sequence[Part]) -> float:
    """The share of the words of a claim that `said` has, and of its facts those that are there as they are."""
    terms = frozenset[str]().union(*(part.near | part.far for part in said))
    told = sum(any(has_fact(part.facts_around, fact) for part in said) for fact in claim.facts.every)
    known = sum(is_among(word, terms) for word in claim.words) + told
    return known / (len(claim.words) + told) if claim.words else 1.0
