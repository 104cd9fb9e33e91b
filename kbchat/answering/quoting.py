"""An answer made of the sentences that answer the question: which ones, in what order and company.

Nothing is said that no source says. A list item comes with the sentence that announces it, a sentence that
leans on the one before comes with that one, and the value asked for is found inside its sentence.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kbchat.analysis import analyse, content_words, matter_of, names_of
from kbchat.answering.disagreeing import Disagreement
from kbchat.answering.expecting import Kind
from kbchat.answering.facts import Facts, agree, facts_of, without_facts
from kbchat.answering.finding import are_alike
from kbchat.answering.ranges import Range, ranges_of
from kbchat.answering.statements import Statement, cell_at, head_above, statements_of
from kbchat.answering.weighing import Weighed, Weighing
from kbchat.core.text import Span
from kbchat.retrieval.port import Passage

MOST_QUOTES: Final = 5
_MOST_FOR_A_VALUE: Final = 4
# How far a further quote may fall behind the best, in log-odds. On the questions that the weights were fitted on, four
# quotes within this hold the answer as often as any five.
_MARGIN: Final = 2.0
# Rows of one table share its header, so they are near each other without being answers.
_MARGIN_IN_A_TABLE: Final = 0.7
_SAME_FROM: Final = 0.7
_LONGEST_LIST: Final = 8

_VALUES: Final = frozenset(
    {
        Kind.QUANTITY,
        Kind.MONEY,
        Kind.DURATION,
        Kind.FREQUENCY,
        Kind.PERCENT,
        Kind.DATE,
        Kind.YEAR,
        Kind.CLOCK,
        Kind.CONTACT,
    }
)
# A sentence that begins so is understood with the one before it.
_LEANS_BACK: Final = re.compile(
    r"(?:It|They|This|These|That|Those|He|She|Such|However|Otherwise|In (?:this|that|these|those) cases?|If "
    r"so|If not)\b|"
    r"(?:它|他|她|其|该|此|这|那|上述|否则|但是?|不过|另外|同时|如(?:果)?(?:是|不))"
)
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


@dataclass(frozen=True, slots=True)
class Quote:
    """A statement to be quoted. `value`: the place in its text that is what was asked for."""

    statement: Statement
    value: Span | None = None


def choose(question: str, weighing: Weighing, disagreeing: Sequence[Disagreement] = ()) -> list[Quote]:
    """At most MOST_QUOTES statements that answer and what they need around them, in the order of their
    documents; [] only where nothing can be quoted. Besides them, what disagrees with one of them."""
    chosen: list[Weighed] = []
    exact = names_of(question)
    for weighed in weighing.ranked:
        if _is_wanted(weighed, chosen, weighing, exact):
            chosen.append(weighed)
    chosen = _with_the_other_side(chosen, weighing, disagreeing)
    statements = _by_document(_in_company(chosen, weighing), weighing.passages)
    best = chosen[0] if chosen else None
    is_one_of_several_rows = any(
        _in_one_table(best.statement, other.statement) for other in chosen[1:] if best
    )
    seeks_value = weighing.expected.kind in _VALUES and not is_one_of_several_rows
    value = _value(question, best, weighing.passages) if best and seeks_value else None
    return [
        Quote(statement, value if best and statement == best.statement else None) for statement in statements
    ]


def _with_the_other_side(
    chosen: Sequence[Weighed], weighing: Weighing, disagreeing: Sequence[Disagreement]
) -> list[Weighed]:
    """What was chosen; of each disagreement that it has one side of, both, and with the fewer other quotes."""
    said = [weighed.statement for weighed in chosen]
    sides = [
        side for each in disagreeing for side in (each.one, each.other) if {each.one, each.other} & {*said}
    ]
    told = [weighed for weighed in weighing.ranked if weighed.statement in sides]
    return [*told, *(weighed for weighed in chosen if weighed not in told)] if told else list(chosen)


def _is_wanted(
    weighed: Weighed, chosen: Sequence[Weighed], weighing: Weighing, exact: AbstractSet[str]
) -> bool:
    if weighed.statement.asks:
        return False
    if not chosen:
        return True
    seeks_value = weighing.expected.kind in _VALUES
    most, margin = _MOST_FOR_A_VALUE if seeks_value else MOST_QUOTES, _MARGIN
    best = chosen[0].statement
    if weighed.statement.is_row and {
        name for name in exact if name in best.text and name not in weighed.statement.text
    }:
        return False
    if any(_in_one_table(weighed.statement, other.statement) for other in chosen):
        margin = _MARGIN_IN_A_TABLE
    near_enough = weighed.log_odds >= chosen[0].log_odds - margin
    return len(chosen) < most and near_enough and not any(_same(weighed, other) for other in chosen)


def _in_one_table(one: Statement, other: Statement) -> bool:
    return one.is_row and other.is_row and (one.passage, one.header) == (other.passage, other.header)


def _same(one: Weighed, other: Weighed) -> bool:
    """Whether the two say the same in nearly the same words."""
    common = len(one.terms & other.terms)
    return common >= _SAME_FROM * max(1, len(one.terms | other.terms))


def _in_company(chosen: Sequence[Weighed], weighing: Weighing) -> list[Statement]:
    """The chosen statements, best first, each with what it needs to be understood."""
    everything = statements_of(weighing.passages)
    kept: list[Statement] = []
    for weighed in chosen[:MOST_QUOTES]:
        company = _company(weighed.statement, everything, whole_lists=weighing.expected.kind not in _VALUES)
        kept += [statement for statement in company if statement not in kept]
    return kept


def _company(statement: Statement, everything: Sequence[Statement], *, whole_lists: bool) -> list[Statement]:
    """The statement with the sentence it leans on; in a list, with the sentence that announces it, and where
    no single value is sought with the other items."""
    place = everything.index(statement)
    mine = [other for other in everything if other.passage == statement.passage]
    announced_by = next((other for other in mine if other.span == statement.lead_in and other.leads_in), None)
    head = statement if statement.leads_in else announced_by
    if head is not None and not statement.is_row:
        items = [other for other in mine if other.lead_in == head.span][:_LONGEST_LIST]
        return [head, *(items if whole_lists or statement is head else [statement])]
    before = everything[place - 1] if place else None
    leans = before is not None and before.passage == statement.passage and _LEANS_BACK.match(statement.text)
    return [before, statement] if before and leans and not (before.is_row or before.asks) else [statement]


def _by_document(statements: Sequence[Statement], passages: Sequence[Passage]) -> list[Statement]:
    """Documents in the order in which they were first chosen; inside one, by place."""
    order = list(dict.fromkeys(passages[statement.passage].version_id for statement in statements))

    def place(statement: Statement) -> tuple[int, int]:
        passage = passages[statement.passage]
        return order.index(passage.version_id), passage.span.start + statement.span.start

    return sorted(statements, key=place)


def _value(question: str, weighed: Weighed, passages: Sequence[Passage]) -> Span | None:
    """The part of the expected kind beside which most of the question's words stand, and of two that have the same the
    one beside which they stand together as there; both ends of a range as one. None where that tells no more, and where
    another has what the best lacks: either may be meant."""
    statement, asked = weighed.statement, facts_of(question)
    # A single Han character is part of too many words.
    words = frozenset[object](
        term for term in analyse(matter_of(without_facts(question))) if term.isascii() or len(term) > 1
    )
    parts = _joined(statement.text, _candidates(statement.text, weighed.parts, asked))
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
