"""The blocks of OpenDocument text: headings, paragraphs, lists and tables, wherever they stand."""

from collections.abc import Iterator
from typing import Any, Final

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.document import BlockKind, HiddenPart
from kbchat.parsing.grids import Room
from kbchat.parsing.odf_styles import Styles
from kbchat.parsing.raised import Piece, written
from kbchat.parsing.xml_parts import attribute_of_any, children, local_name, words_of

_WIDEST: Final = 1_000
"""Repetitions are numbers written by strangers: a cell that claims more columns gets these."""

_PASSED_OVER: Final = frozenset(
    {"table-of-content", "alphabetical-index", "sequence-decls", "forms", "notes"}
)
_COMMENTS: Final = frozenset({"annotation"})
_ROWS_AROUND: Final = frozenset({"table-rows", "table-row-group", "table-header-rows"})


class TextReader:
    """Adds what it reads to ``builder``. ``page``: of the slide that is read."""

    def __init__(self, builder: DocumentBuilder, styles: Styles) -> None:
        self._builder = builder
        self._styles = styles
        self._room = Room()
        self._notes: list[Any] = []
        self._code: list[str] = []
        self._counted: dict[str, int] = {}
        self.title = ""
        self.page: int | None = None

    def add(self, container: Any) -> None:
        """The blocks inside an element, in order; then the notes that were called in them."""
        self._blocks(container)
        self._end_code()
        while self._notes:
            self._blocks(self._notes.pop(0))
            self._end_code()

    def add_shape(self, shape: Any) -> None:
        """What stands in a frame, a drawn shape or a group of them."""
        if local_name(shape) == "frame":
            self._frame(shape)
        else:
            self._blocks(shape)
        self._end_code()

    def _blocks(self, container: Any) -> None:
        for element in children(container):
            name = local_name(element)
            if name in ("p", "h"):
                self._paragraph(element)
                continue
            self._end_code()
            if name == "list":
                self._list(element, (), attribute_of_any(element, "style-name"))
            elif name == "table":
                self._table(element)
            elif name == "tracked-changes":
                self._leave_out(element, HiddenPart.TRACKED_DELETIONS)
            elif name in _COMMENTS:
                self._builder.hide(HiddenPart.COMMENTS)
            elif name == "section" and attribute_of_any(element, "display") == "none":
                self._leave_out(element, HiddenPart.HIDDEN_TEXT)
            elif name == "frame":
                self._frame(element)
            elif name not in _PASSED_OVER:
                self._blocks(element)

    def _paragraph(self, element: Any) -> None:
        frames: list[Any] = []
        text = self.text_of(element, frames)
        names = self._styles.names(element)
        if "preformatted text" in names:
            self._code.append(text)
        else:
            self._end_code()
            is_title = "title" in names and not self.title
            self.title = text.strip() if is_title else self.title
            if local_name(element) == "h":
                level = int(attribute_of_any(element, "outline-level") or 1)
                self._builder.heading(text, level, page=self.page)
            else:
                kind = BlockKind.QUOTE if "quotations" in names else BlockKind.PARAGRAPH
                self._builder.block(kind, text, page=self.page)
        for frame in frames:
            self._frame(frame)

    def _end_code(self) -> None:
        """Paragraphs of code that follow each other are the lines of one block."""
        self._builder.block(BlockKind.CODE, "\n".join(self._code), page=self.page)
        self._code.clear()

    def _list(self, element: Any, around: tuple[int, ...], style: str) -> None:
        """``around``: the numbers of the items in which the list stands."""
        depth = len(around) + 1
        goes_on = attribute_of_any(element, "continue-numbering") == "true" or attribute_of_any(
            element, "continue-list"
        )
        number = self._counted.get(style, 0) if goes_on else 0
        for item in children(element, "list-item", "list-header"):
            is_counted = local_name(item) == "list-item" and next(children(item, "p", "h"), None) is not None
            label = self._styles.label(style, (*around, number)) if is_counted else ""
            number += is_counted
            for inner in children(item):
                if local_name(inner) == "list":
                    inside = (*around, max(number - 1, 0))
                    self._list(inner, inside, attribute_of_any(inner, "style-name") or style)
                elif local_name(inner) in ("p", "h"):
                    frames: list[Any] = []
                    text = self.text_of(inner, frames)
                    is_heading = local_name(inner) == "h"
                    if is_heading:
                        level = int(attribute_of_any(inner, "outline-level") or depth)
                        self._builder.heading(label + text, level, page=self.page)
                    elif text.strip():
                        self._builder.block(BlockKind.LIST_ITEM, label + text, level=depth, page=self.page)
                    label = "" if text.strip() else label
                    for frame in frames:
                        self._frame(frame)
        self._counted[style] = number

    def _table(self, table: Any) -> None:
        rows, heads = [], 0
        for row, is_head in rows_of(table):
            heads += is_head
            cells = []
            for cell in children(row, "table-cell", "covered-table-cell"):
                is_seen = local_name(cell) == "table-cell"
                text = self._cell(cell) if is_seen else ""
                times = min(int(attribute_of_any(cell, "number-columns-repeated") or 1), _WIDEST)
                self._room.lay_out(times)
                for _ in range(times if text else 0):
                    self._room.take(text)
                cells += [text] * times
            rows.append(cells)
        if len(rows) == len(rows[0] if rows else []) == 1:
            for row, _ in rows_of(table):
                for cell in children(row, "table-cell"):
                    self._blocks(cell)  # a frame around paragraphs
            return
        is_styled = attribute_of_any(table, "use-first-row-styles") == "true" and len(rows) > 1
        self._builder.table(rows, header_rows=heads or int(is_styled), page=self.page)

    def _cell(self, cell: Any) -> str:
        parts = []
        for element in children(cell):
            if local_name(element) in ("p", "h"):
                frames: list[Any] = []
                parts.append(self.text_of(element, frames))
                parts += [self._cell(box) for frame in frames for box in _boxes_of(frame)]
            elif local_name(element) == "table":
                parts += [
                    self._cell(inner) for row, _ in rows_of(element) for inner in children(row, "table-cell")
                ]
            elif local_name(element) in ("list", "list-item", "list-header", "section"):
                parts.append(self._cell(element))
        return " ".join(part for part in parts if part.strip())

    def text_of(self, paragraph: Any, frames: list[Any]) -> str:
        """The text of a paragraph as it is shown; ``frames`` gets what is anchored in it."""
        if self._styles.hides(paragraph):
            self._leave_out(paragraph, HiddenPart.HIDDEN_TEXT)
            return ""
        return written(self._pieces(paragraph, frames, is_raised=False))

    def _pieces(self, element: Any, frames: list[Any], *, is_raised: bool) -> Iterator[Piece]:
        yield element.text or "", is_raised
        for inner in element:
            yield from self._inline(inner, frames, is_raised=is_raised)
            yield inner.tail or "", is_raised

    def _inline(self, element: Any, frames: list[Any], *, is_raised: bool) -> Iterator[Piece]:
        name = local_name(element)
        if name == "s":
            yield " " * min(int(attribute_of_any(element, "c") or 1), _WIDEST), is_raised
        elif name in ("tab", "line-break"):
            yield "\t" if name == "tab" else "\n", is_raised
        elif name == "note":
            self._notes += children(element, "note-body")
        elif name in ("frame", "custom-shape", "rect", "ellipse"):
            frames.append(element)
        elif name in _COMMENTS:
            self._builder.hide(HiddenPart.COMMENTS)
        elif self._is_hidden(element, name):
            self._leave_out(element, HiddenPart.HIDDEN_TEXT)
        elif name and name != "ruby-text":
            yield from self._pieces(element, frames, is_raised=self._styles.raises(element) or is_raised)

    def _is_hidden(self, element: Any, name: str) -> bool:
        if name in ("hidden-text", "hidden-paragraph"):
            return attribute_of_any(element, "is-hidden") != "false"
        return bool(name) and self._styles.hides(element)

    def _frame(self, frame: Any) -> None:
        """The text or the table in a frame; a picture is counted."""
        if local_name(frame) != "frame":
            self._blocks(frame)
            return
        for inner in children(frame):
            if local_name(inner) in ("text-box", "table"):
                if local_name(inner) == "table":
                    self._table(inner)
                else:
                    self._blocks(inner)
                return
        self._builder.images_skipped += 1

    def _leave_out(self, element: Any, reason: HiddenPart) -> None:
        if words_of(element).strip():
            self._builder.hide(reason)


def _boxes_of(anchored: Any) -> Iterator[Any]:
    """What holds the text of a frame; a drawn shape holds its own."""
    return children(anchored, "text-box") if local_name(anchored) == "frame" else iter([anchored])


def rows_of(table: Any) -> Iterator[tuple[Any, bool]]:
    """The rows of a table in order, and whether they are its head."""
    for element in children(table):
        name = local_name(element)
        if name == "table-row":
            yield element, False
        elif name in _ROWS_AROUND:
            yield from ((row, is_head or name == "table-header-rows") for row, is_head in rows_of(element))
