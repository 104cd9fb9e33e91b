"""Which value of a quoted sentence is lit as what was asked for; better none than a wrong one.

Its neighbours decide: the words of its own clause, in a row the head of its column. It chooses among what `finding` has
found of the kind asked for, and changes nothing of what is quoted.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Final

from kbchat.analysis import analyse, content_words, matter_of
from kbchat.answering.facts import Facts, agree, facts_of, without_facts
from kbchat.answering.finding import are_alike
from kbchat.answering.ranges import Range, ranges_of
from kbchat.answering.statements import Statement, cell_at, head_above
from kbchat.answering.weighing import Weighed
from kbchat.core.text import Span
from kbchat.retrieval.port import Passage

_JOINING: Final = r"and|or|but|while|whereas"
_HAN_JOINING: Final = "并且而但或和"
_CLAUSE_END: Final = re.compile(rf"[;；。、]|,(?!\d| (?:{_JOINING})\b)|，(?![{_HAN_JOINING}])")
# Between two values, what parts more before what parts less.
_BORDERS: Final = tuple(
    map(re.compile, (r"[;；。]", r",(?!\d)|[，、]", rf"\b(?:{_JOINING}|if|when|unless)\b|[{_HAN_JOINING}若]"))
)
_WITHIN_A_VALUE: Final = re.compile(r"\s?(?:(?:-|–|—|~|～|至|到|to|and|at|[和及或、])\s?)?")
_OPENING: Final = re.compile(
    r"(?:^|[;；。])\s?(?:(?:in|on|at|by|since|from|于|在|自|从)\s?)?$", re.IGNORECASE
)
# Up to here a sentence may speak of all of its values: "Allowance: staff 100 EUR, managers 150 EUR"; and where a value
# has behind it what it is for, "The fee is 20 EUR for guests and 10 EUR for members".
_ANNOUNCES: Final = re.compile(r"(?<!\d)[:：]|[:：](?!\d)")
_COPULA: Final = re.compile(r"\b(?:is|are|was|were|be|costs?|lasts?|amounts? to)\b|[为是]", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[a-z\d][\w'’-]*|[\u4e00-\u9fff]", re.IGNORECASE | re.ASCII)
_OF_THE: Final = re.compile(r"\bof (?:the|these|those|your|their) $", re.IGNORECASE)
# What is counted may have two words before it: "how many failed attempts".
_COUNTED: Final = re.compile(r"\bhow many ((?:[\w'’-]+ ?){1,3})", re.IGNORECASE)
_BEHIND: Final = re.compile(r"\W*((?:[\w'’-]+\W*){0,3})")
# "One bought day" is what is paid for and not what is paid.
_ONE: Final = re.compile(r"(?:an?|one|per)\b|每|一", re.IGNORECASE)
_HOW_MUCH: Final = re.compile(r"\bhow much\b|多少钱|多贵", re.IGNORECASE)
_OVER: Final = re.compile(r"/\d|\d/$")
_YEAR: Final = re.compile(r"(?:19|20)\d\d年?")
_ASKS_WHEN: Final = re.compile(r"\b(?:years?|when|since|founded)\b|年|何时|什么时候", re.IGNORECASE)
_TIMES: Final = r"before|after|during|outside|without|until"
_AT_A_TIME: Final = re.compile(
    rf"\b({_TIMES}) (?:(?:the|a|my|your|their|this) )?([a-z][\w'’-]+)", re.IGNORECASE
)


def value_asked_for(question: str, weighed: Weighed, passages: Sequence[Passage]) -> Span | None:
    """The part of the expected kind beside which most of the question's words stand, and of two that have the same the
    one beside which they stand together as there; both ends of a range as one. None where that tells no more, and where
    another has what the best lacks: either may be meant."""
    statement, asked = weighed.statement, facts_of(question)
    # A single Han character is part of too many words.
    words = frozenset[object](
        term for term in analyse(matter_of(without_facts(question))) if term.isascii() or len(term) > 1
    )
    if _is_of_another_time(question, statement.text):
        return None
    fitting = [part for part in weighed.parts if _fits(question, statement.text, part)]
    chosen = _candidates(statement.text, fitting, asked)
    parts = _joined(statement.text, [part for part in chosen if not _is_half(statement.text, part)])
    together = _pairs(question, words)
    told: list[tuple[Span, frozenset[object], frozenset[object]]] = []
    for place, part in enumerate(parts):
        head = head_above(statement, part.start, passages[statement.passage])
        beside, around = _around(statement, parts, place)
        own, clause = f"{head} {beside}", f"{head} {around}"
        mine = words & frozenset[object](analyse(statement.text[part.start : part.end]))
        if not _is_of_another_case(ranges_of(own) or ranges_of(clause), asked):
            in_all = mine | _told(clause, words, asked)
            own_told = mine | _told(own, words, asked) | (together & _pairs(beside, words))
            told.append((part, in_all, own_told))
    if not told:
        return None
    best, most, own_most = max(told, key=lambda each: (len(each[1]), len(each[2])))
    is_doubtful = any(
        said - most or (len(said) == len(most) and not own < own_most)
        for part, said, own in told
        if part != best
    )
    return None if is_doubtful else best


def _fits(question: str, text: str, part: Span) -> bool:
    """Whether it counts what is counted in the question; is no "one day" where a price is asked for, and no bare year
    where nobody asks for one."""
    value = text[part.start : part.end]
    is_unit = _HOW_MUCH.search(question) and _ONE.match(value)
    if is_unit or (_YEAR.fullmatch(value) and not _ASKS_WHEN.search(question)):
        return False
    counted = _COUNTED.search(question)
    behind = _BEHIND.match(text, part.end)
    near = f"{value} {behind[1] if behind else ''}"
    return counted is None or not frozenset(content_words(counted[1])).isdisjoint(analyse(near))


def _is_half(text: str, part: Span) -> bool:
    """Of a fraction."""
    return bool(_OVER.match(text, part.end)) or bool(_OVER.search(text, 0, part.start))


def _is_of_another_time(question: str, text: str) -> bool:
    """Whether it speaks of "during probation" where "after probation" was asked for, and of that nowhere."""
    asked = {(match[1].casefold(), match[2].casefold()) for match in _AT_A_TIME.finditer(question)}
    told = {(match[1].casefold(), match[2].casefold()) for match in _AT_A_TIME.finditer(text)}
    return any(one not in told and any(other[1] == one[1] for other in told) for one in asked)


def _pairs(text: str, words: AbstractSet[object]) -> frozenset[object]:
    """What stands behind each other in `text`: "after probation", 女员; in English with one of the `words`."""
    tokens = _TOKEN.findall(text.casefold())
    return frozenset(
        pair
        for pair in pairwise(tokens)
        if not pair[0].isascii() or not pair[1].isascii() or not words.isdisjoint(analyse(" ".join(pair)))
    )


def _candidates(text: str, parts: Sequence[Span], asked: Facts) -> list[Span]:
    """`parts` without those that say for whom it is, as far as others are left: what is in a unit that the question
    brought ("after 5 years"), and ends of ranges in a like one ("2 to 5 years"). Ends in its very unit never stay. "Of
    the 30 days, up to 5" speaks of the 5."""
    quantities = facts_of(text).quantities
    brought = {quantity.unit for quantity in asked.quantities} - {""}
    ends = {(each.unit, end) for each in ranges_of(text) for end in (each.least, each.most)}
    same = {each.span for each in quantities if each.unit in brought}
    alike = {
        each.span
        for each in quantities
        if (each.unit, each.value) in ends and any(are_alike(each.unit, unit) for unit in brought)
    }
    kept = {*parts} - alike - same or {*parts} - alike or {*parts} - (alike & same)
    wholes = {part for part in kept if _OF_THE.search(text, 0, part.start)}
    bare = {quantity.span for quantity in quantities if not quantity.unit}
    return sorted(kept - wholes | bare if wholes and bare else kept)


def _joined(text: str, parts: Sequence[Span]) -> list[Span]:
    """Those that are one value as one: from 9:00 to 12:00, 31 March at 17:00, 1小时30分钟."""
    joined: list[Span] = []
    for part in parts:
        if joined and _WITHIN_A_VALUE.fullmatch(text, joined[-1].end, part.start):
            joined[-1] = Span(joined[-1].start, part.end)
        else:
            joined.append(part)
    return joined


def _around(statement: Statement, parts: Sequence[Span], place: int) -> tuple[str, str]:
    """What stands beside the part at `place` and belongs to it alone; and the same with what it shares: with the parts
    before it the beginning of its clause, with all what announces them. In a row no more than its cell."""
    text, part = statement.text, parts[place]
    cell = cell_at(text, part.start) if statement.is_row else Span(0, len(text))
    before = [other for other in parts[:place] if other.start >= cell.start]
    behind = [other for other in parts[place + 1 :] if other.end <= cell.end]
    common = _announced(text, cell, [*before, part, *behind])
    start = _border(text, before[-1], part) if before else common
    end = _border(text, part, behind[0]) if behind else cell.end
    # A clause with nothing before its value goes on from the one before: 食堂11:30开门，14:00关门.
    clauses = [match.end() for match in _CLAUSE_END.finditer(text, common, part.start)]
    begun = max((at for at in clauses if text[at : part.start].strip()), default=common)
    first = next(other for other in parts if other.start >= begun)
    own = f"{text[start : part.start]} {text[part.end : end]}"
    return own, f"{text[cell.start : common]} {text[begun : first.start]} {own}"


def _announced(text: str, cell: Span, parts: Sequence[Span]) -> int:
    """Where that ends which speaks of all `parts`."""
    if len(parts) == 1:
        return cell.start
    first = parts[0]
    leads = [text[_border(text, *pair) : pair[1].start] for pair in pairwise(parts)]
    behind = text[first.end : _border(text, first, parts[1])]
    signs = [match.end() for match in _ANNOUNCES.finditer(text, cell.start, first.start)]
    if any(map(_ANNOUNCES.search, leads)):
        # Each value has one of its own: "Leave: sick: 10 days, parental: 12 weeks".
        signs = signs[:-1]
    if signs and content_words(f"{text[signs[-1] : first.start]} {behind}"):
        return signs[-1]
    verbs = [match.end() for match in _COPULA.finditer(text, cell.start, first.start)]
    is_told_behind = content_words(behind) and not any(map(content_words, leads))
    return verbs[-1] if verbs and is_told_behind else cell.start


def _border(text: str, one: Span, other: Span) -> int:
    """Where that begins between two parts which belongs to the second: what leads to a value stands before it. Only one
    that opens a sentence has behind it what it speaks of: "In 2005, the office moved, and in 2008 it closed"."""
    opens = _OPENING.search(text, 0, one.start) and text[one.end : one.end + 1] in {",", "，"}
    begin = one.end + 1 if opens else one.end
    for border in _BORDERS:
        if found := [match.start() for match in border.finditer(text, begin, other.start)]:
            return found[-1] if opens else found[0]
    return begin


def _is_of_another_case(ranges: Sequence[Range], asked: Facts) -> bool:
    """Whether they leave out what the question brought: ten years, and 满 1 年不满 10 年的. 18 months are not compared
    with years."""
    brought = [
        quantity
        for quantity in asked.quantities
        if any(are_alike(quantity.unit, each.unit) for each in ranges)
    ]
    return bool(brought) and not any(each.holds(quantity) for each in ranges for quantity in brought)


def _told(text: str, words: frozenset[object], asked: Facts) -> frozenset[object]:
    """What `text` has of the question: its words, its quantities or at least their units, its dates."""
    said = facts_of(text)
    units = {fact.unit for fact in asked.quantities} & {known.unit for known in said.quantities} - {""}
    return frozenset(
        (
            *words.intersection(analyse(text)),
            *units,
            *(fact for fact in asked.quantities if any(agree(fact, known) for known in said.quantities)),
            *(date for date in asked.dates if any(date.agrees_with(known) for known in said.dates)),
        )
    )
