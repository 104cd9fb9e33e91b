"""Do the sources have the names of a claim where they speak of its matter?

A name that the source does not have is not supported. One that it has elsewhere is, unless another name that the claim
does not have stands where its matter is: then they were exchanged. What stands there may also be a word for what was
named before ("the group", 该公司).
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from kbchat.analysis import analyse, content_words, names_of
from kbchat.answering.aligning import Part, is_among
from kbchat.answering.claims.claim import Claim, Clause
from kbchat.answering.claims.slots import Slot, slots_of
from kbchat.answering.facts import without_facts

_NEAR: Final = 0.4
_NEAREST: Final = 0.9
_ACRONYM: Final = re.compile(r"[A-Z]{2,6}")
# Of 威廉·汉普森 what is sure to belong to the name.
_TRANSCRIBED: Final = re.compile(r"[\u4e00-\u9fff]{2}[·•‧・][\u4e00-\u9fff]{2}")
_CAPITAL: Final = re.compile(r"\b[A-Z]")


def has_names(clause: Clause, given: str) -> bool:
    """All names of the clause; `given`: a text whose names need no source."""
    near = _Text.of("\n".join({f"{part.around}\n{part.above}" for part in clause.within(_NEAR)}))
    whole = _Text.of("\n".join({f"{part.around}\n{part.above}" for part in clause.claim.parts}))
    said, asked = _Text.of(clause.claim.text), _Text.of(given)
    names = names_of(clause.text)
    if _TRANSCRIBED.search(whole.text):
        names |= set(_TRANSCRIBED.findall(clause.text))
    missing = [name for name in names if not near.has(name) and not asked.has(name)]
    if not all(map(whole.has, missing)):
        return False
    missing = [name for name in missing if name not in _topics(clause.claim)]
    return not missing or not any(
        not said.has(name) for part in clause.within(_NEAREST) for name in names_of(part.around)
    )


def _topics(claim: Claim) -> frozenset[str]:
    """The names that most statements have: what they all speak of, said or not."""
    statements = {part.statement: part.around for part in claim.parts}
    counts = Counter(name for around in statements.values() for name in names_of(f" {around}"))
    most = max(counts.values(), default=0)
    return frozenset(name for name, count in counts.items() if count == most and count > 1)


def is_exchanged(clause: Clause) -> bool:
    """A name of the clause stands elsewhere in the sources, and in its place there another one that the claim does not
    have."""
    if not any(slot.is_name for slot in slots_of(clause.text)):
        return False
    whole = frozenset[str]().union(*(part.near for part in clause.claim.parts))
    said = frozenset(analyse(clause.claim.text))
    return any(
        all(is_among(term, whole) for term in slot.filler) and _is_filled_otherwise(clause, slot, said)
        for part in clause.within(_NEAREST)
        for slot in slots_of(clause.text, part.own | part.far)
    )


def is_of_another_row(claim: Claim) -> bool:
    """Words of the claim stand in another row than the one that it names, which has others in their column."""
    rows = [part for part in claim.parts if part.column]
    mine = [part for part in rows if part.statement in claim.named]
    named = frozenset[str]().union(*(part.near for part in mine))
    said = frozenset(analyse(claim.text))
    words = [word for word in content_words(without_facts(claim.text)) if not is_among(word, named)]
    columns = {
        part.column
        for part in rows
        if part.statement not in claim.named
        for word in words
        if _is_in_cell(word, part)
    }
    return any(
        part.column in columns and not said.issuperset(content_words(without_facts(part.cell)))
        for part in mine
    )


def _is_in_cell(word: str, part: Part) -> bool:
    return is_among(word, frozenset(analyse(part.cell)))


def _is_filled_otherwise(clause: Clause, slot: Slot, said: frozenset[str]) -> bool:
    near = clause.without_words(slot.filler).within(_NEAREST)
    return all(
        any(
            slot.is_place_of(other)
            and slot.is_name
            and other.is_name
            and not any(is_among(term, part.own) for term in slot.filler)
            for other in slots_of(part.text, said)
        )
        for part in near
    )


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    terms: frozenset[str]
    initials: str

    @classmethod
    def of(cls, text: str) -> "_Text":
        return cls(text.casefold(), frozenset(analyse(text)), "".join(_CAPITAL.findall(text)))

    def has(self, name: str) -> bool:
        """Word for word, by its terms, or as the initials of what it is short for."""
        if name.casefold() in self.text or set(analyse(name)) <= self.terms:
            return True
        return _ACRONYM.fullmatch(name) is not None and name in self.initials
