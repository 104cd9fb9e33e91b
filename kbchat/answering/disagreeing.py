"""Statements of two documents in force that say different things on what was asked: another number or date, or the
opposite.

Told by rules, and with care: who is warned for nothing soon reads no warning. Two clauses speak of the same matter
where half of the words of each stand in the other, and where neither names something that the other does not. Where
they differ in two things, a year and a number of days, the one may be what the other depends on. Two languages are not
compared, and nothing of one document is: its parts limit each other on purpose.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, cached_property
from itertools import accumulate, combinations, product
from typing import Final, TypeVar

from kbchat.analysis import analyse, content_words, language_of, names_of
from kbchat.answering.aligning import is_among, joined
from kbchat.answering.dates import CalendarDate
from kbchat.answering.denial import Bound, bounds, clauses, denies, without_bounds
from kbchat.answering.events import Contention, SourcesDisagree
from kbchat.answering.facts import Facts, Quantity, agree, facts_of
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
# Of a statement: what is compared grows with its square, and who asks is answered at its beginning.
_LONGEST: Final = 500
_MOST_CLAUSES: Final = 8
_NO_MEASURE: Final = frozenset({"", "rate", "ordinal"})
_CELL: Final = " | "
_WORD: Final = re.compile(r"[\w'’-]+")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_SMALL_WORD: Final = re.compile(r"\b[a-z]{3,}|[\u4e00-\u9fff]")
# "Level A", "grade 3", B级, 三级: of which two are two matters.
_LEVEL: Final = re.compile(
    r"\b(?:level|grade|class|tier|band|category|group|zone|type|stage|phase|step|plan|tariff)s? "
    r"(?P<english>(?-i:[A-Z]|[IVX]{1,4}|\d{1,2}))\b|"
    r"(?P<chinese>[a-z]\d?|\d{1,2}|[一二三四五六七八九十甲乙丙丁])\s?(?:级|类|档)(?![别似])",
    re.IGNORECASE,
)
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


@dataclass(frozen=True)
class _Clause:
    """What is compared of it is read once."""

    text: str

    @cached_property
    def facts(self) -> Facts:
        return facts_of(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """Without quantities, dates and what bounds them, which are compared as such."""
        found = content_words(without_bounds(_blanked(self.text, self.facts.every)))
        return frozenset(word for word in found if not any(map(str.isdecimal, word)))

    @cached_property
    def in_order(self) -> list[str]:
        """With rates, whose word may be the thing's: "annual"."""
        amounts = [fact for fact in self.facts.every if isinstance(fact, CalendarDate) or fact.unit != "rate"]
        return content_words(without_bounds(_blanked(self.text, amounts)))

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(analyse(self.text))

    @cached_property
    def bounds(self) -> frozenset[Bound]:
        return bounds(self.text)

    @cached_property
    def levels(self) -> frozenset[str]:
        # "Plan 30 days ahead".
        plain = _blanked(self.text, [each for each in self.facts.quantities if each.unit not in _NO_MEASURE])
        found = _LEVEL.finditer(plain)
        return frozenset((match["english"] or match["chinese"]).casefold() for match in found)


@dataclass(frozen=True)
class _Side:
    """A statement with the passage that it stands in. Its beginning is compared with the beginning and the facts of
    the other."""

    statement: Statement
    passage: Passage

    @cached_property
    def language(self) -> str:
        return language_of(self.statement.text)

    @cached_property
    def names(self) -> frozenset[str]:
        return _names(self.statement, self.passage)

    @cached_property
    def facts(self) -> Facts:
        return facts_of(self.statement.text)

    @cached_property
    def clauses(self) -> list[_Clause]:
        found = joined(clauses(self.statement.text)[:_MOST_CLAUSES])
        ends = accumulate(map(len, found))
        return [_Clause(text) for text, end in zip(found, ends, strict=True) if end <= _LONGEST]


def disagreements(weighing: Weighing) -> list[Disagreement]:
    """Among the statements that answer best, at most MOST, the best first; of two documents one."""
    if not weighing.ranked:
        return []
    best = weighing.ranked[0].log_odds
    near = [
        (_Side(weighed.statement, weighing.passages[weighed.statement.passage]), weighed.log_odds)
        for weighed in weighing.ranked[:_MOST_COMPARED]
        if weighed.log_odds >= best - _MARGIN and not (weighed.statement.asks or weighed.statement.leads_in)
    ]
    pairs = [
        (one, other) for (one, log_odds), (other, _) in combinations(near, 2) if log_odds >= best - _ANSWERS
    ]
    found: dict[frozenset[object], Disagreement] = {}
    for one, other in pairs:
        documents = frozenset((one.passage.document_id, other.passage.document_id))
        if len(documents) == 2 and documents not in found:
            about = _contention(one, other)
            if about is not None:
                found[documents] = Disagreement(one.statement, other.statement, about)
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
    return _contention(_Side(one, mine), _Side(other, theirs))


def _contention(one: _Side, other: _Side) -> Contention | None:
    is_row = one.statement.is_row
    if is_row != other.statement.is_row or one.language != other.language or _differ_in_names(one, other):
        return None
    whole = (one.facts, other.facts)
    if is_row:
        found = (_of_facts(this, that, whole) for this, that in _cells(one, other))
    else:
        found = (_of_clauses(this, that, whole) for this, that in product(one.clauses, other.clauses))
    return next((about for about in found if about), None)


def _differ_in_names(one: _Side, other: _Side) -> bool:
    """Each names something that the other does not: an office, a product, a country."""
    return bool(one.names - other.names) and bool(other.names - one.names)


def _names(statement: Statement, passage: Passage) -> frozenset[str]:
    """Of the statement and of what stands above it; a heading of which every word has a capital tells none."""
    above = [text for text in (passage.title, *passage.heading_path) if _SMALL_WORD.search(text)]
    bracketed = _BRACKETED.findall("\n".join((passage.title, *passage.heading_path)))
    found = [*(name for text in (*above, statement.text) for name in names_of(text)), *bracketed]
    return frozenset(map(str.casefold, found))


def _cells(one: _Side, other: _Side) -> Iterator[tuple[_Clause, _Clause]]:
    """Cells under the same heading, of rows that begin with the same cell."""
    header, other_header = one.statement.header, other.statement.header
    if header is None or other_header is None:
        return
    heads, cells = _row(one.passage.text[header.start : header.end]), _row(one.statement.text)
    other_heads = _row(other.passage.text[other_header.start : other_header.end])
    other_cells = _row(other.statement.text)
    if not cells[0] or cells[0] != other_cells[0]:
        return
    told = dict(zip(other_heads, other_cells, strict=False))
    for head, cell in zip(heads[1:], cells[1:], strict=False):
        if head in told:
            yield _Clause(cell), _Clause(told[head])


def _row(text: str) -> list[str]:
    return [cell.strip().casefold() for cell in text.split(_CELL)]


def _of_clauses(one: _Clause, other: _Clause, whole: tuple[Facts, Facts]) -> Contention | None:
    """Clauses of the same matter: what they disagree on."""
    shared = _shared(one, other)
    if shared < _SAME_MATTER or (one.levels and other.levels and one.levels.isdisjoint(other.levels)):
        return None
    if one.facts.every or other.facts.every:
        return None if _are_of_other_things(one, other) else _of_facts(one, other, whole)
    is_opposite = shared >= _SAME_MATTER_TO_DENY and opposed(one.text, other.text)
    return "denial" if is_opposite and not _deny_other_things(one, other) else None


def _of_facts(one: _Clause, other: _Clause, whole: tuple[Facts, Facts]) -> Contention | None:
    """The one thing in which clauses differ: dates or a number, none of which stands in the other's `whole` statement.
    A rule with its exception disagrees with neither, and what differs in more has two cases."""
    mine, theirs = one.facts, other.facts
    are_dates_apart = _are_apart(mine.dates, theirs.dates, _same_date)
    units = {_unit(each) for each in mine.quantities} - _NO_MEASURE
    apart = [
        unit for unit in units if _are_apart(_of_unit(mine, unit), _of_unit(theirs, unit), _agree_either_way)
    ]
    if len(apart) + are_dates_apart != 1:
        return None
    if are_dates_apart:
        is_of_itself = _OF_ITSELF.search(one.text) and _OF_ITSELF.search(other.text)
        is_told = _are_apart(mine.dates, whole[1].dates, _same_date) and _are_apart(
            theirs.dates, whole[0].dates, _same_date
        )
        return "date" if is_told and not is_of_itself else None
    (unit,) = apart
    said, told = _of_unit(mine, unit), _of_unit(theirs, unit)
    is_told = (
        one.bounds == other.bounds
        and _rates(mine) == _rates(theirs)
        and _are_apart(said, _of_unit(whole[1], unit), _agree_either_way)
        and _are_apart(told, _of_unit(whole[0], unit), _agree_either_way)
    )
    return "number" if is_told else None


def _shared(one: _Clause, other: _Clause) -> float:
    """The share of the words of each that stands in the other, the smaller of both; 0 for too few to tell."""
    mine, theirs = one.words, other.words
    if min(len(mine), len(theirs)) < _FEWEST_SHARED:
        return 0.0
    common = (
        sum(is_among(word, other.terms) for word in mine),
        sum(is_among(word, one.terms) for word in theirs),
    )
    return min(common[0] / len(mine), common[1] / len(theirs)) if min(common) >= _FEWEST_SHARED else 0.0


def _are_of_other_things(one: _Clause, other: _Clause) -> bool:
    """Between the same words each has other ones: sick leave and annual leave, 国内出差 and 国际出差. What is done
    with a thing may be said in two ways."""
    mine, theirs = one.in_order, other.in_order
    exchanged = (
        (mine[start:end], theirs[begin:stop])
        for tag, start, end, begin, stop in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()
        if tag == "replace" and max(end - start, stop - begin) <= (1 if one.text.isascii() else _LONGEST_HAN)
    )
    return any(
        _deeds().isdisjoint((*said, *told))
        and not (_are_among(said, other.terms) or _are_among(told, one.terms))
        for said, told in exchanged
    )


def _deny_other_things(one: _Clause, other: _Clause) -> bool:
    """Each has something that the other does not, and that is not what they are opposed by: "must submit receipts" and
    "must not submit originals", but not "permitted" and "prohibited"."""
    mine, theirs = _only_in(one, other), _only_in(other, one)
    return bool(mine) and bool(theirs) and not opposed(mine, theirs)


def _only_in(one: _Clause, other: _Clause) -> str:
    """Things alone: neither deeds nor denials."""
    words = content_words(one.text) if _HAN.search(one.text) else _WORD.findall(one.text)
    return " ".join(
        word
        for word in words
        for terms in [content_words(word)]
        if terms and not denies(word) and _deeds().isdisjoint(terms) and not _are_among(terms, other.terms)
    )


@cache
def _deeds() -> frozenset[str]:
    """Not where the module is loaded: cutting Chinese takes a dictionary, which most processes never need."""
    return frozenset(content_words(_DEEDS))


def _are_among(words: Sequence[str], terms: frozenset[str]) -> bool:
    """Whether one of them is; Han words are taken together, as they may be cut elsewhere."""
    together = "".join(words)
    return any(is_among(word, terms) for word in (words if together.isascii() else (together,)))


def _blanked(text: str, facts: Iterable[Quantity | CalendarDate]) -> str:
    plain = list(text)
    for fact in facts:
        plain[fact.span.start : fact.span.end] = " " * fact.span.length
    return "".join(plain)


def _are_apart(mine: Sequence[_Fact], theirs: Sequence[_Fact], same: Callable[[_Fact, _Fact], bool]) -> bool:
    """Both have some, and none of the one is one of the other."""
    return bool(mine) and bool(theirs) and not any(same(this, that) for this, that in product(mine, theirs))


def _agree_either_way(one: Quantity, other: Quantity) -> bool:
    return agree(one, other) or agree(other, one)


def _same_date(one: CalendarDate, other: CalendarDate) -> bool:
    return one.agrees_with(other) or other.agrees_with(one)


def _of_unit(facts: Facts, unit: str) -> list[Quantity]:
    return [quantity for quantity in facts.quantities if _unit(quantity) == unit]


def _unit(quantity: Quantity) -> str:
    """Hours with their minutes are one thing."""
    return quantity.unit if quantity.whole is None else "minute"


def _rates(facts: Facts) -> set[object]:
    return {quantity.value for quantity in facts.quantities if quantity.unit == "rate"}
