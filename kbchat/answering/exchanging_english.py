"""The English question before, with what a fragment stands for exchanged: "And in Shanghai?", "sick leave?".

Plain text in, plain text out. What points back with a pronoun is not its matter (`rewriting_english`).
"""

import re
from typing import Final

from kbchat.answering.courtesies import without_courtesies
from kbchat.answering.grammar_english import DEED, FUNCTION_WORD, PERSON, PREPOSITION, SUBJECT

ENDING: Final = re.compile(r"[\s?.!,;:]+$")
ONLY_YEAR: Final = re.compile(r"^(?:(?:in|for|since|the year) )*((?:19|20)\d{2})$", re.IGNORECASE)
MOMENT: Final = re.compile(
    r"\b(?:last|this|next) (?:(?:calendar |fiscal |financial )?year|quarter|month|week|spring|summer|autumn|winter)\b",
    re.IGNORECASE,
)
STARTS_WITH_PREPOSITION: Final = re.compile(rf"^({PREPOSITION}|about|of)\s+(.+)$", re.IGNORECASE)
_NAME_ITSELF: Final = r"(?!I\b)[A-Z][\w-]*(?: [A-Z][\w-]*)*"
WHOLE_NAME: Final = re.compile(_NAME_ITSELF)
WHOLE_PERSON: Final = re.compile(rf"^(?:an? |the |our |my )?{PERSON}$", re.IGNORECASE)
_YEAR: Final = re.compile(r"\b(?:19|20)\d{2}\b")
_NAME: Final = re.compile(
    rf"(?:\b(?P<led>(?i:{PREPOSITION}|about|of)) )?(?P<article>the )?(?P<name>(?<=[a-z0-9,] ){_NAME_ITSELF})"
)
_PLACING: Final = ("in", "at", "for", "from", "to")
# Any other name in capitals is a department, a system or a role.
_SHORT_PLACE: Final = re.compile(r"USA?|UK|EU|UAE|NYC|LA|SF|DC|EMEA|APAC|LATAM|DACH|PRC|HK")
_CALENDAR: Final = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|January|February|March|April|May|June|July|August|September|October|"
    r"November|December|Christmas|Easter|New Year|Q[1-4]"
)
_IN_SENTENCE_PERSON: Final = re.compile(rf"\b(?:(?:an? |the |our |my )?{PERSON}|I|we)\b")
_WHOM: Final = (
    rf"(?:(?:an?|the|our|my|your) )?(?:{PERSON}|(?:[a-z-]+ )?(?:visitors?|guests?|workers?|applicants?|apprentices?|"
    r"trainees?|teams?|famil(?:y|ies)|child(?:ren)?|wife|husband|colleagues?|customers?|suppliers?)|me|us)\b"
)
_ARTICLE: Final = re.compile(r"^(?:an?|the|my|our|your|any|some)\s+", re.IGNORECASE)
_ENDS_WITH_ARTICLE: Final = re.compile(r"\b(?:an?|the|my|our|your|any|some)\s+$", re.IGNORECASE)
_ENDS_WITH_A: Final = re.compile(r"\ban?\s+$", re.IGNORECASE)
_WHAT_FOR: Final = re.compile(r"\s(?:for|of|on)\s(?:(?:an?|the) )?")
# A verb follows: "How do I | renew my badge".
_ENDS_WITH_SUBJECT: Final = re.compile(rf"(?:\b(?:{SUBJECT}|they|who|how to)\s+)$", re.IGNORECASE)


def substituted(previous: str, part: str, subject: str) -> str:
    """The previous question with the constituent that `part` stands for exchanged.

    Where there is none, `part` is added to it, or the topic put beside `part`."""
    body = ENDING.sub("", without_courtesies(previous))
    if year := ONLY_YEAR.match(part):
        return f"{_YEAR.sub(year.group(1), body) if _YEAR.search(body) else f'{body} in {year.group(1)}'}?"
    if MOMENT.fullmatch(part):
        return f"{MOMENT.sub(part, body, count=1) if MOMENT.search(body) else f'{body} {part}'}?"
    if led := STARTS_WITH_PREPOSITION.match(part):
        return f"{_with_phrase(body, led[1].lower(), led[2])}?"
    if WHOLE_PERSON.match(part):
        exchanged = _IN_SENTENCE_PERSON.sub(lambda _: part, body, count=1)
        return f"{exchanged if exchanged != body else f'{body} for {part}'}?"
    if FUNCTION_WORD.match(part.split()[-1]):
        return f"{body} ({part})?"
    if (same := same_head(body, part)) is not None:
        return f"{same}?"
    if WHOLE_NAME.fullmatch(_ARTICLE.sub("", part)):
        found = alike(part, body)
        return f"{_with_name(body, found, part)}?" if found else f"{body} ({part})?"
    before, known, behind = body.partition(_WHAT_FOR.split(subject)[-1] if subject in body else subject)
    # "Private use" of the company car is no other thing that there may be instead.
    is_done_with_it = re.fullmatch(DEED, part.split()[-1], re.IGNORECASE)
    if not known or _ENDS_WITH_SUBJECT.search(before) or is_done_with_it:
        return beside(part, subject)
    ends = _ENDS_WITH_ARTICLE if _ARTICLE.match(part) else _ENDS_WITH_A
    before = ends.sub("", before)
    return f"{before}{part}{behind}?"


def _with_phrase(body: str, preposition: str, thing: str) -> str:
    """`body` with the phrase of the same kind exchanged ("in Paris", "for gifts"), else with this one at its end.

    A thing is exchanged for a thing and a person for a person: "the budget for training | for managers"."""
    phrase = f"{preposition} {thing}"
    if WHOLE_NAME.fullmatch(_ARTICLE.sub("", thing)):
        found = alike(thing, body, behind=(preposition,))
        if not found and preposition in _PLACING:
            found = alike(thing, body, behind=_PLACING)
        return _with_name(body, found, thing) if found else f"{body} {phrase}"
    if preposition == "of" and (same := same_head(body, thing)) is not None:
        return same
    whom = re.compile(rf"\b{preposition} {_WHOM}")
    what = re.compile(rf"\b{preposition}(?! {_WHOM})(?: (?!(?:{PREPOSITION})\b)[a-z-]+){{1,3}}$")
    kind = whom if whom.match(phrase) else what
    return kind.sub(lambda _: phrase, body, count=1) if kind.search(body) else f"{body} {phrase}"


def alike(part: str, body: str, behind: tuple[str, ...] = ()) -> re.Match[str] | None:
    """The last name in `body` of the kind of `part`: a day or month, an abbreviation, or another one.

    `behind`: the prepositions of which one leads it; () for any or none."""
    name = _ARTICLE.sub("", part)
    found = [
        one
        for one in _NAME.finditer(body)
        if (not behind or (one["led"] or "").lower() in behind)
        and _kind(one["name"], is_led=bool(one["led"])) == _kind(name, is_led=bool(one["led"]))
    ]
    return found[-1] if found else None


def _kind(name: str, *, is_led: bool) -> tuple[bool, bool]:
    """Behind a preposition the US are a place as Germany is; in "the US travel policy" they are not."""
    is_place = is_led and _SHORT_PLACE.fullmatch(name) is not None
    return _CALENDAR.fullmatch(name) is not None, name.isupper() and not is_place


def _with_name(body: str, found: re.Match[str], part: str) -> str:
    """`body` with `part` instead of the name `found`; "the US" loses its article with the name."""
    has_own = _ARTICLE.match(part) or _SHORT_PLACE.fullmatch(found["name"])
    start = found.start("article") if found["article"] and has_own else found.start("name")
    return f"{body[:start]}{part}{body[found.end() :]}"


def same_head(body: str, part: str) -> str | None:
    """`body` with the noun phrase that ends like `part` exchanged: annual leave → sick leave."""
    words = body.split()
    head = part.split()[-1].lower()
    deed = re.compile(rf"(?:{DEED})(?:s|d|ed)?", re.IGNORECASE)
    for end in range(len(words) - 1, -1, -1):
        # Days of leave are counted: "sick days" are none of them.
        if words[end].lower() != head or words[end + 1 : end + 2] == ["of"]:
            continue
        start = end
        while (
            start > 0 and not FUNCTION_WORD.match(words[start - 1]) and not deed.fullmatch(words[start - 1])
        ):
            start -= 1
        if start < end and _ENDS_WITH_SUBJECT.search(" ".join(words[:start]) + " "):
            start += 1
        if start > 0 and _ARTICLE.match(part) and _ENDS_WITH_ARTICLE.match(f"{words[start - 1]} "):
            start -= 1
        return " ".join([*words[:start], part, *words[end + 1 :]])
    return None


def beside(text: str, subject: str) -> str:
    return f"{capitalised(text)} ({subject})?"


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
