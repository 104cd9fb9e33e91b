"""The blocks of OpenDocument text: headings, paragraphs, lists and tables, wherever they stand."""

from collections.abc import Iterator
from typing import Any, Final

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.document import BlockKind, HiddenPart
from kbchat.parsing.grids import Room
from kbchat.parsing.note_calls import Call, noted, written_with_calls, written_without_calls
from kbchat.parsing.odf_styles import OUTLINE, Look, Styles
from kbchat.parsing.raised import Piece
from kbchat.parsing.top_headings import TopHeadings
from kbchat.parsing.xml_parts import attribute_of_any, child, children, local_name, words_of

_WIDEST: Final = 1_000
"""Repetitions are numbers written by strangers: a cell that claims more columns gets these."""

_DEEPEST_CHAPTER: Final = 10
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
        self._called: list[Call] = []
        self._code: list[str] = []
        self._counted: dict[str, int] = {}
        self._chapters: list[int] = []
        """The numbers, from 0, of the last one and of those around it."""
        self.top_headings = TopHeadings()
        self.title = ""
        self.page: int | None = None

    def add(self, container: Any) -> None:
        """The blocks inside an element, in order, and the notes at the end of the sections that call them."""
        self._blocks(container)
        self._end_section()

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
            if name == "p":
                self._paragraph(element)
                continue
            self._end_code()
            if name == "h":
                level = int(attribute_of_any(element, "outline-level") or 1)
                self._heading(element, level, self._chapter(element, level))
            elif name == "list":
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

    def _end_section(self) -> None:
        """The notes that were called in it: they hold conditions of what it says, and who may not read it may not read
        them."""
        self._end_code()
        while self._called:
            call = self._called.pop(0)
            self._builder.block(
                BlockKind.PARAGRAPH, noted(call.number, self._cell(call.note)), page=self.page
            )

    def _heading(self, element: Any, level: int, label: str) -> None:
        self._end_section()
        frames: list[Any] = []
        text = self.text_of(element, frames, with_calls=False)
        if text.strip():
            if "title" in self._styles.names(element):
                self.title = self.title or text.strip()
            if level == 1:
                opens = self._builder.next_offset == 0
                self.top_headings.add(label + text, is_numbered=bool(label), opens=opens)
            self._builder.heading(label + text, level, page=self.page)
        for frame in frames:
            self._frame(frame)

    def _chapter(self, heading: Any, level: int) -> str:
        """The number of a chapter as it is printed; call it once for each heading, in order."""
        if not self._styles.is_chapter(heading):
            return ""
        around = max(min(level, _DEEPEST_CHAPTER), 1) - 1
        number = self._chapters[around] + 1 if around < len(self._chapters) else 0
        if attribute_of_any(heading, "restart-numbering") == "true":
            start = attribute_of_any(heading, "start-value")
            number = self._styles.place_of(start, OUTLINE, around + 1) if start else 0
        self._chapters = [*[*self._chapters, *[0] * around][:around], number]
        return self._styles.label(OUTLINE, self._chapters)

    def _paragraph(self, element: Any) -> None:
        frames: list[Any] = []
        names = self._styles.names(element)
        text = self.text_of(element, frames, with_calls="title" not in names)
        if "preformatted text" in names:
            self._code.append(text)
        else:
            self._end_code()
            is_title = "title" in names and not self.title
            self.title = text.strip() if is_title else self.title
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
            start = attribute_of_any(item, "start-value")
            number = self._styles.place_of(start, style, depth) if start else number
            label = self._styles.label(style, (*around, number)) if is_counted else ""
            number += is_counted
            for inner in children(item):
                if local_name(inner) == "list":
                    inside = (*around, max(number - 1, 0))
                    self._list(inner, inside, attribute_of_any(inner, "style-name") or style)
                elif local_name(inner) == "h":
                    level = int(attribute_of_any(inner, "outline-level") or depth)
                    label = self._chapter(inner, level) if style == OUTLINE else label
                    self._heading(inner, level, label)
                    label = ""
                elif local_name(inner) == "p":
                    label = self._item(inner, depth, label)
        self._counted[style] = number

    def _item(self, paragraph: Any, depth: int, label: str) -> str:
        """Gives the label back where nothing stands behind it yet."""
        frames: list[Any] = []
        text = self.text_of(paragraph, frames)
        if text.strip():
            self._builder.block(BlockKind.LIST_ITEM, label + text, level=depth, page=self.page)
        for frame in frames:
            self._frame(frame)
        return "" if text.strip() else label

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

    def text_of(self, paragraph: Any, frames: list[Any], *, with_calls: bool = True) -> str:
        """The text of a paragraph as it is shown; ``frames`` gets what is anchored in it. ``with_calls``: with the
        marks of its notes."""
        if self._styles.hides(paragraph):
            self._leave_out(paragraph, HiddenPart.HIDDEN_TEXT)
            return ""
        pieces = list(self._pieces(paragraph, frames, Look()))
        self._called += [piece for piece in pieces if isinstance(piece, Call)]
        return written_with_calls(pieces) if with_calls else written_without_calls(pieces)

    def _pieces(self, element: Any, frames: list[Any], around: Look) -> Iterator[Piece | Call]:
        look = self._styles.look(element, around)
        yield from self._said(element.text or "", look)
        for inner in element:
            yield from self._inline(inner, frames, look)
            yield from self._said(inner.tail or "", look)

    def _said(self, text: str, look: Look) -> Iterator[Piece]:
        """Nothing of what is struck out."""
        if not look.is_struck:
            yield text, look.is_raised
        elif text.strip():
            self._builder.hide(HiddenPart.TRACKED_DELETIONS)

    def _inline(self, element: Any, frames: list[Any], look: Look) -> Iterator[Piece | Call]:
        name = local_name(element)
        if name == "s":
            yield from self._said(" " * min(int(attribute_of_any(element, "c") or 1), _WIDEST), look)
        elif name in ("tab", "line-break"):
            yield from self._said("\t" if name == "tab" else "\n", look)
        elif name == "note":
            yield from self._call(element, look)
        elif name in ("frame", "custom-shape", "rect", "ellipse"):
            frames.append(element)
        elif name in _COMMENTS:
            self._builder.hide(HiddenPart.COMMENTS)
        elif self._is_hidden(element, name):
            self._leave_out(element, HiddenPart.HIDDEN_TEXT)
        elif name and name != "ruby-text":
            yield from self._pieces(element, frames, look)

    def _call(self, note: Any, look: Look) -> Iterator[Call]:
        body, citation = child(note, "note-body"), child(note, "note-citation")
        if look.is_struck:
            self._leave_out(body, HiddenPart.TRACKED_DELETIONS)
        elif body is not None:
            yield Call(words_of(citation).strip(), body)

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
