"""English follow-ups made standalone by rules: pronouns, fragments ("And in Shanghai?") and missing topics.

Plain text in, plain text out. The result is a search query that a person can read, not a grammarian's
sentence.
"""

import re
from typing import Final

_AUXILIARY: Final = (
    r"is|are|am|was|were|do|does|did|can|could|will|would|should|shall|may|might|must|has|have|had|need"
)
_PREPOSITION: Final = r"in|at|for|on|during|under|with|without|from|to|by|after|before|since|until|within|as"
_PERSON: Final = (
    r"(?:(?:new|full-time|part-time|temporary|permanent|regular|remote|junior|senior|contract) )?"
    r"(?:employees?|staff|contractors?|managers?|supervisors?|interns?|part-timers?|directors?|executives?|"
    r"consultants?|freelancers?|hires?|members?|students?|spouses?|partners?|dependents?)"
)
_SUBJECT: Final = rf"i|we|you|one|people|somebody|someone|anyone|(?:an? |the |our |my )?{_PERSON}"
# Verbs that say what is done with a topic and are no part of it.
_DEED: Final = (
    r"request|get|apply for|apply|book|take|use|file|submit|claim|report|ask for|find|access|open|change|"
    r"set up|"
    r"order|buy|join|cancel|register for|register|sign up for|see|check|know about|know|have|need|receive|"
    r"earn|"
    r"accrue|carry over|approve|handle|manage|pay for|pay|own|sign|decide on|decide|review|lead|write|send|"
    r"start|"
    r"expense|reimburse|cover|qualify for|be eligible for|go on|work on|work with|contact|make|create"
)
# Predicates that end a topic: "the travel policy | take effect".
_PREDICATE: Final = (
    r"take effect|take|start|begin|end|expire|apply|open|close|happen|last|cost|become|change|work|come|go|"
    r"look|mean|"
    r"include|cover|require|allow|provide|offer|stand for|pay|get|entitled|eligible|allowed|due|required"
)
_UNIT: Final = (
    r"(?:working |business |calendar |paid )?(?:days?|hours?|weeks?|months?|years?|kinds?|types?|percent)"
)

_CONNECTIVE: Final = re.compile(r"^(?:(?:and|but|so|or|also|ok|okay|then|well|now)\b[,\s]*)+", re.IGNORECASE)
_ENDING: Final = re.compile(r"[\s?.!,;:]+$")
_WHAT_ABOUT: Final = re.compile(
    r"^(?:what about|how about|what if it(?:'s| is)|same (?:question )?for|(?:is it )?(?:also )?the same "
    r"for)\s+(.+)$",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"\b(?:19|20)\d{2}\b")
_ONLY_YEAR: Final = re.compile(r"^(?:(?:in|for|since|the year) )*((?:19|20)\d{2})$", re.IGNORECASE)
_STARTS_WITH_PREPOSITION: Final = re.compile(rf"^({_PREPOSITION})\s+(.+)$", re.IGNORECASE)
_NAME: Final = re.compile(r"(?<=[a-z0-9,] )[A-Z][\w-]*(?: [A-Z][\w-]*)*")
_WHOLE_PERSON: Final = re.compile(rf"^(?:an? |the |our |my )?{_PERSON}$", re.IGNORECASE)
_IN_SENTENCE_PERSON: Final = re.compile(rf"\b(?:(?:an? |the |our |my )?{_PERSON}|I|we)\b")
_FUNCTION_WORD: Final = re.compile(
    rf"^(?:{_AUXILIARY}|{_PREPOSITION}|of|the|an?|my|our|your|their|its|any|how|what|which|who|when|where|"
    rf"why|"
    r"many|much|long|often|i|we|you|he|she|it|they|there|and|or|not|if|me|us|that|this|these|those)$",
    re.IGNORECASE,
)
_EXPLETIVE: Final = re.compile(
    r"\b(?:is|was|be|isn't) it (?:\w+ )?(?:allowed|possible|ok|okay|required|mandatory|necessary|true|legal|"
    r"permitted|"
    r"safe|better|best)\b|\bdoes it (?:take|cost) to\b|\bwhat time is it\b|\bit(?:'s| is) (?:allowed|"
    r"possible|true)\b",
    re.IGNORECASE,
)
_DEMONSTRATIVE: Final = re.compile(
    rf"\b(?:this|that|these|those|the same|such(?: an?)?) "
    rf"(?!(?:{_AUXILIARY}|{_PREPOSITION}|{_PREDICATE}|the|an?|i|we|you|he|she|they|it)s?\b)([a-z][\w-]*)",
    re.IGNORECASE,
)
_POSSESSIVE: Final = re.compile(r"\b(?:its|their)\b", re.IGNORECASE)
_PRONOUN: Final = re.compile(
    rf"\b(?:it|they|them|he|him|she|these|those|(?:this|that)(?=$|\s+(?:{_AUXILIARY}|{_PREPOSITION}|"
    rf"{_PREDICATE})s?\b))"
    r"(?!')\b",
    re.IGNORECASE,
)
# Where a pronoun may speak of what the question said before: a person, or a thing with its article; it never does
# within one clause ("can managers approve it"), but for whose something is ("its data").
_NEXT_CLAUSE: Final = re.compile(
    r"[.?!,;:]|\b(?:if|when|whenever|because|while|once|unless|although|but)\b", re.IGNORECASE
)
_SOMEBODY: Final = re.compile(rf"\b{_PERSON}\b", re.IGNORECASE)
_SOMETHING: Final = re.compile(
    rf"\b(?:an?|the|my|our|your|his|her)\s+(?!{_PERSON}\b)(?!{_UNIT}\b)[a-z][\w-]+", re.IGNORECASE
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
        rf"^(?:what(?:'s|\s+(?:{_AUXILIARY}))|what|which)\s+",
        rf"^how (?:many|much)\s+(?:{_UNIT}(?: of)?\s+)?",
        rf"^how (?:long|often|far|soon|early|late|big|old|quickly|fast)\s+(?:{_AUXILIARY})\s+",
        rf"^how (?:to|{_AUXILIARY})\s+",
        rf"^(?:who|whom|where|when|why)\s+(?:(?:{_AUXILIARY})\s+)?",
        rf"^(?:{_AUXILIARY})\s+(?:there\s+)?",
        rf"^(?:{_SUBJECT})\s+(?={_DEED}|\w+)(?!{_AUXILIARY})",
        rf"^(?:{_DEED})(?:s|d|ed)?\s+",
        r"^(?:an?|the|my|our|your|any|some|all)\s+",
    )
)
_TOPIC_END: Final = re.compile(
    rf"\s+(?:{_AUXILIARY}|(?:{_PREDICATE})s?)\b.*$|\s+(?:at|in) (?:this|our|the) company.*$", re.IGNORECASE
)


def topic(question: str) -> str:
    """The thing a question is about: "How many days of annual leave do I get?" → "annual leave"."""
    rest = _ENDING.sub("", _CONNECTIVE.sub("", question.strip()))
    for opening in _OPENINGS:
        shorter = opening.sub("", rest, count=1)
        if shorter.strip():
            rest = shorter
    shorter = _TOPIC_END.sub("", rest).strip()
    return shorter or rest


def standalone(text: str, previous: str, subject: str) -> str:
    """`text` with what it leaves out taken from the `previous` question, whose topic is `subject`.

    Returns `text` unchanged when it already stands alone."""
    body = _ENDING.sub("", text.strip())
    bare = _CONNECTIVE.sub("", body)
    asked = _WHAT_ABOUT.match(bare)
    if asked:
        part = asked.group(1)
        return (
            _substituted(previous, part, subject)
            if not _refers(part)
            else _with_reference(bare, previous, subject)
        )
    if bare != body and _is_fragment(bare):
        return _substituted(previous, bare, subject)
    if _refers(bare):
        return _with_reference(bare, previous, subject)
    if _is_fragment(bare) and len(bare.split()) <= 4:
        return _substituted(previous, bare, subject)
    if _lacks_topic(bare):
        return f"{_capitalised(bare)} ({subject})?"
    return text


def _refers(text: str) -> bool:
    if _EXPLETIVE.search(text):
        return False
    if _DEMONSTRATIVE.search(text) or _THERE.search(text):
        return True
    found = _POSSESSIVE.search(text) or _PRONOUN.search(text)
    return found is not None and not _is_explained(text, found)


def _is_explained(text: str, pronoun: re.Match[str]) -> bool:
    """Whether the question itself says of whom or what it speaks: "when an employee is sick, does he ..."."""
    word, before = pronoun[0].lower(), text[: pronoun.start()]
    if not _POSSESSIVE.fullmatch(word):
        boundaries = list(_NEXT_CLAUSE.finditer(before))
        before = before[: boundaries[-1].start()] if boundaries else ""
    if word in {"he", "him", "she"}:
        return _SOMEBODY.search(before) is not None
    if word in {"it", "its"}:
        return _SOMETHING.search(before) is not None
    return word in {"they", "them", "their"} and bool(_SOMEBODY.search(before) or _SOMETHING.search(before))


def _with_reference(text: str, previous: str, subject: str) -> str:
    place = _PLACE.search(previous)
    if place and _THERE.search(text):
        text = _THERE.sub(place.group(), text)
    named = _DEMONSTRATIVE.search(text)
    if named:
        thing = named.group(1)
        whole = subject if subject.lower().endswith(thing.lower()) else f"{subject} {thing}"
        text = f"{text[: named.start()]}the {whole}{text[named.end() :]}"
    elif _POSSESSIVE.search(text):
        text = _POSSESSIVE.sub(lambda _: f"{subject}'s", text, count=1)
    else:
        text = _PRONOUN.sub(lambda _: subject, text, count=1)
    return f"{_capitalised(text)}?"


def _is_fragment(text: str) -> bool:
    """A phrase without a verb of its own: "in Shanghai", "sick leave"."""
    words = text.split()
    first = words[0].lower() if words else ""
    verbs = re.compile(rf"^(?:{_AUXILIARY}|{_DEED}|{_PREDICATE})$", re.IGNORECASE)
    asking = first in {
        "who",
        "what",
        "when",
        "where",
        "why",
        "how",
        "which",
        "tell",
        "please",
        "explain",
        "show",
    }
    return bool(words) and len(words) <= 6 and not asking and not any(verbs.match(word) for word in words)


def _lacks_topic(text: str) -> bool:
    """A question whose words are all grammar and general deeds: "How do I apply", "Why", "Who approves"."""
    rest = re.sub(rf"\b(?:{_DEED}|{_PREDICATE})(?:s|d|ed)?\b", " ", text, flags=re.IGNORECASE)
    rest = re.sub(
        rf"\b(?:{_UNIT}|more|exactly|then|usually|else|tell|please|explain|again|first)\b",
        " ",
        rest,
        flags=re.IGNORECASE,
    )
    return all(_FUNCTION_WORD.match(word) for word in re.findall(r"[\w'-]+", rest))


def _substituted(previous: str, part: str, subject: str) -> str:
    """The previous question with the constituent that `part` stands for exchanged, else with `part` added."""
    body = _ENDING.sub("", previous.strip())
    year = _ONLY_YEAR.match(part)
    if year:
        return f"{_YEAR.sub(year.group(1), body) if _YEAR.search(body) else f'{body} in {year.group(1)}'}?"
    if led := _STARTS_WITH_PREPOSITION.match(part):
        kind = _PERSON if led[2].islower() else r"[A-Z][\w-]*(?: [A-Z][\w-]*)*"
        exchanged = re.sub(rf"\b{led[1]} (?:the )?{kind}", lambda _: part, body, count=1)
        return f"{exchanged if exchanged != body else f'{body} {part}'}?"
    if _WHOLE_PERSON.match(part):
        exchanged = _IN_SENTENCE_PERSON.sub(lambda _: part, body, count=1)
        return f"{exchanged if exchanged != body else f'{body} for {part}'}?"
    if (alike := _same_head(body, part)) is not None:
        return f"{alike}?"
    names = list(_NAME.finditer(body))
    if part[:1].isupper() and names:
        last = names[-1]
        return f"{body[: last.start()]}{part}{body[last.end() :]}?"
    if subject and subject in body:
        return f"{body.replace(subject, part, 1)}?"
    return f"{body} {part}?"


def _same_head(body: str, part: str) -> str | None:
    """`body` with the noun phrase that ends like `part` exchanged: annual leave → sick leave."""
    words = body.split()
    head = part.split()[-1].lower()
    for end in range(len(words) - 1, -1, -1):
        if words[end].lower() != head:
            continue
        start = end
        while start > 0 and not _FUNCTION_WORD.match(words[start - 1]):
            start -= 1
        return " ".join([*words[:start], part, *words[end + 1 :]])
    return None


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
