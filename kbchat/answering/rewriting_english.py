"""English follow-ups made standalone by rules: pronouns, fragments ("And in Shanghai?") and missing topics.

Plain text in, plain text out. The result is a search query that a person can read, not a grammarian's
sentence.
"""

import re
from typing import Final

from kbchat.answering.courtesies import is_shouted, without_courtesies
from kbchat.answering.grammar_english import (
    AUXILIARY,
    DEED,
    PERSON,
    PREDICATE,
    PREPOSITION,
    STATE,
    SUBJECT,
    UNIT,
)

_CONNECTIVE: Final = re.compile(r"^(?:(?:and|but|so|or|also|ok|okay|then|well|now)\b[,\s]*)+", re.IGNORECASE)
_ADDING: Final = re.compile(r"\b(?:and|but|or|also)\b", re.IGNORECASE)
_ENDING: Final = re.compile(r"[\s?.!,;:]+$")
_WHAT_ABOUT: Final = re.compile(
    r"^(?:what about|how about|what if it(?:'s| is)|same (?:question )?for|(?:is it )?(?:also )?the same "
    r"for)\s+(.+)$",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(r"(?:if|when|unless|once|while)\b", re.IGNORECASE)
_YEAR: Final = re.compile(r"\b(?:19|20)\d{2}\b")
_ONLY_YEAR: Final = re.compile(r"^(?:(?:in|for|since|the year) )*((?:19|20)\d{2})$", re.IGNORECASE)
_STARTS_WITH_PREPOSITION: Final = re.compile(rf"^({PREPOSITION}|about)\s+(.+)$", re.IGNORECASE)
_NAME_ITSELF: Final = r"(?!I\b)[A-Z][\w-]*(?: [A-Z][\w-]*)*"
_WHOLE_NAME: Final = re.compile(_NAME_ITSELF)
_CALENDAR: Final = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|January|February|March|April|May|June|July|August|September|October|"
    r"November|December|Christmas|Easter|New Year|Q[1-4]"
)
_WHOLE_PERSON: Final = re.compile(rf"^(?:an? |the |our |my )?{PERSON}$", re.IGNORECASE)
_IN_SENTENCE_PERSON: Final = re.compile(rf"\b(?:(?:an? |the |our |my )?{PERSON}|I|we)\b")
_ARTICLE: Final = re.compile(r"^(?:an?|the|my|our|your|any|some)\s+", re.IGNORECASE)
_ENDS_WITH_ARTICLE: Final = re.compile(r"\b(?:an?|the|my|our|your|any|some)\s+$", re.IGNORECASE)
_ENDS_WITH_A: Final = re.compile(r"\ban?\s+$", re.IGNORECASE)
_WHAT_FOR: Final = re.compile(r"\s(?:for|of|on)\s(?:(?:an?|the) )?")
# A verb follows: "How do I | renew my badge".
_ENDS_WITH_SUBJECT: Final = re.compile(rf"(?:\b(?:{SUBJECT}|they|who|how to)\s+)$", re.IGNORECASE)
_ASKING: Final = re.compile(r"^(?:who|whom|what|when|where|why|how|which)$", re.IGNORECASE)
_ASKS: Final = re.compile(
    rf"\b(?:who|whom|what|when|where|why|how|which|{AUXILIARY}|tell|explain|please|more|else|again)\b",
    re.IGNORECASE,
)
# "IT" is the department.
_FUNCTION_WORD: Final = re.compile(
    rf"^(?:{AUXILIARY}|{PREPOSITION}|of|the|an?|my|our|your|their|its|any|how|what|which|who|when|where|"
    r"why|per|each|every|"
    r"many|much|long|often|i|we|you|he|she|(?-i:[Ii]t)|they|there|and|or|not|if|me|us|that|this|these|those)$",
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
_PRONOUN: Final = re.compile(
    r"\b(?:(?-i:[Ii]t)|they|them|he|him|she|her|"
    rf"(?:these|those)(?!\s+(?:{PREPOSITION}|of|\w+ing|\w+ed)\b)(?!\s+(?:[\w-]+\s+)?(?:{_DESCRIBED})\b)|"
    rf"(?:this|that)(?=$|\s+(?:{AUXILIARY}|{PREPOSITION}|{PREDICATE})s?\b))(?!')\b",
    re.IGNORECASE,
)
# Before "that" where it points back; behind a noun it begins a clause: "the rule that covers gifts".
_CLAUSE_BEGINS: Final = re.compile(
    rf"(?:^|[,;:.?!]\s*|\b(?:{AUXILIARY}|and|or|but|so|if|when|because|unless|once|while|what|how|why|where|until|after|"
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
        rf"^(?:what(?:'s|\s+(?:{AUXILIARY}))|what|which)\s+",
        rf"^how (?:many|much)\s+(?:{UNIT}(?: of)?\s+)?",
        rf"^how (?:long|often|far|soon|early|late|big|old|quickly|fast)\s+(?:{AUXILIARY})\s+",
        rf"^how (?:to|{AUXILIARY})\s+",
        rf"^(?:who|whom|where|when|why)\s+(?:(?:{AUXILIARY})\s+)?",
        rf"^(?:{AUXILIARY})\s+(?:there\s+)?",
        # With a verb that is not known: "I renew my badge".
        rf"^(?:{SUBJECT})\s+(?=(?:{DEED})\b|(?!(?:{AUXILIARY})\b))(?:[a-z]+\s+(?=(?:an?|the|my|our|your|their)\s))?",
        r"^(?:have|has|need|needs|want) to\s+",
        rf"^(?:{DEED})(?:s|d|ed)?\s+",
        r"^(?:an?|the|my|our|your|any|some|all)\s+",
    )
)
_TOPIC_END: Final = re.compile(
    rf"\s+(?:{AUXILIARY}|(?:{PREDICATE})s?|{STATE})\b(?!\s+(?:{PREDICATE}|{STATE})\b).*$|"
    r"\s+(?:at|in) (?:this|our|the) company.*$",
    re.IGNORECASE,
)


def topic(question: str) -> str:
    """The thing a question is about: "How many days of annual leave do I get?" → "annual leave"."""
    rest = _ENDING.sub("", _CONNECTIVE.sub("", without_courtesies(question)))
    for opening in _OPENINGS:
        shorter = opening.sub("", rest, count=1)
        if shorter.strip():
            rest = shorter
    shorter = _TOPIC_END.sub("", rest).strip()
    return shorter or rest


def standalone(text: str, previous: str, subject: str) -> str:
    """`text` with what it leaves out taken from the `previous` question, whose topic is `subject`.

    Returns `text` unchanged when it already stands alone."""
    body = _ENDING.sub("", without_courtesies(text))
    bare = _CONNECTIVE.sub("", body)
    is_added = _ADDING.search(body[: len(body) - len(bare)]) is not None
    spoken = bare.lower() if is_shouted(bare) else bare
    asked = _WHAT_ABOUT.match(bare)
    part = asked[1] if asked else bare
    if (asked or is_added) and _CLAUSE.match(part) and not _refers(spoken):
        return _beside(part, subject)
    if asked and not _refers(part):
        return _substituted(previous, part, subject)
    if is_added and _is_fragment(bare):
        return _substituted(previous, bare, subject)
    if _refers(spoken):
        return _with_reference(spoken, previous, subject)
    if _is_bare_follow_up(bare, previous, is_asked=text.rstrip().endswith("?")):
        return _substituted(previous, bare, subject)
    if _lacks_topic(bare):
        return _beside(bare, subject)
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
        return f"{_capitalised(text)}?"
    return f"{_capitalised(f'{text[: found.start()]}{said}{text[found.end() :]}')}?"


def _is_fragment(text: str) -> bool:
    """A phrase without a verb of its own: "in Shanghai", "sick leave"."""
    words = text.split()
    verbs = re.compile(rf"^(?:{AUXILIARY}|{DEED}|{PREDICATE})$", re.IGNORECASE)
    orders = {"tell", "please", "explain", "show", "list"}
    if not words or len(words) > 6 or words[0].lower() in orders:
        return False
    return not any(_ASKING.match(word) or verbs.match(word) for word in words)


def _is_bare_follow_up(text: str, previous: str, *, is_asked: bool) -> bool:
    """Whether a phrase that nothing leads in ("London?", "on Fridays?", "2024") belongs to what was asked before.

    Any other one is a question of its own: "Dress code"."""
    if not _is_fragment(text) or len(text.split()) > 4:
        return False
    if _ONLY_YEAR.match(text) or _WHOLE_PERSON.match(text):
        return True
    if led := _STARTS_WITH_PREPOSITION.match(text):
        return is_asked or not led[2][0].islower()
    return is_asked and _WHOLE_NAME.fullmatch(text) is not None and _alike(text, previous) is not None


def _lacks_topic(text: str) -> bool:
    """A question whose words are all grammar and general deeds: "How do I apply", "Why", "Who approves"."""
    if not _ASKS.search(text):
        return False
    rest = re.sub(rf"\b(?:{DEED}|{PREDICATE})(?:s|d|ed)?\b", " ", text, flags=re.IGNORECASE)
    rest = re.sub(
        rf"\b(?:{UNIT}|more|exactly|then|usually|else|tell|please|explain|again|first|details?|examples?|exceptions?|"
        r"limits?|maximum|minimum|deadlines?|requirements?|steps?)\b",
        " ",
        rest,
        flags=re.IGNORECASE,
    )
    return all(_FUNCTION_WORD.match(word) for word in re.findall(r"[\w'-]+", rest))


def _substituted(previous: str, part: str, subject: str) -> str:
    """The previous question with the constituent that `part` stands for exchanged.

    Where there is none, `part` is added to it, or the topic put beside `part`."""
    body = _ENDING.sub("", without_courtesies(previous))
    year = _ONLY_YEAR.match(part)
    if year:
        return f"{_YEAR.sub(year.group(1), body) if _YEAR.search(body) else f'{body} in {year.group(1)}'}?"
    if led := _STARTS_WITH_PREPOSITION.match(part):
        return f"{_with_phrase(body, led[1].lower(), led[2])}?"
    if _WHOLE_PERSON.match(part):
        exchanged = _IN_SENTENCE_PERSON.sub(lambda _: part, body, count=1)
        return f"{exchanged if exchanged != body else f'{body} for {part}'}?"
    if _FUNCTION_WORD.match(part.split()[-1]):
        return f"{body} ({part})?"
    if (same := _same_head(body, part)) is not None:
        return f"{same}?"
    name = _ARTICLE.sub("", part)
    if _WHOLE_NAME.fullmatch(name):
        found = _alike(name, body)
        return f"{body[: found.start()]}{name}{body[found.end() :]}?" if found else f"{body} ({part})?"
    before, known, behind = body.partition(_WHAT_FOR.split(subject)[-1] if subject in body else subject)
    if not known or _ENDS_WITH_SUBJECT.search(before):
        return _beside(part, subject)
    ends = _ENDS_WITH_ARTICLE if _ARTICLE.match(part) else _ENDS_WITH_A
    before = ends.sub("", before)
    return f"{before}{part}{behind}?"


def _with_phrase(body: str, preposition: str, thing: str) -> str:
    """`body` with the phrase of the same kind exchanged ("in Paris", "for gifts"), else with this one at its end."""
    phrase = f"{preposition} {thing}"
    if _WHOLE_NAME.fullmatch(thing):
        found = _alike(thing, body, behind=preposition) or _alike(thing, body, behind="in|at|for|from|to")
        if found and preposition in {found[1], "in", "at", "for", "from", "to"}:
            return f"{body[: found.start(2)]}{thing}{body[found.end(2) :]}"
        return f"{body} {phrase}"
    ended = rf"\b{preposition} (?:the )?{PERSON}|\b{preposition}(?: (?!(?:{PREPOSITION})\b)[a-z-]+){{1,3}}$"
    return re.sub(ended, lambda _: phrase, body, count=1) if re.search(ended, body) else f"{body} {phrase}"


def _alike(name: str, body: str, behind: str = "") -> re.Match[str] | None:
    """The last name in `body` of the kind of `name`: a day or month, an abbreviation, or another one."""
    led = rf"\b({behind}) (?:the )?" if behind else "()"

    def kind(one: str) -> tuple[bool, bool]:
        return _CALENDAR.fullmatch(one) is not None, one.isupper()

    found = [
        one
        for one in re.finditer(rf"{led}((?<=[a-z0-9,] ){_NAME_ITSELF})", body)
        if kind(one[2]) == kind(name)
    ]
    return found[-1] if found else None


def _same_head(body: str, part: str) -> str | None:
    """`body` with the noun phrase that ends like `part` exchanged: annual leave → sick leave."""
    words = body.split()
    head = part.split()[-1].lower()
    deed = re.compile(rf"(?:{DEED})(?:s|d|ed)?", re.IGNORECASE)
    for end in range(len(words) - 1, -1, -1):
        if words[end].lower() != head:
            continue
        start = end
        while (
            start > 0 and not _FUNCTION_WORD.match(words[start - 1]) and not deed.fullmatch(words[start - 1])
        ):
            start -= 1
        if start < end and _ENDS_WITH_SUBJECT.search(" ".join(words[:start]) + " "):
            start += 1
        if start > 0 and _ARTICLE.match(part) and _ENDS_WITH_ARTICLE.match(f"{words[start - 1]} "):
            start -= 1
        return " ".join([*words[:start], part, *words[end + 1 :]])
    return None


def _beside(text: str, subject: str) -> str:
    return f"{_capitalised(text)} ({subject})?"


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
