"""English follow-ups made standalone by rules: pronouns, fragments ("And in Shanghai?") and missing topics.

Plain text in, plain text out. The result is a search query that a person can read, not a grammarian's
sentence.
"""

import re
from typing import Final

from kbchat.answering.courtesies import is_shouted, without_courtesies
from kbchat.answering.exchanging_english import (
    ENDING,
    MOMENT,
    ONLY_YEAR,
    STARTS_WITH_PREPOSITION,
    WHOLE_NAME,
    WHOLE_PERSON,
    alike,
    beside,
    capitalised,
    same_head,
    substituted,
)
from kbchat.answering.grammar_english import (
    AUXILIARY,
    DEED,
    FUNCTION_WORD,
    NEGATED,
    PERSON,
    PREDICATE,
    PREPOSITION,
    STATE,
    SUBJECT,
    UNIT,
)

_CONNECTIVE: Final = re.compile(r"^(?:(?:and|but|so|or|also|ok|okay|then|well|now)\b[,\s]*)+", re.IGNORECASE)
_ADDING: Final = re.compile(r"\b(?:and|but|or|also)\b", re.IGNORECASE)
_WHAT_ABOUT: Final = re.compile(
    r"^(?:what about|how about|what if it(?:'s| is)|same (?:question )?for|(?:is it )?(?:also )?the same "
    r"for)\s+(.+)$",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(r"(?:if|when|unless|once|while)\b", re.IGNORECASE)
_ASKING: Final = re.compile(r"^(?:who|whom|what|when|where|why|how|which)$", re.IGNORECASE)
_ASKS: Final = re.compile(
    rf"\b(?:who|whom|what|when|where|why|how|which|{AUXILIARY}|tell|explain|please|more|else|again)\b",
    re.IGNORECASE,
)
_EXPLETIVE: Final = re.compile(
    r"\b(?:is|was|be|isn't) it (?:\w+ )?(?:allowed|possible|ok|okay|required|mandatory|necessary|true|legal|"
    r"permitted|"
    r"safe|better|best)\b|\bdoes it (?:take|cost) to\b|\bwhat time is it\b|\bit(?:'s| is) (?:allowed|"
    r"possible|true)\b",
    re.IGNORECASE,
)
# Not "this year", and not "those employees who work nights", whom the question itself describes.
_DESCRIBED: Final = r"who|whom|whose|which|that"
_DEMONSTRATIVE: Final = re.compile(
    rf"\b(?:this|that|these|those|the same|such(?: an?)?) "
    rf"(?!(?:{AUXILIARY}|{PREPOSITION}|{PREDICATE}|{_DESCRIBED}|of|the|an?|i|we|you|he|she|they|it)s?\b)"
    r"(?!(?:calendar |fiscal |financial )?(?:year|quarter|month|week|morning|afternoon|evening|spring|summer|autumn|"
    r"winter|company|kind|sort|type|way)s?\b)(?!(?:true|valid|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)"
    rf"(?!(?<=those )\w+(?:ing|ed)\b)([a-z][\w-]*)\b(?! (?:{_DESCRIBED})\b)",
    re.IGNORECASE,
)
_POSSESSIVE: Final = re.compile(
    rf"\b(?:its|their|his|her(?=\s+(?!(?:{AUXILIARY}|{PREPOSITION}|about|again|and|or|directly|if|now|today|when)\b)"
    r"[a-z]))\b",
    re.IGNORECASE,
)
# At the end, behind "that": "Isn't that illegal?".
_HOW_IT_IS: Final = r"\s+(?!(?:it|all|so|true)$)[a-z][\w-]*$"
_PRONOUN: Final = re.compile(
    r"\b(?:(?-i:[Ii]t)|they|them|he|him|she|her|"
    rf"(?:these|those)(?!\s+(?:{PREPOSITION}|of|\w+ing|\w+ed)\b)(?!\s+(?:[\w-]+\s+)?(?:{_DESCRIBED})\b)|"
    rf"(?:this|that)(?=$|\s+(?:{AUXILIARY}|{PREPOSITION}|{PREDICATE})s?\b))(?!')\b|"
    rf"(?:(?<=\bis )|(?<=\bwas )|(?<=n['’]t ))(?:this|that)(?={_HOW_IT_IS})",
    re.IGNORECASE,
)
# Before "that" where it points back; behind a noun it begins a clause: "the rule that covers gifts".
_CLAUSE_BEGINS: Final = re.compile(
    rf"(?:^|[,;:.?!]\s*|\b(?:{NEGATED}|and|or|but|so|if|when|because|unless|once|while|what|how|why|where|until|after|"
    r"before|since|as)\s+)$",
    re.IGNORECASE,
)
_VERB_BEFORE: Final = re.compile(
    rf"(?:\b(?:{PREPOSITION}|of|about|than|like)|(?<!\bthe )(?<!\ba )(?<!\ban )\b(?:{DEED}|explain|describe|show|"
    r"expand|summari[sz]e)(?:e?s|e?d)?)\s+$",
    re.IGNORECASE,
)
_PLURAL: Final = re.compile(r"(?:staff|people|\w*[^sui]s)", re.IGNORECASE)
# Where a pronoun may speak of what the question said before: a person, or a thing with its article; it never does
# within one clause ("can managers approve it"), but for whose something is ("its data").
_NEXT_CLAUSE: Final = re.compile(
    r"[.?!,;:]|\b(?:and|then|if|when|whenever|because|while|once|unless|although|but)\b", re.IGNORECASE
)
_SOMEBODY: Final = re.compile(
    rf"\b(?:{PERSON}|everyone|everybody|someone|somebody|anyone|anybody|each|(?:an?|the|my|our|your) [a-z]\w+)\b|"
    r"(?<=[a-z] )(?-i:[A-Z][a-z]+)",
    re.IGNORECASE,
)
_SOMETHING: Final = re.compile(
    rf"\b(?:an?|the|my|our|your|his|her)\s+(?!{PERSON}\b)(?!{UNIT}\b)[a-z][\w-]+", re.IGNORECASE
)
_THERE: Final = re.compile(r"(?<!is )(?<!are )(?<!was )(?<!were )\bthere$", re.IGNORECASE)
_PLACE: Final = re.compile(r"\b(?:in|at) (?:the )?[A-Z][\w-]*(?: [A-Z][\w-]*)*")

_OPENINGS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            r"^(?:can|could|would|will) you (?:please )?(?:tell|explain|show|give)(?: to)?(?: me)?(?: about| "
            r"what| how)?\s+"
        ),
        r"^(?:please )?(?:tell me|explain|describe|show me|i (?:want|would like) to know)(?: about)?\s+",
        r"^what (?:kinds?|types?|sorts?) of\s+",
        # A company car is no deed of the company.
        r"^(?:(?:who|what|when|where|how) )?(?:is|are|was|were) (?:the|our) (?=company [a-z])",
        rf"^(?:what(?:'s|\s+(?:{AUXILIARY}))|what|which)\s+",
        rf"^how (?:many|much)\s+(?:{UNIT}(?: of)?\s+)?",
        rf"^how (?:long|often|far|soon|early|late|big|old|quickly|fast)\s+(?:{AUXILIARY})\s+",
        rf"^how (?:to|{AUXILIARY})\s+",
        rf"^(?:who|whom|where|when|why)\s+(?:(?:{AUXILIARY})\s+)?",
        rf"^(?:{AUXILIARY})\s+(?:there\s+)?",
        # With a verb that is not known: "I renew my badge".
        rf"^(?:{SUBJECT})\s+(?=(?:{DEED})\b|(?!(?:{AUXILIARY})\b))(?:[a-z]+\s+(?=(?:an?|the|my|our|your|their)\s))?",
        r"^(?:have|has|need|needs|want) to\s+",
        rf"^(?:{DEED})(?:s|d|ed)?\s+(?!(?:{AUXILIARY})\b)",
        r"^(?:an?|the|my|our|your|any|some|all)\s+",
    )
)
_TOPIC_END: Final = re.compile(
    rf"\s+(?:{AUXILIARY})\b.*$|\s+(?:(?:{PREDICATE})s?|{STATE})\b(?!\s+(?:{PREDICATE}|{STATE})\b).*$|"
    r"\s+(?:at|in) (?:this|our|the) company.*$",
    re.IGNORECASE,
)


def topic(question: str) -> str:
    """The thing a question is about: "How many days of annual leave do I get?" → "annual leave"."""
    rest = ENDING.sub("", _CONNECTIVE.sub("", without_courtesies(question)))
    for opening in _OPENINGS:
        shorter = opening.sub("", rest, count=1)
        if shorter.strip():
            rest = shorter
    shorter = _TOPIC_END.sub("", rest).strip()
    return shorter or rest


def standalone(text: str, previous: str, subject: str) -> str:
    """`text` with what it leaves out taken from the `previous` question, whose topic is `subject`.

    Returns `text` unchanged when it already stands alone."""
    body = ENDING.sub("", without_courtesies(text))
    bare = _CONNECTIVE.sub("", body)
    is_added = _ADDING.search(body[: len(body) - len(bare)]) is not None
    is_asked = text.rstrip().endswith("?")
    if not bare:
        return beside(body, subject) if body and (is_asked or is_added) else text
    spoken = bare.lower() if is_shouted(bare) else bare
    asked = _WHAT_ABOUT.match(bare)
    part = asked[1] if asked else bare
    if (asked or is_added) and _CLAUSE.match(part) and not _refers(spoken):
        return beside(part, subject)
    if asked and not _refers(part):
        return substituted(previous, part, subject)
    if is_added and _is_fragment(bare):
        return substituted(previous, bare, subject)
    if _refers(spoken):
        return _with_reference(spoken, previous, subject)
    if _is_bare_follow_up(bare, previous, is_asked=is_asked):
        return substituted(previous, bare, subject)
    if MOMENT.fullmatch(bare) or _lacks_topic(bare, is_asked=is_asked or is_added):
        return beside(bare, subject)
    return text


def _refers(text: str) -> bool:
    if _EXPLETIVE.search(text):
        return False
    if _demonstrative(text) or _THERE.search(text):
        return True
    found = _pronoun(text)
    return found is not None and not _is_explained(text, found)


def _demonstrative(text: str) -> re.Match[str] | None:
    """The first "this policy" that points back; "that" does not before a plural, nor behind a noun."""
    for found in _DEMONSTRATIVE.finditer(text):
        before = text[: found.start()]
        if found.end() == len(text) and re.search(r"\b(?:is|was)(?:n['’]t)?\s+$", before, re.IGNORECASE):
            continue
        if not found[0].lower().startswith("that "):
            return found
        if not _PLURAL.fullmatch(found[1]) and (_CLAUSE_BEGINS.search(before) or _VERB_BEFORE.search(before)):
            return found
    return None


def _pronoun(text: str) -> re.Match[str] | None:
    """The first "it" or "its" that may point back."""
    for found in sorted([*_PRONOUN.finditer(text), *_POSSESSIVE.finditer(text)], key=lambda one: one.start()):
        is_subject = re.match(rf"\s+(?:{AUXILIARY}|(?:{PREDICATE})s?)\b", text[found.end() :], re.IGNORECASE)
        if found[0].lower() != "that" or not is_subject or _CLAUSE_BEGINS.search(text[: found.start()]):
            return found
    return None


def _is_explained(text: str, pronoun: re.Match[str]) -> bool:
    """Whether the question itself says of whom or what it speaks: "when an employee is sick, does he ..."."""
    word, before = pronoun[0].lower(), text[: pronoun.start()]
    if not _POSSESSIVE.match(text, pronoun.start()):
        boundaries = list(_NEXT_CLAUSE.finditer(before))
        before = before[: boundaries[-1].start()] if boundaries else ""
    if word in {"he", "him", "she", "his", "her"}:
        return _SOMEBODY.search(before) is not None
    if word in {"it", "its"}:
        return _SOMETHING.search(before) is not None
    return word in {"they", "them", "their"} and bool(_SOMEBODY.search(before) or _SOMETHING.search(before))


def _with_reference(text: str, previous: str, subject: str) -> str:
    place = _PLACE.search(previous)
    if place and _THERE.search(text):
        text = _THERE.sub(place.group(), text)
    if found := _demonstrative(text):
        thing = found[1]
        said = f"the {subject if subject.lower().endswith(thing.lower()) else f'{subject} {thing}'}"
    elif found := _pronoun(text):
        said = f"{subject}'s" if _POSSESSIVE.match(text, found.start()) else subject
    else:
        return f"{capitalised(text)}?"
    return f"{capitalised(f'{text[: found.start()]}{said}{text[found.end() :]}')}?"


def _is_fragment(text: str) -> bool:
    """A phrase without a verb of its own: "in Shanghai", "sick leave"."""
    words = text.split()
    verbs = re.compile(rf"^(?:{AUXILIARY}|{DEED}|{PREDICATE})$", re.IGNORECASE)
    orders = {"tell", "please", "explain", "show", "list"}
    if MOMENT.fullmatch(text):
        return True
    if not words or len(words) > 6 or words[0].lower() in orders:
        return False
    return not any(_ASKING.match(word) or verbs.match(word) for word in words)


def _is_bare_follow_up(text: str, previous: str, *, is_asked: bool) -> bool:
    """Whether a phrase that nothing leads in ("London?", "on Fridays?", "2024") belongs to what was asked before.

    Any other one is a question of its own: "Dress code"."""
    if not _is_fragment(text) or len(text.split()) > 4:
        return False
    if ONLY_YEAR.match(text) or WHOLE_PERSON.match(text):
        return True
    if MOMENT.fullmatch(text):
        return MOMENT.search(previous) is not None
    if led := STARTS_WITH_PREPOSITION.match(text):
        return is_asked or not led[2][0].islower()
    if not is_asked:
        return False
    if WHOLE_NAME.fullmatch(text):
        return alike(text, previous) is not None
    return " " in text and same_head(ENDING.sub("", previous), text) is not None


def _lacks_topic(text: str, *, is_asked: bool) -> bool:
    """A question whose words are all grammar and general deeds: "How do I apply", "Why", "Contact?".

    Without a word that asks it may have one deed: more are a thing, as in "Expense report?"."""
    deeds = re.findall(rf"\b(?:{DEED}|{PREDICATE})\b", text, flags=re.IGNORECASE)
    if not _ASKS.search(text) and not (is_asked and len(deeds) == 1):
        return False
    rest = re.sub(rf"\b(?:{DEED}|{PREDICATE})(?:s|d|ed)?\b", " ", text, flags=re.IGNORECASE)
    rest = re.sub(
        rf"\b(?:{UNIT}|more|exactly|then|usually|else|tell|please|explain|again|first|details?|examples?|exceptions?|"
        r"limits?|maximum|minimum|deadlines?|requirements?|steps?)\b",
        " ",
        rest,
        flags=re.IGNORECASE,
    )
    return all(FUNCTION_WORD.match(word) for word in re.findall(r"[\w'-]+", rest))
