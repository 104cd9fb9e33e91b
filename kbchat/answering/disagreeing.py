"""Statements of two documents in force that say different things on what was asked: another number or date, or the
opposite.

Told by rules, and with care: who is warned for nothing soon reads no warning. Two clauses speak of the same matter
where half of the words of each stand in the other, and where neither names something that the other does not. Two
languages are not compared, and nothing of one document is: its parts limit each other on purpose.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import combinations, product
from typing import Final, TypeVar

from kbchat.analysis import analyse, content_words, language_of, names_of
from kbchat.answering.aligning import is_among, joined
from kbchat.answering.dates import CalendarDate
from kbchat.answering.denial import bounds, clauses, without_bounds
from kbchat.answering.events import Contention, SourcesDisagree
from kbchat.answering.facts import Facts, Quantity, agree, facts_of, without_facts
from kbchat.answering.offering import side_of
from kbchat.answering.opposing import opposed
from kbchat.answering.statements import Statement
from kbchat.answering.weighing import Weighing
from kbchat.retrieval.port import Passage

MOST: Final = 3
_MOST_COMPARED: Final = 12
# How far a statement may fall behind the best, in log-odds: to answer what was asked; to be set against one that does.
_ANSWERS: Final = 1.0
_MARGIN: Final = 5.0
# Of the words of each clause, those that stand in the other.
_SAME_MATTER: Final = 0.45
_SAME_MATTER_TO_DENY: Final = 0.7
_FEWEST_SHARED: Final = 2
_NO_MEASURE: Final = frozenset({"", "rate", "ordinal"})
_CELL: Final = " | "
_SMALL_WORD: Final = re.compile(r"\b[a-z]{3,}|[\u4e00-\u9fff]")
_BRACKETED: Final = re.compile(r"[(（]\s*([^()（）]{2,40}?)\s*[)）]")

# What a document says of itself: each has its own day.
_OF_ITSELF: Final = re.compile(
    r"本(?:制度|办法|规定|政策|手册|细则|规范|指南|文件|协议|合同)|"
    r"\bthis (?:policy|document|guide|handbook|rule|agreement)\b",
    re.IGNORECASE,
)
# A Han word of this many may be cut: 年, 假.
_LONGEST_HAN: Final = 2
_DEEDS: Final = (
    "get receive have has grant give take submit hand file send claim pay reimburse cover open start begin close "
    "end need must should may can allow permit entitle provide offer accrue earn use keep make hold "
    "享有 享受 有 获得 可 可以 应 应当 须 必须 需 需要 提交 递交 交 申请 领取 发放 支付 给予 为 是 达 共 定 于 在 "
    "举行 召开 开放 报销 休"
)

_Fact = TypeVar("_Fact", Quantity, CalendarDate)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`one` is the statement that answers better."""

    one: Statement
    other: Statement
    about: Contention


def disagreements(weighing: Weighing) -> list[Disagreement]:
    """Among the statements that answer best, at most MOST, the best first; of two documents one."""
    if not weighing.ranked:
        return []
    best = weighing.ranked[0].log_odds
    near = [
        weighed
        for weighed in weighing.ranked[:_MOST_COMPARED]
        if weighed.log_odds >= best - _MARGIN and not (weighed.statement.asks or weighed.statement.leads_in)
    ]
    pairs = [
        (one.statement, other.statement)
        for one, other in combinations(near, 2)
        if one.log_odds >= best - _ANSWERS
    ]
    found: dict[frozenset[object], Disagreement] = {}
    for one, other in pairs:
        mine, theirs = weighing.passages[one.passage], weighing.passages[other.passage]
        documents = frozenset((mine.document_id, theirs.document_id))
        if len(documents) == 2 and documents not in found:
            about = contention(one, mine, other, theirs)
            if about is not None:
                found[documents] = Disagreement(one, other, about)
    return list(found.values())[:MOST]


def disagreement_event(
    found: Disagreement, passages: Sequence[Passage], numbers: Mapping[int, int]
) -> SourcesDisagree:
    """`numbers`: the offered number of a passage by its chunk id."""
    mine, theirs = passages[found.one.passage], passages[found.other.passage]
    return SourcesDisagree(
        about=found.about,
        one=side_of(numbers[mine.chunk_id], mine, found.one),
        other=side_of(numbers[theirs.chunk_id], theirs, found.other),
    )


def contention(one: Statement, mine: Passage, other: Statement, theirs: Passage) -> Contention | None:
    """What the statements disagree on; None where they agree or speak of different things."""
    if language_of(one.text) != language_of(other.text) or _differ_in_names(one, mine, other, theirs):
        return None
    if one.is_row and other.is_row:
        pairs: Iterator[tuple[str, str]] = _cells(one, mine, other, theirs)
    elif one.is_row or other.is_row:
        return None
    else:
        pairs = product(joined(clauses(one.text)), joined(clauses(other.text)))
    whole = (facts_of(one.text), facts_of(other.text))
    found = (
        _denial(this, that) if not one.is_row and about is None else about
        for this, that in pairs
        for about in [_of_facts(this, that, whole, is_cell=one.is_row)]
    )
    return next((about for about in found if about), None)


def _differ_in_names(one: Statement, mine: Passage, other: Statement, theirs: Passage) -> bool:
    """Each names something that the other does not: an office, a product, a country."""
    ours, others = _names(one, mine), _names(other, theirs)
    return bool(ours - others) and bool(others - ours)


def _names(statement: Statement, passage: Passage) -> frozenset[str]:
    """Of the statement and of what stands above it; a heading of which every word has a capital tells none."""
    above = [text for text in (passage.title, *passage.heading_path) if _SMALL_WORD.search(text)]
    bracketed = _BRACKETED.findall("\n".join((passage.title, *passage.heading_path)))
    found = [*(name for text in (*above, statement.text) for name in names_of(text)), *bracketed]
    return frozenset(map(str.casefold, found))


def _cells(one: Statement, mine: Passage, other: Statement, theirs: Passage) -> Iterator[tuple[str, str]]:
    """Cells under the same heading, of rows that begin with the same cell."""
    if one.header is None or other.header is None:
        return
    heads, cells = _row(mine.text[one.header.start : one.header.end]), _row(one.text)
    other_heads, other_cells = _row(theirs.text[other.header.start : other.header.end]), _row(other.text)
    if not cells[0] or cells[0] != other_cells[0]:
        return
    told = dict(zip(other_heads, other_cells, strict=False))
    for head, cell in zip(heads[1:], cells[1:], strict=False):
        if head in told:
            yield cell, told[head]


def _row(text: str) -> list[str]:
    return [cell.strip().casefold() for cell in text.split(_CELL)]


def _of_facts(one: str, other: str, whole: tuple[Facts, Facts], *, is_cell: bool) -> Contention | None:
    """Clauses of the same matter with other facts, none of which stands in the other's `whole` statement: a rule with
    its exception disagrees with neither."""
    if not is_cell and (_shared(one, other) < _SAME_MATTER or _are_of_other_things(one, other)):
        return None
    mine, theirs = facts_of(one), facts_of(other)
    units = {quantity.unit for quantity in mine.quantities} - _NO_MEASURE
    if bounds(one) == bounds(other) and _rates(mine) == _rates(theirs):
        for unit in units:
            said, told = _of_unit(mine, unit), _of_unit(theirs, unit)
            if _are_apart(said, _of_unit(whole[1], unit), _agree_either_way) and _are_apart(
                told, _of_unit(whole[0], unit), _agree_either_way
            ):
                return "number"
    if (
        not (_OF_ITSELF.search(one) and _OF_ITSELF.search(other))
        and _are_apart(mine.dates, whole[1].dates, _same_date)
        and _are_apart(theirs.dates, whole[0].dates, _same_date)
    ):
        return "date"
    return None


def _denial(one: str, other: str) -> Contention | None:
    has_facts = any(facts.quantities or facts.dates for facts in map(facts_of, (one, other)))
    is_opposite = not has_facts and _shared(one, other) >= _SAME_MATTER_TO_DENY and opposed(one, other)
    return "denial" if is_opposite else None


def _shared(one: str, other: str) -> float:
    """The share of the words of each that stands in the other, the smaller of both; 0 for too few to tell."""
    mine, theirs = _words(one), _words(other)
    if min(len(mine), len(theirs)) < _FEWEST_SHARED:
        return 0.0
    terms, their_terms = frozenset(analyse(one)), frozenset(analyse(other))
    common = sum(is_among(word, their_terms) for word in mine), sum(is_among(word, terms) for word in theirs)
    return min(common[0] / len(mine), common[1] / len(theirs)) if min(common) >= _FEWEST_SHARED else 0.0


def _are_of_other_things(one: str, other: str) -> bool:
    """Between the same words each has other ones: sick leave and annual leave, 国内出差 and 国际出差. What is done
    with a thing may be said in two ways."""
    mine, theirs = (content_words(_without_amounts(text)) for text in (one, other))
    terms, their_terms = frozenset(analyse(one)), frozenset(analyse(other))
    exchanged = (
        (mine[start:end], theirs[begin:stop])
        for tag, start, end, begin, stop in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()
        if tag == "replace" and max(end - start, stop - begin) <= (1 if one.isascii() else _LONGEST_HAN)
    )
    return any(
        _deeds().isdisjoint((*said, *told)) and not (_are_among(said, their_terms) or _are_among(told, terms))
        for said, told in exchanged
    )


@cache
def _deeds() -> frozenset[str]:
    """Not where the module is loaded: cutting Chinese takes a dictionary, which most processes never need."""
    return frozenset(content_words(_DEEDS))


def _are_among(words: Sequence[str], terms: frozenset[str]) -> bool:
    """Whether one of them is; Han words are taken together, as they may be cut elsewhere."""
    together = "".join(words)
    return any(is_among(word, terms) for word in (words if together.isascii() else (together,)))


def _without_amounts(text: str) -> str:
    """The word of a rate may be the thing's: "annual"."""
    plain, facts = list(text), facts_of(text)
    spans = [date.span for date in facts.dates]
    spans += [quantity.span for quantity in facts.quantities if quantity.unit != "rate"]
    for span in spans:
        plain[span.start : span.end] = " " * span.length
    return without_bounds("".join(plain))


def _words(text: str) -> set[str]:
    """Without quantities, dates and what bounds them, which are compared as such."""
    return {
        word
        for word in content_words(without_bounds(without_facts(text)))
        if not any(map(str.isdecimal, word))
    }


def _are_apart(mine: Sequence[_Fact], theirs: Sequence[_Fact], same: Callable[[_Fact, _Fact], bool]) -> bool:
    """Both have some, and none of the one is one of the other."""
    return bool(mine) and bool(theirs) and not any(same(this, that) for this, that in product(mine, theirs))


def _agree_either_way(one: Quantity, other: Quantity) -> bool:
    return agree(one, other) or agree(other, one)


def _same_date(one: CalendarDate, other: CalendarDate) -> bool:
    return one.agrees_with(other) or other.agrees_with(one)


def _of_unit(facts: Facts, unit: str) -> list[Quantity]:
    return [quantity for quantity in facts.quantities if quantity.unit == unit]


def _rates(facts: Facts) -> set[object]:
    return {quantity.value for quantity in facts.quantities if quantity.unit == "rate"}
