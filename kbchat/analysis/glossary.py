"""The company's own words: acronym and full name, synonyms, the other language's name. Data that a caller
gives.

It applies to questions alone, so that an edit counts from the next question on and no document is read again.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kbchat.analysis.folding import fold
from kbchat.analysis.language import language_of
from kbchat.analysis.scripts import HAN, IN_PAIRS
from kbchat.analysis.stop_words import ENGLISH

# Of words with blanks between them.
_LETTER = rf"[^\W_{HAN}{IN_PAIRS}]"
_BEGINS_A_WORD = re.compile(rf"\.?{_LETTER}")
_ENDS_A_WORD = re.compile(rf"{_LETTER}\Z")
# Boxes and policies; not bays, nor of three letters, which are acronyms.
_TAKES_ES = re.compile(r"(?:[sxzo]|[cs]h)\Z")
_TAKES_IES = re.compile(r"\w{2}[^\Waeiou]y\Z")
# Acronyms are told from these by their capitals alone: IT, WHO, US, CAN.
_ORDINARY = ENGLISH | {"us", "can", "may", "might", "must", "need", "get", "take", "want", "per"}


@dataclass(frozen=True, slots=True)
class Glossary:
    """`entries`: from a normalised name to the other names of the same thing, as they were written."""

    entries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, groups: Iterable[Iterable[str]]) -> "Glossary":
        """A glossary of groups of names; within a group each stands for the others. Blank names are
        ignored.
        """
        entries: dict[str, tuple[str, ...]] = {}
        for group in groups:
            names = {_key(name): name.strip() for name in group}
            names.pop("", None)
            for key in names:
                others = [name for other, name in names.items() if other != key]
                entries[key] = tuple(dict.fromkeys([*entries.get(key, ()), *others]))
        return cls(MappingProxyType(entries))


def other_names(text: str, glossary: Glossary) -> dict[str, tuple[str, ...]]:
    """The names that stand in `text`, case-folded and in the form that it has, each with the other names of the same
    thing; where the form is not the glossary's, that is one of the others (SLAs: SLA).

    Longer names come first, and a name inside a longer one that was found does not count (PTO policy, PTO).
    Latin names match whole words only, Han names anywhere; case, width, plural, traditional or simplified spelling,
    hyphens or blanks, and blanks around & do not matter, but a name that is also an ordinary word has to stand in
    capitals. Never raises.
    """
    remaining = _normalise(text)
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(glossary.entries, key=lambda key: (-len(key), key)):
        if not _may_stand_in(remaining, name):
            continue
        pattern = _pattern(name)
        if (form := pattern.search(remaining)) and _is_meant(name, text):
            remaining = pattern.sub("\n", remaining)
            if others := glossary.entries[name]:
                found[form[0]] = others if form[0] == name else (*others, name)
    return found


def expand_query(text: str, glossary: Glossary) -> tuple[str, ...]:
    """Names to search for besides `text`: those of `other_names` that the text does not hold already. Never raises."""
    held = _normalise(text)
    additions = dict.fromkeys(name for names in other_names(text, glossary).values() for name in names)
    return tuple(
        addition for addition in additions if (key := _key(addition)) and not _pattern(key).search(held)
    )


def in_all_names(text: str, glossary: Glossary) -> str:
    """`text` and what `expand_query` adds in its language, for an encoder: a name in another language would say
    nothing to most, and blur the rest."""
    language = language_of(text)
    return " ".join([text, *(name for name in expand_query(text, glossary) if language_of(name) == language)])


def _normalise(text: str) -> str:
    return " ".join(fold(text).casefold().split())


def _key(name: str) -> str:
    """By which a name is kept: blanks for hyphens between words, none around &."""
    return re.sub(" ?& ?", "&", re.sub(r"(?<=\w)-(?=\w)", " ", _normalise(name)))


def _may_stand_in(text: str, name: str) -> bool:
    """What every form of `name` has is there: quicker than its pattern, which few names then need."""
    return all(word in text for word in name.removesuffix("y").replace("&", " ").split(" "))


def _is_meant(name: str, text: str) -> bool:
    in_capitals = rf"(?<!{_LETTER}){name.upper()}s?(?!{_LETTER})"
    return name not in _ORDINARY or re.search(in_capitals, fold(text)) is not None


def _pattern(name: str) -> re.Pattern[str]:
    """Not within a longer name: R in R&D, C in C++, .NET in firm.net."""
    before = rf"(?<!{_LETTER})(?<!{_LETTER}[.@&])" if _BEGINS_A_WORD.match(name) else ""
    after = rf"(?!{_LETTER}|[+#]|[.@&]{_LETTER})" if _ENDS_A_WORD.search(name) else ""
    return re.compile(before + _forms(name) + after)


def _forms(name: str) -> str:
    spelt = re.escape(name).replace(r"\ ", "[ -]").replace(r"\&", " ?& ?")
    if _TAKES_IES.search(name):
        return spelt.removesuffix("y") + "(?:ys?|ies)"
    if _TAKES_ES.search(name):
        return spelt + "(?:e?s)?"
    return spelt + ("s?" if _ENDS_A_WORD.search(name) else "")
