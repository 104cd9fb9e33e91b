"""Do the sources say the opposite of a clause of a claim, or nothing that its denial could rest on?

Compared is what speaks of the same matter: polarity and bounds of clauses alike, the words that a denial stands
before, and whether anything near a denied clause is negative at all.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from kbchat.analysis import analyse, content_words
from kbchat.analysis.folding import fold
from kbchat.answering.aligning import Part, is_among
from kbchat.answering.claims.claim import Clause, plain_words
from kbchat.answering.conditions import is_met, lacking, without_condition
from kbchat.answering.denial import clauses, denied, denies
from kbchat.answering.facts import Facts, Quantity, agree, facts_of
from kbchat.answering.opposing import opposed

_SAME_MATTER_FROM: Final = 0.4
_AS_NEAR: Final = 0.9
# How near a statement may stand that a denial rests on.
_NEAR: Final = 0.8
# What denies, excludes, bounds or ends: a denial in other words rests on one of these.
_NEGATIVE: Final = re.compile(
    r"\b(?:not|no|never|none|nor|neither|cannot|without|out of|nobody|nothing|only|solely|except|unless|until|instead|"
    r"rather|lack|fail|refus|reject|den[iy]|forb[ia]d|prohibit|bann|exclu|forfeit|los[est]|expire|lapse|exempt|avoid|"
    r"prevent|stop|end(?:s|ed)?\b|cease|cancel|remov|abolish|oppos|against|few|little|hardly|rarely|less|optional|"
    r"voluntary|waive|un(?!i|der|til)|dis|mis|in(?:valid|eligible|sufficient|adequate|correct|complete|ability))|n['’]t\b|"
    r"[不没未无非勿莫否禁除只仅才唯拒免缺失弃止停反难废取少]",
    re.IGNORECASE,
)
# Of these, what denies what comes with it: "failed" is as good as "did not succeed".
_REFUSAL: Final = re.compile(
    r"\b(?:lack|fail|refus|reject|den[iy]|forb[ia]d|prohibit|bann|exclu|forfeit|los[est]|expire|lapse|unable|exempt|avoid|"
    r"prevent|cancel|waive)|[失缺拒禁免弃废]|取消|反对",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[A-Za-z'’]+")
_BEFORE_OR_AFTER: Final = re.compile(
    r"\b(?:before|after)\b|[之以]?[前后](?=[\s，。,；;\d一二两三四五六七八九十才须应就已就的]|$)|[之以][前后]",
    re.IGNORECASE,
)
_OTHER: Final = {"before": "after", "after": "before"}


def is_contradicted(clause: Clause) -> bool:
    """Compared with the parts that are nearest; across languages nothing can be told."""
    return (
        _says_the_opposite(clause)
        or _denies_alone(clause)
        or _is_denied(clause)
        or _is_of_another_time(clause)
    )


def _says_the_opposite(clause: Clause) -> bool:
    """The statements that are nearest say the opposite of the same matter, clause by clause."""
    known = [
        (text, frozenset(analyse(text)), facts_of(text))
        for part in _parts(clause, _AS_NEAR)
        for text in clauses(part.text.replace(" | ", "; "))
    ]
    for mine in clauses(clause.text):
        words, quantities = plain_words(mine), facts_of(mine).quantities
        shares = [
            _shared(words, quantities, terms, facts) / max(1, len(words) + len(quantities))
            for _, terms, facts in known
        ]
        best = max(shares, default=0.0)
        same = [text for (text, _, _), share in zip(known, shares, strict=True) if share == best]
        is_alike = any(_deny_the_same(mine, text) for text, _, _ in known)
        if best >= _SAME_MATTER_FROM and not is_alike and all(_excludes(mine, text) for text in same):
            return True
    return False


def _deny_the_same(one: str, other: str) -> bool:
    """A condition that both have makes no rules alike, nor does a word denied once with it and once without."""
    if is_met(lacking(one), other) or is_met(lacking(other), one):
        return False
    if lacking(one) and lacking(other):
        one, other = without_condition(one), without_condition(other)
    return bool(denied(one) & denied(other))


def _excludes(one: str, other: str) -> bool:
    """They are opposed, and not the one by a denial and the other by a word that is negative itself."""
    if not opposed(one, other):
        return False
    plain = [text for text in (one, other) if not denies(text)]
    return len(plain) != 1 or not _REFUSAL.search(fold(plain[0]))


def _denies_alone(clause: Clause) -> bool:
    """It denies, and nothing near it is negative in any way but what the claim has, too ("a lost badge")."""
    refused = denied(clause.text)
    if not denies(clause.text) or any(refused & denied(part.text) for part in _parts(clause, _NEAR)):
        return False
    mine = frozenset(clause.claim.words)
    return all(
        not denies(word) and mine.issuperset(content_words(word) or [word])
        for part in clause.within(_NEAR)
        for word in _negatives(part.text)
    )


def _is_denied(clause: Clause) -> bool:
    """It says without a denial what the nearest statements deny and say nowhere else."""
    mine = set(plain_words(clause.text))
    parts = _parts(clause, _AS_NEAR)
    texts = [text for part in parts for text in clauses(part.text)]
    # "May enter with a badge" says what "must not enter without a badge" does.
    met = [is_met(lacking(text), clause.text) for text in texts]
    refused = {word for text, ok in zip(texts, met, strict=True) if not ok for word in denied(text)} & mine
    if any(not refused & set(content_words(word)) for word in _negatives(clause.text)):
        return False
    said = frozenset(
        term for text, ok in zip(texts, met, strict=True) if ok or not denies(text) for term in analyse(text)
    )
    return any(not is_among(word, said) for word in refused)


def _negatives(text: str) -> Iterator[str]:
    """Words of `text` that are negative in any way, as a whole."""
    text = fold(text)
    for match in _NEGATIVE.finditer(text):
        word = _WORD.match(text, match.start())
        yield word[0] if word else match[0]


def _is_of_another_time(clause: Clause) -> bool:
    """ "After the hatch was opened": and the sources say before."""
    mine = _times(clause.text)
    known = frozenset[tuple[str, str]]().union(*(_times(part.text) for part in _parts(clause, _AS_NEAR)))
    return any((word, _OTHER[side]) in known and (word, side) not in known for word, side in mine)


def _times(text: str) -> frozenset[tuple[str, str]]:
    """Words that something is said to come before or after, each with which."""
    text = fold(text)
    found: set[tuple[str, str]] = set()
    for match in _BEFORE_OR_AFTER.finditer(text):
        side = "after" if match[0].lower() == "after" or match[0].endswith("后") else "before"
        beside = (
            content_words(text[: match.start()])[-1:]
            if match[0][-1] in "前后"
            else content_words(text[match.end() :])[:1]
        )
        found.update((word, side) for word in beside)
    return frozenset(found)


def _parts(clause: Clause, nearness: float) -> list[Part]:
    """Of the statements that are so near, all parts."""
    statements = {part.statement for part in clause.within(nearness)}
    return [part for part in clause.claim.parts if part.statement in statements]


def _shared(words: Sequence[str], quantities: Sequence[Quantity], terms: frozenset[str], facts: Facts) -> int:
    return sum(is_among(word, terms) for word in words) + sum(
        any(agree(quantity, other) for other in facts.quantities) for quantity in quantities
    )
