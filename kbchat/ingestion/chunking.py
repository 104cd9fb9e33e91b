"""A parsed document to chunks: spans of its text that fit the encoder's window with their heading prefix.

Structure first: a chunk stays inside one section and one page, a table row is never cut where it fits, and only what
is too long by itself is divided, at the ends of sentences. Nothing is cut off: what a chunk would lose becomes
another chunk. Plain Python: knows no database and no encoder, only how many tokens a text has.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, Protocol

from semantic_text_splitter import TextSplitter

from kbchat.core.text import Span
from kbchat.parsing import Block, BlockKind, ParsedDocument

CHUNKING_POLICY: Final = "structure-1"
"""Part of a generation's identity: raise it with every change of a span or a prefix."""

# Above this a chunk says too many things for one vector, however wide the encoder's window.
_MOST_TOKENS: Final = 320
# Of the window: for title and headings, and for a table's header row.
_PREFIX_SHARE: Final = 0.25
_HEADER_SHARE: Final = 0.25
# Pieces are joined by what stands between them in the text; a blank line or a line break is at most this.
_JOINT_TOKENS: Final = 1


class TokenCounter(Protocol):
    """The part of an `Embedder` that is needed here."""

    @property
    def window_tokens(self) -> int: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class ChunkDraft:
    """`section` counts in `ParsedDocument.sections`. `prefix` is put in front of the text for encoder and index."""

    span: Span
    prefix: str
    section: int
    page: int | None


def indexed_text(prefix: str, text: str) -> str:
    """What encoder and index get of a chunk."""
    return f"{prefix}\n{text}" if prefix else text


def chunk(document: ParsedDocument, counter: TokenCounter) -> list[ChunkDraft]:
    """Chunks in document order. Each fits `counter.window_tokens` with its prefix; together they hold every block
    but running headers, page numbers, and headings that have something below them.
    """
    measure = _Measure(document, counter)
    groups = list(_groups(document))
    # All at once, which a counter does side by side.
    measure.count([document.text_of(piece) for group in groups for piece in _pieces(group.blocks)])
    packed = [part for group in groups for part in _packed_group(group, measure)]
    measure.count([measure.indexed(each.prefix, each.span) for each in packed])
    return [draft for each in packed for draft in _made_to_fit(each, measure)]


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring blocks that may share a chunk: one section, one page, and a table is alone."""

    section: int
    blocks: tuple[Block, ...]

    @property
    def page(self) -> int | None:
        return self.blocks[0].page


def _groups(document: ParsedDocument) -> Iterator[_Group]:
    section, gathered = 0, list[Block]()
    for block, after in zip_longest(document.blocks, document.blocks[1:]):
        if block.kind is BlockKind.PAGE_FURNITURE:
            yield from _closed(section, gathered)
        elif block.kind is BlockKind.HEADING:
            yield from _closed(section, gathered)
            section += 1
            if _stands_alone(block, after):
                yield _Group(section, (block,))
        elif block.kind is BlockKind.TABLE:
            yield from _closed(section, gathered)
            yield _Group(section, (block,))
        else:
            if gathered and gathered[-1].page != block.page:
                yield from _closed(section, gathered)
            gathered.append(block)
    yield from _closed(section, gathered)


def _closed(section: int, gathered: list[Block]) -> Iterator[_Group]:
    if gathered:
        yield _Group(section, tuple(gathered))
        gathered.clear()


def _stands_alone(heading: Block, after: Block | None) -> bool:
    """A heading with nothing below it is content itself; others live in the prefixes of what is below."""
    if after is None:
        return True
    return after.kind is BlockKind.HEADING and (after.level or 1) <= (heading.level or 1)


class _Measure:
    """Counts tokens of parts of one document, and shortens what goes in front of them."""

    def __init__(self, document: ParsedDocument, counter: TokenCounter) -> None:
        self.document = document
        self._counter = counter
        self.window = min(counter.window_tokens, _MOST_TOKENS)
        self._prefixes: dict[tuple[str, ...], str] = {}
        self._counted: dict[str, int] = {}

    def count(self, texts: Sequence[str]) -> None:
        """They will be asked for."""
        new = [text for text in dict.fromkeys(texts) if text not in self._counted]
        if new:
            self._counted.update(zip(new, self._counter.count_tokens(new), strict=True))

    def tokens_of(self, text: str) -> int:
        known = self._counted.get(text)
        return self._counter.count_tokens([text])[0] if known is None else known

    def indexed(self, prefix: str, span: Span) -> str:
        return indexed_text(prefix, self.document.text_of(span))

    def prefix(self, path: tuple[str, ...]) -> str:
        """Title and headings, as many of the innermost as fit their share of the window."""
        if path not in self._prefixes:
            self._prefixes[path] = self._shortened(self._names(path), int(self.window * _PREFIX_SHARE))
        return self._prefixes[path]

    def _names(self, path: tuple[str, ...]) -> list[str]:
        title = self.document.title
        return list(path) if path[:1] == (title,) or not title else [title, *path]

    def _shortened(self, names: list[str], most: int) -> str:
        for first in range(len(names)):
            told = " › ".join(names[first:])
            if self.tokens_of(told) <= most:
                return told
        last = names[-1] if names else ""
        while last and self.tokens_of(last) > most:
            last = last[: len(last) // 2]
        return last

    def header(self, table: Block) -> str:
        """The header rows of a table, for the chunks that begin below them; "" where they are too long."""
        if not table.header_rows:
            return ""
        told = self.document.text_of(Span(table.rows[0].start, table.rows[table.header_rows - 1].end))
        return told if self.tokens_of(told) <= self.window * _HEADER_SHARE else ""

    def fits(self, prefix: str, span: Span) -> bool:
        return self.tokens_of(self.indexed(prefix, span)) <= self.window


@dataclass(frozen=True, slots=True)
class _Packed:
    """A chunk, unless it has to be divided: into parts of at most `room` tokens."""

    span: Span
    prefix: str
    room: int
    section: int
    page: int | None


def _packed_group(group: _Group, measure: _Measure) -> Iterator[_Packed]:
    prefix = measure.prefix(measure.document.sections[group.section].path)
    first = group.blocks[0]
    header = measure.header(first) if first.kind is BlockKind.TABLE else ""
    # The narrower of the two prefixes that its chunks may get.
    reserved = indexed_text(prefix, header) if header else prefix
    room = measure.window - measure.tokens_of(reserved) - _JOINT_TOKENS
    header_end = first.rows[first.header_rows - 1].end if header else 0
    for span in _packed(_pieces(group.blocks), room, measure):
        own = reserved if header and span.start >= header_end else prefix
        yield _Packed(span, own, room, group.section, group.page)


def _pieces(blocks: Iterable[Block]) -> list[Span]:
    """What is not divided where it fits: table rows, and every other block whole."""
    return [span for block in blocks for span in (block.rows or (block.span,))]


def _packed(pieces: Sequence[Span], room: int, measure: _Measure) -> Iterator[Span]:
    """Neighbouring pieces joined while they fit `room` tokens; a piece that is larger comes alone."""
    counts = [measure.tokens_of(measure.document.text_of(piece)) for piece in pieces]
    start, used = 0, 0
    for index, count in enumerate(counts):
        if index > start and used + _JOINT_TOKENS + count > room:
            yield Span(pieces[start].start, pieces[index - 1].end)
            start, used = index, 0
        used += count + (_JOINT_TOKENS if index > start else 0)
    if pieces:
        yield Span(pieces[start].start, pieces[-1].end)


def _made_to_fit(packed: _Packed, measure: _Measure) -> list[ChunkDraft]:
    """One chunk, or several that end with sentences; smaller ones where a tokenizer counts joined text higher."""
    parts, capacity = [packed.span], max(packed.room, 1)
    start, text = packed.span.start, measure.document.text_of(packed.span)
    while not all(measure.fits(packed.prefix, part) for part in parts) and capacity:
        splitter = TextSplitter.from_callback(measure.tokens_of, capacity)
        parts = [Span(start + at, start + at + len(part)) for at, part in splitter.chunk_indices(text)]
        capacity //= 2
    return [ChunkDraft(part, packed.prefix, packed.section, packed.page) for part in parts]
