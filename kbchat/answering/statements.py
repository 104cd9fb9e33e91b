"""What of a passage can be quoted by itself: sentences, list items and table rows, with what makes them
understood.

Cuts text; judges nothing and knows no question.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from kbchat.analysis import sentences
from kbchat.core.text import Span
from kbchat.retrieval.port import Passage

_BLANK_LINE: Final = re.compile(r"\n[ \t]*\n\s*")
_CELL: Final = " | "
_HAN_NUMERALS: Final = "一二三四五六七八九十"
# "1.5 days", "U.S. staff", "J. Smith" and 一、二线城市 begin with no mark: a mark that is shown harms less than a
# sentence without its head.
_LIST_MARK: Final = re.compile(
    rf"(?:[-*+•·●○▪–—]\s+|[(（]?(?:(?:\d{{1,2}}|[a-zA-Z]|[{_HAN_NUMERALS}]{{1,3}})[)）]|"
    rf"(?:\d{{1,2}}|[{_HAN_NUMERALS}]{{1,3}})(?:[.．](?=[\sA-Z\u4e00-\u9fff])|、(?!\s?[\d{_HAN_NUMERALS}]))|"
    r"[a-z][.．](?=\s)|[a-zA-Z]、(?!\s?[a-zA-Z]))\s*)(?=\S)"
)
_LEADS_IN: Final = frozenset(":：")
_SENTENCE_ENDS: Final = frozenset(".。!！?？;；:：,，…")
_ASKS: Final = ("?", "？", "?”", "？”")
_ASIDE: Final = re.compile(
    r"(?:For example|For instance|Example|E\.g\.|See|Refer to|Compare)\b|"
    r"例[：:如]|比如|譬如|参见|详见|参阅|见第",
    re.IGNORECASE,
)
_OF_CHANGES: Final = re.compile(
    r"\b(?:what(?:'s| has| is)? (?:changed|new)|changes|change ?log|revisions?|history)\b|"
    r"变化|变更|修订|沿革",
    re.IGNORECASE,
)
_MOST_LED: Final = 12


@dataclass(frozen=True, slots=True)
class Statement:
    """`span` lies in the text of passage number `passage` (from 0), without list mark or surrounding blanks.

    `lead_in` is the sentence or question that announces it ("Bring along:"), `header` the head of its table.
    """

    passage: int
    span: Span
    text: str
    heading: str
    lead_in: Span | None = None
    header: Span | None = None
    is_row: bool = False

    @property
    def asks(self) -> bool:
        return self.text.endswith(_ASKS)

    @property
    def leads_in(self) -> bool:
        return self.text[-1:] in _LEADS_IN

    @property
    def is_aside(self) -> bool:
        """An example, a pointer elsewhere, or what has changed: seldom the rule itself."""
        return _ASIDE.match(self.text) is not None or _OF_CHANGES.search(self.heading) is not None


def statements_of(passages: Sequence[Passage]) -> list[Statement]:
    """All statements of the passages, in their order. Every span gives back its text."""
    return [
        statement for number, passage in enumerate(passages) for statement in _of_passage(number, passage)
    ]


def cell_at(row: str, place: int) -> Span:
    """The cell of `row` that `place` lies in."""
    before, behind = row.rfind(_CELL, 0, place), row.find(_CELL, place)
    return Span(before + len(_CELL) if before >= 0 else 0, behind if behind >= 0 else len(row))


def head_above(statement: Statement, place: int, passage: Passage) -> str:
    """The head of the column that `place` of a row's text lies in; "" where the row has none, or other cells than its
    header: nobody knows then which stands below which."""
    if statement.header is None:
        return ""
    heads = passage.text[statement.header.start : statement.header.end].split(_CELL)
    is_alike = len(heads) == len(statement.text.split(_CELL))
    return heads[statement.text.count(_CELL, 0, place)] if is_alike else ""


def _of_passage(number: int, passage: Passage) -> Iterator[Statement]:
    heading = passage.heading_path[-1] if passage.heading_path else passage.title
    titles = {passage.title, *passage.heading_path}
    lead_in: Span | None = None
    led = 0
    caption = ""
    blocks = list(_blocks(passage.text))
    for block, following in zip_longest(blocks, blocks[1:]):
        if _is_table(passage.text, block):
            yield from _rows(number, passage.text, block, caption or heading, lead_in)
            continue
        if passage.text[block.start : block.end] in titles:
            heading, lead_in = passage.text[block.start : block.end], None
            continue
        spans = list(_sentences(passage.text, block))
        caption = ""
        if spans and _announces(passage.text, spans[-1], block, following):
            last = spans.pop()
            caption = passage.text[last.start : last.end]
        for span in spans:
            statement = Statement(number, span, passage.text[span.start : span.end], heading, lead_in)
            yield statement
            led += 1
            if statement.leads_in or statement.asks:
                lead_in, led = span, 0
            elif led >= _MOST_LED:
                lead_in = None


def _announces(text: str, last: Span, block: Span, following: Span | None) -> bool:
    """Whether the last line of a block is a caption: no sentence, above a table, or alone at the passage's end, whose
    table begins the next one."""
    line = text[last.start : last.end]
    if line[-1:] in _SENTENCE_ENDS:
        return False
    is_alone = last == block != Span(0, len(text)) and not re.search(r"\d", line)
    return is_alone if following is None else _is_table(text, following)


def _is_table(text: str, block: Span) -> bool:
    return all(_CELL in line for line in text[block.start : block.end].split("\n"))


def _blocks(text: str) -> Iterator[Span]:
    """Parts between blank lines; a table within a part is a block of its own."""
    start = 0
    for end in [*(match.span() for match in _BLANK_LINE.finditer(text)), (len(text), len(text))]:
        if text[start : end[0]].strip():
            yield from _tables_apart(text, start, end[0])
        start = end[1]


def _tables_apart(text: str, start: int, end: int) -> Iterator[Span]:
    begun, inside = start, None
    place = start
    for line in text[start:end].split("\n"):
        is_row = _CELL in line
        if inside is not None and is_row != inside and place > begun:
            yield Span(begun, place - 1)
            begun = place
        inside = is_row
        place += len(line) + 1
    yield Span(begun, end)


def _rows(number: int, text: str, block: Span, heading: str, lead_in: Span | None) -> Iterator[Statement]:
    rows, place = [], block.start
    for line in text[block.start : block.end].split("\n"):
        rows.append(Span(place, place + len(line)))
        place += len(line) + 1
    header = rows[0] if len(rows) > 1 else None
    for row in rows[1:] or rows:
        yield Statement(number, row, text[row.start : row.end], heading, lead_in, header, is_row=True)


def _sentences(text: str, block: Span) -> Iterator[Span]:
    for span in sentences(text[block.start : block.end]):
        start, end = block.start + span.start, block.start + span.end
        mark = _LIST_MARK.match(text, start, end)
        yield Span(mark.end() if mark and mark.end() < end else start, end)
