"""Quotes written down: events that show each sentence with its citation, rows as tables, items as lists."""

import re
from collections.abc import Iterator, Mapping, Sequence
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
from kbchat.answering.quoting import Quote
from kbchat.answering.statements import Statement
from kbchat.core.text import Span
from kbchat.retrieval.port import Passage

_MARKUP: Final = re.compile(r"([\\`*\[\]<>~|]|(?<!\w)_|_(?!\w)|^#|(?<=\n)#)")
_WRAP: Final = re.compile(r"\s*\n\s*")
_HAN_WRAP: Final = re.compile(r"(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])\s*\n\s*(?=[\u4e00-\u9fff])")
_CELL: Final = " | "


def quoted(
    quotes: Sequence[Quote], passages: Sequence[Passage], numbers: Mapping[int, int]
) -> Iterator[AnswerEvent]:
    """The events that write the quotes. `numbers`: the offered number of a passage by its chunk id."""
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
        text, value = quote.statement.text, quote.value
        end = start + len(_written(quote.statement, value.end))
        # The character before it tells what of it is markup: "#" is at a beginning alone.
        before = (
            text[: value.start].split(_CELL)[-1].lstrip() if quote.statement.is_row else text[: value.start]
        )
        context = _on_one_line(before[-1:])
        lit = escaped(context + _on_one_line(text[value.start : value.end]))
        begin = end - len(lit) + len(escaped(context))
        yield ValueLit(range=TextRange(start=begin, end=end))


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
        page=passage.page_at(span.start),
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
