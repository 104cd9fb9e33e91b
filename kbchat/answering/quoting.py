"""An answer made of the sentences that answer the question: which ones, in which order, and as which text.

Every quoted sentence carries its citation; nothing is said that no source says. A table row is quoted as a
row under its header, a list item under the sentence that announces it, and the value asked for is lit inside
its sentence.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from kbchat.answering.events import (
    AnswerEvent,
    CitationAdded,
    SentenceVerified,
    TextAdded,
    TextRange,
    ValueLit,
)
from kbchat.answering.expecting import Kind
from kbchat.answering.statements import Statement, statements_of
from kbchat.answering.weighing import Weighed, Weighing
from kbchat.core.text import Span
from kbchat.retrieval.port import Passage

MOST_QUOTES: Final = 5
_MOST_FOR_A_VALUE: Final = 3
# How far a further quote may fall behind the best, in log-odds.
_MARGIN: Final = 1.5
_MARGIN_FOR_A_VALUE: Final = 1.0
_SAME_FROM: Final = 0.7

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
_RANGE: Final = re.compile(r"\s?(?:-|–|—|~|～|至|到|to|and)\s?")
_MARKUP: Final = re.compile(r"([\\`*\[\]<>~|]|(?<!\w)_|_(?!\w)|^#|(?<=\n)#)")
_WRAP: Final = re.compile(r"\s*\n\s*")
_HAN_WRAP: Final = re.compile(r"(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])\s*\n\s*(?=[\u4e00-\u9fff])")
_CELL: Final = " | "


@dataclass(frozen=True, slots=True)
class Quote:
    """A statement to be quoted. `value`: the place in its text that is what was asked for."""

    statement: Statement
    value: Span | None = None


def choose(question: str, weighing: Weighing) -> list[Quote]:
    """At most MOST_QUOTES statements that answer, in the order of their documents; [] only when there are
    none."""
    chosen: list[Weighed] = []
    for weighed in weighing.ranked:
        if _is_wanted(weighed, chosen, weighing):
            chosen.append(weighed)
    statements = _with_surroundings([weighed.statement for weighed in chosen], weighing.passages)
    best = chosen[0] if chosen else None
    value = _value(question, best) if best and weighing.expected.kind in _VALUES else None
    return [
        Quote(statement, value if best and statement == best.statement else None) for statement in statements
    ]


def _is_wanted(weighed: Weighed, chosen: Sequence[Weighed], weighing: Weighing) -> bool:
    if weighed.statement.asks:
        return False
    if not chosen:
        return True
    seeks_value = weighing.expected.kind in _VALUES
    most, margin = (_MOST_FOR_A_VALUE, _MARGIN_FOR_A_VALUE) if seeks_value else (MOST_QUOTES, _MARGIN)
    near_enough = weighed.log_odds >= chosen[0].log_odds - margin
    return len(chosen) < most and near_enough and not any(_same(weighed, other) for other in chosen)


def _same(one: Weighed, other: Weighed) -> bool:
    """Whether the two say the same in nearly the same words."""
    common = len(one.terms & other.terms)
    return common >= _SAME_FROM * max(1, len(one.terms | other.terms))


def _with_surroundings(chosen: Sequence[Statement], passages: Sequence[Passage]) -> list[Statement]:
    """The chosen ones with what they need to be understood, at most MOST_QUOTES, by document and place.

    The best are kept: surroundings of the first come before the second's own place."""
    everything = statements_of(passages)
    kept: list[Statement] = []
    for statement in chosen:
        wanted = [statement, *_needed(statement, everything)]
        kept += [needed for needed in wanted if needed not in kept][: MOST_QUOTES - len(kept)]
    return _by_document(kept, passages)


def _needed(statement: Statement, everything: Sequence[Statement]) -> list[Statement]:
    """The sentence it leans on or is announced by; or, where it announces a list, the list."""
    place = everything.index(statement)
    mine = [other for other in everything if other.passage == statement.passage]
    if statement.leads_in:
        return [other for other in mine if other.lead_in == statement.span]
    if statement.lead_in and not statement.is_row:
        return [other for other in mine if other.span == statement.lead_in and not other.asks]
    before = everything[place - 1] if place else None
    if (
        before
        and before.passage == statement.passage
        and _LEANS_BACK.match(statement.text)
        and not before.is_row
    ):
        return [] if before.asks else [before]
    return []


def _by_document(statements: Sequence[Statement], passages: Sequence[Passage]) -> list[Statement]:
    """Documents in the order in which they were first chosen; inside one, by place."""
    order = list(dict.fromkeys(passages[statement.passage].version_id for statement in statements))

    def place(statement: Statement) -> tuple[int, int]:
        passage = passages[statement.passage]
        return order.index(passage.version_id), passage.span.start + statement.span.start

    return sorted(statements, key=place)


def _value(question: str, weighed: Weighed) -> Span | None:
    """The part of the expected kind that the question did not itself bring; both ends of a range."""
    text, said = weighed.statement.text, question.casefold()
    new = [part for part in weighed.parts if text[part.start : part.end].strip().casefold() not in said]
    if len(new) > 1 and _RANGE.fullmatch(text[new[0].end : new[1].start]):
        return Span(new[0].start, new[1].end)
    return new[0] if new else None


# Text and events


def quoted(
    quotes: Sequence[Quote], passages: Sequence[Passage], numbers: Mapping[int, int]
) -> Iterator[AnswerEvent]:
    """The events that write the quotes. `numbers`: from a passage's chunk id to the number it was offered
    under."""
    page = _Page(passages, numbers)
    for header, group in groupby(quotes, key=_table):
        if header is None:
            for quote in group:
                yield from page.sentence(quote)
        else:
            yield from page.table(list(group))


def _table(quote: Quote) -> tuple[int, Span | None] | None:
    return (quote.statement.passage, quote.statement.header) if quote.statement.is_row else None


class _Page:
    """Writes quotes one after another and knows the offsets in the text so far."""

    def __init__(self, passages: Sequence[Passage], numbers: Mapping[int, int]) -> None:
        self._passages = passages
        self._offered = numbers
        self._length = 0
        self._cited: dict[int, int] = {}
        self._last: Statement | None = None

    def sentence(self, quote: Quote) -> Iterator[AnswerEvent]:
        statement = quote.statement
        opening = self._joint(statement)
        body = _written(statement, len(statement.text))
        start = self._length + len(opening)
        yield self._add(opening + body)
        yield from self._cite(statement, start)
        yield from self._light(quote, start)
        self._last = statement

    def table(self, quotes: Sequence[Quote]) -> Iterator[AnswerEvent]:
        first = quotes[0].statement
        text = self._passages[first.passage].text
        rows = [_cells(quote.statement.text) for quote in quotes]
        header = _cells(text[first.header.start : first.header.end]) if first.header else []
        width = max(map(len, [header, *rows]))
        opening = "\n\n" if self._length else ""
        yield self._add(f"{opening}{_line(header, width)}\n|{' --- |' * width}")
        for quote, cells in zip(quotes, rows, strict=True):
            line = "\n" + _line(cells, width)
            start = self._length + len("\n| ")
            yield self._add(line.removesuffix(" |"))
            yield from self._cite(quote.statement, start)
            yield from self._light(quote, start)
            yield self._add(" |")
        self._last = first

    def _joint(self, statement: Statement) -> str:
        """What separates this statement from the text so far."""
        last = self._last
        if last is None:
            return ""
        if (
            statement.lead_in
            and last.passage == statement.passage
            and statement.lead_in in {last.span, last.lead_in}
        ):
            return "\n\n- " if last.span == statement.lead_in else "\n- "
        text = self._passages[statement.passage].text
        if last.passage == statement.passage and not last.is_row and last.span.end <= statement.span.start:
            between = text[last.span.end : statement.span.start]
            if not between.strip() and "\n\n" not in between:
                return " " if between or last.text[-1:].isascii() else ""
        return "\n\n"

    def _add(self, text: str) -> TextAdded:
        self._length += len(text)
        return TextAdded(text=text)

    def _cite(self, statement: Statement, start: int) -> Iterator[AnswerEvent]:
        passage = self._passages[statement.passage]
        source = self._offered[passage.chunk_id]
        number = self._cited.setdefault(source, len(self._cited) + 1)
        yield citation(number, source, self._length, passage, statement.span)
        yield SentenceVerified(range=TextRange(start=start, end=self._length), state="supported")

    def _light(self, quote: Quote, start: int) -> Iterator[AnswerEvent]:
        if quote.value is None:
            return
        end = start + len(_written(quote.statement, quote.value.end))
        length = len(escaped(_on_one_line(quote.statement.text[quote.value.start : quote.value.end])))
        yield ValueLit(range=TextRange(start=end - length, end=end))


def citation(number: int, source: int, at: int, passage: Passage, span: Span) -> CitationAdded:
    """The event that ties offset `at` of the answer to `span` of the passage's text."""
    return CitationAdded(
        number=number,
        source=source,
        at=at,
        document_id=str(passage.document_id),
        version_id=str(passage.version_id),
        start=passage.span.start + span.start,
        end=passage.span.start + span.end,
        page=passage.page,
        quote=passage.text[span.start : span.end],
    )


def escaped(text: str) -> str:
    """`text` so that a reader of Markdown sees it as it stands in the source."""
    return _MARKUP.sub(r"\\\1", text)


def _on_one_line(text: str) -> str:
    """Wrapped lines joined: by a blank, between Han characters by nothing."""
    return _WRAP.sub(" ", _HAN_WRAP.sub("", text))


def _written(statement: Statement, to: int) -> str:
    """The first `to` characters of a statement as they stand in the answer."""
    text = statement.text[:to]
    return _CELL.join(_cells(text)) if statement.is_row else escaped(_on_one_line(text))


def _cells(row: str) -> list[str]:
    return [escaped(cell.strip()) for cell in row.split(_CELL)]


def _line(cells: Sequence[str], width: int) -> str:
    return f"| {' | '.join([*cells, *[''] * (width - len(cells))])} |"
