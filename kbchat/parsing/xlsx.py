"""XLSX to blocks: each sheet a section, with its cells as a reader sees them.

Read as a stream, with a limit on what is kept, since a sheet may claim any size. Hidden sheets, rows and columns
are left out and reported; formulas give the values that were saved with them. No link to other files is followed.
"""

from collections.abc import Iterator
from typing import Any

from kbchat.parsing.assembly import DocumentBuilder
from kbchat.parsing.contract import Source
from kbchat.parsing.document import BlockKind, HiddenPart, ParsedDocument, ParseNote
from kbchat.parsing.drawings import is_shown, line_of, shapes_inside, strikes_out
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.grids import MOST_CELLS, MOST_CHARACTERS, Room, add_grid
from kbchat.parsing.number_formats import BUILT_IN, GENERAL, number_format
from kbchat.parsing.ooxml_package import relations_of
from kbchat.parsing.sniffing import XLSX
from kbchat.parsing.xlsx_sheet import (
    BEGUN_IN_A_SHEET,
    ENDED_IN_A_SHEET,
    Sheet,
    Shown,
    Style,
    has_fonts,
    has_struck_part,
    is_struck,
    text_of,
)
from kbchat.parsing.xml_parts import (
    attribute,
    attribute_of_any,
    child,
    children,
    is_on,
    local_name,
    read_through,
)
from kbchat.parsing.zip_package import ZipPackage, opened_package


def parse(source: Source) -> ParsedDocument:
    """:raises ParseError: TOO_LARGE_UNPACKED, PASSWORD_PROTECTED, or CORRUPT."""
    with opened_package(source.data) as package:
        return _Workbook(package).document()


class _Workbook:
    def __init__(self, package: ZipPackage) -> None:
        self._package = package
        mains = [one.target for one in relations_of(package) if one.kind == "officeDocument"]
        self._part = mains[0] if mains else "xl/workbook.xml"
        self._relations = relations_of(package, self._part)
        self._builder = DocumentBuilder()

    def document(self) -> ParsedDocument:
        workbook = self._package.root(self._part)
        is_since_1904 = is_on(child(workbook, "workbookPr"), "date1904")
        shown = self._shown(since_1904=is_since_1904)
        targets = {one.id: one for one in self._relations}
        for sheet in children(child(workbook, "sheets"), "sheet"):
            if attribute(sheet, "state") in ("hidden", "veryHidden"):
                self._builder.note(ParseNote.HIDDEN_SHEETS)
                continue
            relation = targets[attribute_of_any(sheet, "id")]
            if relation.kind == "worksheet":
                self._sheet(attribute(sheet, "name"), relation.target, shown)
            elif relation.kind == "chartsheet":
                self._builder.images_skipped += 1
        return self._builder.finish(title=self._title(), media_type=XLSX)

    def _sheet(self, name: str, part: str, shown: Shown) -> None:
        """Under its name, unless nothing stands in it."""
        sheet = Sheet(shown)
        with self._package.open(part) as file:
            for element in read_through(file, ENDED_IN_A_SHEET, begun=BEGUN_IN_A_SHEET):
                sheet.take(element)
        if sheet.hides_cells:
            self._builder.note(ParseNote.HIDDEN_CELLS)
        if sheet.lacks_values:
            self._builder.note(ParseNote.FORMULAS_WITHOUT_VALUES)
        if sheet.strikes_out:
            self._builder.hide(HiddenPart.TRACKED_DELETIONS)
        boxes: list[str] = []
        for beside in relations_of(self._package, part):
            if beside.kind == "drawing" and beside.target in self._package:
                boxes += self._boxes(self._package.root(beside.target))
            elif beside.kind in ("comments", "threadedComment"):
                self._builder.hide(HiddenPart.COMMENTS)
        grid = sheet.finished()
        if grid.rows or boxes:
            self._builder.heading(name, 1)
        add_grid(self._builder, grid)
        for text in boxes:
            self._builder.block(BlockKind.PARAGRAPH, text)

    def _boxes(self, container: Any) -> Iterator[str]:
        """The texts of the boxes that lie on a sheet and are shown; pictures and charts are counted."""
        for shape in shapes_inside(container):
            kind = local_name(shape)
            if not is_shown(shape):
                if any((text.text or "").strip() for text in shape.iter("{*}t")):
                    self._builder.hide(HiddenPart.HIDDEN_TEXT)
            elif kind in ("pic", "graphicFrame"):
                self._builder.images_skipped += 1
            elif kind == "grpSp":
                yield from self._boxes(shape)
            else:
                if strikes_out(shape):
                    self._builder.hide(HiddenPart.TRACKED_DELETIONS)
                text = "\n".join(line_of(line) for line in children(child(shape, "txBody"), "p"))
                if text.strip():
                    yield text

    def _shown(self, *, since_1904: bool) -> Shown:
        shown = Shown([], {}, self._styles(), since_1904=since_1904, room=Room())
        characters = 0
        for part in self._parts("sharedStrings"):
            with self._package.open(part) as file:
                for item in read_through(file, ("{*}si",)):
                    if has_fonts(item):
                        shown.left_when_struck[len(shown.strings)] = text_of(item, is_struck_out=True)
                    if has_struck_part(item):
                        self._builder.hide(HiddenPart.TRACKED_DELETIONS)
                    shown.strings.append(text_of(item))
                    characters += len(shown.strings[-1])
                    if len(shown.strings) > MOST_CELLS or characters > MOST_CHARACTERS:
                        raise ParseError(ParseErrorCode.TOO_LARGE_UNPACKED, limit_characters=MOST_CHARACTERS)
        return shown

    def _styles(self) -> list[Style]:
        """Those that a cell may name by their places."""
        styles: list[Style] = []
        for part in self._parts("styles"):
            root = self._package.root(part)
            codes = dict(BUILT_IN)
            for told in children(child(root, "numFmts"), "numFmt"):
                codes[int(attribute(told, "numFmtId"))] = attribute(told, "formatCode")
            known = {number: number_format(code) for number, code in codes.items()}
            struck = [is_struck(font) for font in children(child(root, "fonts"), "font")]
            for style in children(child(root, "cellXfs"), "xf"):
                font = int(attribute(style, "fontId") or 0)
                shows = known.get(int(attribute(style, "numFmtId") or 0), GENERAL)
                styles.append(Style(shows, is_struck=font < len(struck) and struck[font]))
        return styles

    def _parts(self, kind: str) -> list[str]:
        return [one.target for one in self._relations if one.kind == kind and one.target in self._package]

    def _title(self) -> str:
        for one in relations_of(self._package):
            if one.kind == "core-properties" and one.target in self._package:
                title = child(self._package.root(one.target), "title")
                return "" if title is None else (title.text or "").strip()
        return ""
