"""HTML to blocks.

Keeps what a reader of the page would read, in document order; leaves out navigation, footers, scripts and
whatever the page itself hides. Markdown, once rendered, comes through ``add_html``. Fetches nothing: no
link, style sheet or image is followed. Walks without recursion, since nesting comes from strangers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.characters import joint, on_one_line
from kbchat.parsing.contract import Source
from kbchat.parsing.document import BlockKind, HiddenPart, ParsedDocument, ParseNote
from kbchat.parsing.encoding import decode
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.html_elements import BLOCKS, HEADINGS, NEVER_TEXT
from kbchat.parsing.html_shape import require_reasonable
from kbchat.parsing.html_tables import is_data_table, table_rows
from kbchat.parsing.html_visibility import (
    Looks,
    hidden_reason,
    is_raised,
    is_struck,
    is_surrounding,
    looks_inside,
)
from kbchat.parsing.raised import Piece, written
from kbchat.parsing.sniffing import HTML

_DECLARED = re.compile(rb"""(?i)<(?:meta[^>]+charset|\?xml[^>]+encoding)\s*=\s*["']?\s*([\w.:-]+)""")
_DECLARED_WITHIN = 4096
_BREAK = "\u2028"
# All but a blank by itself, which stays as it is.
_BLANKS = re.compile("[ \t\n\r\f]{2,}|[\t\n\r\f]")
_EMPTY_LINES = re.compile("\n{2,}")
_UNSAID = Looks()
_AROUND_BREAK = re.compile(f" *{_BREAK} *")


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: ENCODING_UNSURE, or CORRUPT when the parser gives up."""
    declared = _DECLARED.search(source.data[:_DECLARED_WITHIN])
    label = declared.group(1).decode("ascii") if declared else None
    decoded = decode(source.data, told=source.encoding, declared=label)
    builder = DocumentBuilder()
    if decoded.broken:
        builder.note(ParseNote.UNREADABLE_CHARACTERS)
    tree = _tree(decoded.text)
    title = tree.css_first("head > title")
    _walk(tree, builder)
    return builder.finish(
        title=(title.text() if title is not None else "").strip() or builder.first_top_heading,
        media_type=HTML,
        encoding=decoded.encoding,
        encoding_confidence=decoded.confidence,
    )


def add_html(builder: DocumentBuilder, html: str) -> None:
    """Adds the blocks of a page or of a piece of one. :raises ParseError: CORRUPT when the parser gives up."""
    _walk(_tree(html), builder)


def _tree(html: str) -> LexborHTMLParser:
    require_reasonable(html)
    try:
        return LexborHTMLParser(html)
    except (SelectolaxError, ValueError, RuntimeError) as error:
        raise ParseError(ParseErrorCode.CORRUPT) from error


def _walk(tree: LexborHTMLParser, builder: DocumentBuilder) -> None:
    body = tree.body
    if body is None:
        return
    try:
        _Walker(builder).walk(body)
    except RecursionError as error:  # tables in tables in tables: the one place that nests calls
        raise ParseError(ParseErrorCode.CORRUPT) from error


@dataclass(slots=True)
class _Context:
    """What loose text becomes at this depth. ``marker`` is an item's number, printed once."""

    kind: BlockKind
    level: int | None = None
    marker: str = ""


@dataclass(slots=True)
class _List:
    ordered: bool
    number: int


class _Walker:
    def __init__(self, builder: DocumentBuilder) -> None:
        self._builder = builder
        self._contexts = [_Context(BlockKind.PARAGRAPH)]
        self._lists: list[_List] = []
        self._text: list[Piece] = []
        self._raised = 0
        """How many of the elements around it are set above the line."""

    def walk(self, root: LexborNode, around: Looks = _UNSAID) -> None:
        """``around``: how text outside the root looks."""
        stack: list[tuple[LexborNode, Looks, bool]] = [(root, around, False)]
        while stack:
            node, looks, is_end = stack.pop()
            if is_end:
                self._leave(node)
            elif node.is_text_node:
                self._say_if_seen(node.text_content or "", looks)
            elif node.is_element_node:
                looks = looks_inside(node, looks)
                if self._enter(node, looks):
                    stack.append((node, looks, True))
                    stack.extend((child, looks, False) for child in reversed(list(children(node))))
        self._flush()

    def _enter(self, node: LexborNode, looks: Looks) -> bool:
        """Begins an element; says whether to go on inside it. ``looks``: of text inside it."""
        tag = node.tag or ""
        if self._is_left_out(node, tag):
            return False
        if tag in ("br", "img"):
            self._void(node, tag, looks)
            return False
        if tag not in BLOCKS:
            self._raised += is_raised(node)
            return True
        if self._contexts[-1].kind is BlockKind.HEADING and tag not in HEADINGS:
            self._say(" ")  # a button or a division inside a heading does not end it
            return True
        self._flush()
        if tag == "pre" or (tag == "table" and is_data_table(node)):
            self._whole(node, tag, looks)
            return False
        if tag in HEADINGS:
            self._contexts.append(_Context(BlockKind.HEADING, HEADINGS[tag]))
        elif tag == "blockquote":
            self._contexts.append(_Context(BlockKind.QUOTE))
        elif tag in ("ul", "ol", "menu"):
            self._lists.append(_List(tag == "ol", _number(node, "start", 1)))
        elif tag == "li":
            self._contexts.append(self._item(node))
        return True

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag not in BLOCKS:
            self._raised -= is_raised(node)
            return
        if self._contexts[-1].kind is BlockKind.HEADING and tag not in HEADINGS:
            return
        self._flush()
        if tag in HEADINGS or tag in ("blockquote", "li"):
            self._contexts.pop()
        elif tag in ("ul", "ol", "menu"):
            self._lists.pop()

    def _is_left_out(self, node: LexborNode, tag: str) -> bool:
        if tag in NEVER_TEXT:
            return True
        if tag == "body":
            return False  # shown by a script once the page is ready, or there would be no page
        reason = _why_left_out(node)
        if reason is None:
            return False
        if node.text(deep=True).strip():
            self._builder.hide(reason)
        return True

    def _void(self, node: LexborNode, tag: str, looks: Looks) -> None:
        if tag == "br":
            self._say(_BREAK)
        else:
            self._builder.images_skipped += 1
            self._say_if_seen(f" {node.attributes.get('alt') or ''} ", looks)

    def _whole(self, node: LexborNode, tag: str, looks: Looks) -> None:
        if tag == "pre":
            self._builder.block(BlockKind.CODE, self._preformatted(node, looks))
            return
        caption = next((child for child in children(node) if child.tag == "caption"), None)
        if caption is not None:
            self._builder.block(BlockKind.PARAGRAPH, self._line(caption, looks))
        rows, header_rows = table_rows(node, lambda cell: self._cell(cell, looks))
        self._builder.table(rows, header_rows=header_rows)

    def _cell(self, cell: LexborNode, looks: Looks) -> str:
        """The text of a table's cell on one line; its row may hide it, and the section of its row."""
        row = cell.parent
        for around in (row.parent, row) if row is not None else ():
            reason = None if around is None or around.tag == "table" else _why_left_out(around)
            if reason is not None and cell.text(deep=True).strip():
                self._builder.hide(reason)
            if around is None or reason is not None:
                return ""
            looks = looks_inside(around, looks)
        return self._line(cell, looks)

    def _line(self, node: LexborNode, looks: Looks) -> str:
        """The text of an element on one line, by the same rules as text outside tables."""
        inner = DocumentBuilder()
        _Walker(inner).walk(node, looks)
        told = inner.finish(title="", media_type=HTML)
        for part in told.report.hidden_parts:
            self._builder.hide(HiddenPart(part))
        self._builder.images_skipped += inner.images_skipped
        return on_one_line(told.text)

    def _item(self, node: LexborNode) -> _Context:
        marker = ""
        if self._lists and self._lists[-1].ordered:
            number = _number(node, "value", self._lists[-1].number)
            self._lists[-1].number = number + 1
            marker = f"{number}. "
        return _Context(BlockKind.LIST_ITEM, max(len(self._lists), 1), marker)

    def _preformatted(self, node: LexborNode, looks: Looks) -> str:
        """The text of a ``pre`` element with its blanks and line ends."""
        parts: list[str] = []
        stack = [(node, looks)]
        while stack:
            one, looks = stack.pop()
            if one.is_text_node:
                text = one.text_content or ""
                parts.append(text if self._is_seen(text, looks) else "")
            elif one.tag == "br":
                parts.append("\n")
            elif one.is_element_node and (one is node or not self._is_left_out(one, one.tag or "")):
                looks = looks_inside(one, looks)
                stack.extend((child, looks) for child in reversed(list(children(one))))
        return "".join(parts)

    def _is_seen(self, text: str, looks: Looks) -> bool:
        """What is not seen is told."""
        if looks.hides is None or not text.strip():
            return True
        self._builder.hide(looks.hides)
        return False

    def _say_if_seen(self, text: str, looks: Looks) -> None:
        if self._is_seen(text, looks):
            self._say(text)

    def _say(self, text: str) -> None:
        self._text.append((text, self._raised > 0))

    def _flush(self) -> None:
        text = collapsed(written(self._text))
        self._text.clear()
        if not text:
            return
        context = self._contexts[-1]
        if context.kind is BlockKind.HEADING:
            self._builder.heading(text, context.level or 1)
            return
        for paragraph in _EMPTY_LINES.split(text):  # two line breaks in a row are how old pages end one
            self._builder.block(context.kind, context.marker + paragraph, level=context.level)
            context.marker = ""


def children(node: LexborNode) -> Iterator[LexborNode]:
    """The child nodes in order, text included."""
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


def collapsed(text: str) -> str:
    """Blanks as a browser shows them; a line end in the source vanishes between Chinese characters."""

    def one(match: re.Match[str]) -> str:
        if "\n" not in match.group():
            return " "
        return joint(text[max(match.start() - 1, 0) : match.start()], text[match.end() : match.end() + 1])

    return _AROUND_BREAK.sub("\n", _BLANKS.sub(one, text).strip(f" {_BREAK}"))


def _why_left_out(node: LexborNode) -> HiddenPart | None:
    if (reason := hidden_reason(node)) is not None:
        return reason
    if is_surrounding(node):
        return HiddenPart.HEADERS_AND_FOOTERS
    return HiddenPart.TRACKED_DELETIONS if is_struck(node) else None


def _number(node: LexborNode, attribute: str, otherwise: int) -> int:
    told = (node.attributes.get(attribute) or "").strip()
    return int(told) if re.fullmatch(r"-?\d{1,6}", told) else otherwise
