"""OpenDocument: text, sheets and slides as LibreOffice shows them."""

import random
from pathlib import Path

import pytest

from kbchat.parsing import BlockKind, ParsedDocument, ParseError, ParseErrorCode, grids, parse
from tests.rules.parsing_support import block_with, outline, parsed, texts
from tests.rules.workbook_support import zipped

DOCLING = "office/docling/tests/data/odf/sources"
_ENDINGS = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
_SPACES = " ".join(
    f'xmlns:{name}="urn:{name}"' for name in ("office", "style", "text", "table", "draw", "p", "svg")
)


def package(kind: str, body: str, *, styles: str = "", **members: str | bytes) -> bytes:
    """``body``: the XML inside the element of that kind; ``members``: a double underscore stands for the slash."""
    content = (
        f"<office:document-content {_SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": content,
            **{name.replace("__", "/"): told for name, told in members.items()},
        }
    )


def read(kind: str, body: str, *, styles: str = "") -> ParsedDocument:
    return parsed(package(kind, body, styles=styles), f"file.{_ENDINGS[kind]}")


def row(*cells: str, **settings: str) -> str:
    told = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
    attributes = " ".join(f"table:{name}='{value}'" for name, value in settings.items())
    return f"<table:table-row {attributes}>{told}</table:table-row>"


class TestText:
    def test_headings_paragraphs_and_notes(self) -> None:
        document = read(
            "text",
            '<text:h text:outline-level="1">Leave</text:h><text:h text:outline-level="2">年假</text:h>'
            "<text:p>a<text:s text:c='2'/>b<text:tab/>c<text:line-break/>d<text:note><text:note-citation>1"
            "</text:note-citation><text:note-body><text:p>Except in May.</text:p></text:note-body></text:note>."
            "</text:p>",
        )
        assert outline(document) == [
            ("heading", "Leave"),
            ("heading", "年假"),
            ("paragraph", "a  b\tc\nd ¹."),
            ("paragraph", "¹ Except in May."),
        ]
        assert block_with(document, "a  b").heading_path == ("Leave", "年假")
        assert document.title == "Leave"

    def test_lists_with_numbers_and_bullets(self) -> None:
        styles = (
            '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" '
            'style:num-suffix="."/><text:list-level-style-bullet text:level="2"/></text:list-style>'
        )
        item = "<text:list-item><text:p>{}</text:p>{}</text:list-item>"
        inner = f"<text:list>{item.format('deep', '')}</text:list>"
        body = (
            f'<text:list text:style-name="L">{item.format("one", inner)}{item.format("two", "")}</text:list>'
        )
        body += f'<text:list text:style-name="L" text:continue-numbering="true">{item.format("three", "")}</text:list>'
        document = read("text", body, styles=styles)
        assert texts(document, BlockKind.LIST_ITEM) == ["1. one", "deep", "2. two", "3. three"]
        assert [block.level for block in document.blocks] == [1, 2, 1, 1]

    def test_numbers_with_those_around_them(self) -> None:
        level = (
            '<text:list-level-style-number text:level="{0}" style:num-format="1" text:display-levels="{0}"/>'
        )
        styles = f'<text:list-style style:name="L">{level.format(1)}{level.format(2)}</text:list-style>'
        item = "<text:list-item><text:p>{}</text:p>{}</text:list-item>"
        inner = f"<text:list>{item.format('x', '')}{item.format('y', '')}</text:list>"
        body = f'<text:list text:style-name="L">{item.format("a", "")}{item.format("b", inner)}</text:list>'
        assert texts(read("text", body, styles=styles), BlockKind.LIST_ITEM) == [
            "1 a",
            "2 b",
            "2.1 x",
            "2.2 y",
        ]

    def test_an_item_that_begins_with_another_number(self) -> None:
        styles = (
            '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" '
            'text:start-value="3"/></text:list-style>'
        )
        items = "".join(
            f"<text:list-item {start}><text:p>x</text:p></text:list-item>"
            for start in ("", "text:start-value='7'", "", "text:start-value='1'")
        )
        body = f'<text:list text:style-name="L">{items}</text:list>'
        assert texts(read("text", body, styles=styles), BlockKind.LIST_ITEM) == ["3 x", "7 x", "8 x", "1 x"]

    def test_tables_with_merged_cells_and_a_head(self) -> None:
        body = (
            f"<table:table><table:table-header-rows>{row('Grade', 'Days')}</table:table-header-rows>"
            "<table:table-row><table:table-cell table:number-rows-spanned='2'><text:p>A</text:p></table:table-cell>"
            "<table:table-cell><text:p>15</text:p></table:table-cell></table:table-row>"
            "<table:table-row><table:covered-table-cell/><table:table-cell><text:p>20</text:p></table:table-cell>"
            "</table:table-row></table:table>"
        )
        (block,) = (document := read("text", body)).blocks
        assert (document.text, block.header_rows) == ("Grade | Days\nA | 15\n | 20", 1)

    def test_tables_that_frame_tables_are_read_once(self) -> None:
        def framed(inner: str) -> str:
            cell = f"<table:table-cell>{inner}</table:table-cell>"
            return f"<table:table><table:table-row>{cell}</table:table-row></table:table>"

        assert read("text", framed(framed(framed("<text:p>inside</text:p>")))).text == "inside"

    def test_boxes_inside_boxes_of_a_cell_are_read_once(self) -> None:
        box = "<text:p>{}<draw:frame><draw:text-box>{}</draw:text-box></draw:frame></text:p>"
        drawn = "<text:p><draw:custom-shape><text:p>drawn</text:p></draw:custom-shape></text:p>"
        cell = (
            f"<table:table-cell>{box.format('a', box.format('b', box.format('c', drawn)))}</table:table-cell>"
        )
        other = "<table:table-cell><text:p>z</text:p></table:table-cell>"
        body = f"<table:table><table:table-row>{cell}{other}</table:table-row></table:table>"
        assert read("text", body).text == "a b c drawn | z"

    @pytest.mark.parametrize(
        ("xml", "reason"),
        [
            ("<text:p>seen<text:span text:style-name='H'> secret</text:span></text:p>", "hidden_text"),
            ("<text:p text:style-name='H'>secret</text:p><text:p>seen</text:p>", "hidden_text"),
            (
                "<text:section text:display='none'><text:p>no</text:p></text:section><text:p>seen</text:p>",
                "hidden_text",
            ),
            (
                "<text:tracked-changes><text:p>no</text:p></text:tracked-changes><text:p>seen</text:p>",
                "tracked_deletions",
            ),
            (
                "<text:p>seen<office:annotation><text:p>secret</text:p></office:annotation></text:p>",
                "comments",
            ),
        ],
    )
    def test_what_is_not_shown(self, xml: str, reason: str) -> None:
        styles = (
            '<style:style style:name="P"><style:text-properties text:display="none"/></style:style>'
            '<style:style style:name="H" style:parent-style-name="P"/>'
        )
        document = read("text", xml, styles=styles)
        assert (document.text, document.report.hidden_parts) == ("seen", (reason,))

    def test_boxes_and_pictures(self) -> None:
        body = (
            "<text:p>a<draw:frame><draw:text-box><text:p>boxed</text:p></draw:text-box></draw:frame>"
            "<draw:frame><draw:image/></draw:frame></text:p>"
        )
        document = read("text", body)
        assert (document.text, document.report.images_skipped) == ("a\n\nboxed", 1)


class TestChapters:
    """Their numbers stand in no heading's text."""

    styles = (
        '<text:outline-style style:name="Outline">'
        '<text:outline-level-style text:level="1" style:num-format="1" style:num-suffix="."/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/>'
        '<text:outline-level-style text:level="3" style:num-format=""/></text:outline-style>'
        '<style:style style:name="Preface" style:parent-style-name="Heading" style:list-style-name=""/>'
        '<style:style style:name="Own" style:parent-style-name="Preface" style:list-style-name="Outline"/>'
        '<style:style style:name="Heading"/>'
    )

    def headings(self, *headings: tuple[int, str]) -> list[str]:
        body = "".join(
            f'<text:h text:outline-level="{level}" {more}>{number}</text:h><text:p>x</text:p>'
            for number, (level, more) in enumerate(headings)
        )
        return texts(read("text", body, styles=self.styles), BlockKind.HEADING)

    def test_they_are_counted_as_they_are_printed(self) -> None:
        assert self.headings((1, ""), (2, ""), (2, ""), (3, ""), (1, ""), (2, "")) == [
            "1. 0", "1.1 1", "1.2 2", "3", "2. 4", "2.1 5",
        ]  # fmt: skip

    def test_headings_outside_the_numbering(self) -> None:
        assert self.headings(
            (1, 'text:style-name="Preface"'),
            (1, 'text:is-list-header="true"'),
            (1, 'text:style-name="Own"'),
            (1, 'text:style-name="Heading"'),
        ) == ["0", "1", "1. 2", "2. 3"]

    def test_a_level_that_is_left_out_and_one_that_starts_anew(self) -> None:
        assert self.headings(
            (2, ""), (1, 'text:restart-numbering="true" text:start-value="5"'), (2, ""), (999_999_999, "")
        ) == ["1.1 0", "5. 1", "5.1 2", "3"]

    def test_headings_in_a_list_of_that_style(self) -> None:
        item = "<text:list-item><text:h text:outline-level='{}'>{}</text:h></text:list-item>"
        inner = f"<text:list-item><text:list>{item.format(2, 'b')}</text:list></text:list-item>"
        body = (
            f"<text:list text:style-name='Outline'>{item.format(1, 'a')}</text:list>"
            f"<text:list text:style-name='Outline' text:continue-numbering='true'>{inner}</text:list>"
        )
        assert texts(read("text", body, styles=self.styles), BlockKind.HEADING) == ["1. a", "1.1 b"]


class TestSheets:
    def test_cells_as_they_are_shown(self) -> None:
        values = (
            "<table:table-row><table:table-cell office:value-type='percentage' office:value='0.15'><text:p>15%</text:p>"
            "</table:table-cell><table:table-cell office:value-type='date' office:date-value='2024-03-01'>"
            "<text:p>01/03/24</text:p></table:table-cell></table:table-row>"
        )
        body = f"<table:table table:name='Days'>{row('Share', 'Since')}{values}</table:table>"
        document = read("spreadsheet", body)
        assert document.text == "Days\n\nShare | Since\n15% | 2024-03-01"
        assert document.blocks[1].header_rows == 1

    def test_hidden_sheets_rows_and_columns(self) -> None:
        styles = '<style:style style:name="H"><style:table-properties table:display="false"/></style:style>'
        hidden = f"<table:table table:name='Pay' table:style-name='H'>{row('secret')}</table:table>"
        columns = "<table:table-column/><table:table-column table:visibility='collapse'/>"
        rows = row("a", "secret", "b") + row("secret", visibility="filter")
        document = read(
            "spreadsheet", f"{hidden}<table:table table:name='S'>{columns}{rows}</table:table>", styles=styles
        )
        assert (document.text, document.report.notes) == ("S\n\na | b", ("hidden_cells", "hidden_sheets"))

    def test_repeated_cells_and_rows(self) -> None:
        repeated = row("x", "1", **{"number-rows-repeated": "2"})
        cells = "<table:table-cell table:number-columns-repeated='16384'/>"
        empty = f"<table:table-row table:number-rows-repeated='1048576'>{cells}</table:table-row>"
        assert (
            read("spreadsheet", f"<table:table table:name='S'>{repeated}{empty}</table:table>").text
            == "S\n\nx | 1\nx | 1"
        )

    def test_a_value_in_every_place_of_a_sheet(self) -> None:
        cell = "<table:table-cell table:number-columns-repeated='16384'><text:p>x</text:p></table:table-cell>"
        row = f"<table:table-row table:number-rows-repeated='1048576'>{cell}</table:table-row>"
        body = f"<table:table>{row}</table:table>"
        with pytest.raises(ParseError) as failure:
            parse(package("spreadsheet", body), "x.ods")
        assert failure.value.code is ParseErrorCode.TOO_LARGE_UNPACKED


class TestSlides:
    def frame(self, text: str, y: int, kind: str = "") -> str:
        lines = "".join(f"<text:p>{line}</text:p>" for line in text.split("|"))
        return (
            f"<draw:frame p:class='{kind}' svg:y='{y}cm'><draw:text-box>{lines}</draw:text-box></draw:frame>"
        )

    def test_slides_are_pages_with_their_notes(self) -> None:
        notes = f"<p:notes>{self.frame('Say more.', 1, 'notes')}</p:notes>"
        body = (
            f"<draw:page>{self.frame('below', 9)}{self.frame('Leave', 1, 'title')}{self.frame('above', 5)}"
            f"{self.frame('7', 20, 'page-number')}{notes}</draw:page>"
            f"<draw:page draw:style-name='H'>{self.frame('secret', 1)}</draw:page>"
            f"<draw:page>{self.frame('第一行|第二行', 1)}</draw:page>"
        )
        styles = (
            "<style:style style:name='H'><style:drawing-page-properties p:visibility='hidden'/></style:style>"
        )
        document = read("presentation", body, styles=styles)
        assert [text for _, text in outline(document)] == [
            "Leave", "above", "below", "Notes", "Say more.", "第 3 张幻灯片", "第一行", "第二行",
        ]  # fmt: skip
        assert [block.page for block in document.blocks] == [1, 1, 1, 1, 1, 3, 3, 3]
        assert document.report.notes == ("hidden_slides",)
        assert document.report.hidden_parts == ("headers_and_footers",)
        assert (document.title, document.pages) == ("Leave", 3)


class TestHostile:
    @pytest.mark.parametrize("text", ["", "x"])
    def test_cells_of_a_text_that_claim_many_places(self, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(grids, "_MOST_PLACES" if text == "" else "MOST_CELLS", 5_000)
        cell = f"<table:table-cell table:number-columns-repeated='1000'><text:p>{text}</text:p></table:table-cell>"
        body = f"<table:table><table:table-row>{cell}</table:table-row></table:table>" * 6
        with pytest.raises(ParseError) as failure:
            parse(package("text", body), "x.odt")
        assert failure.value.code is ParseErrorCode.TOO_LARGE_UNPACKED

    def test_a_locked_file(self) -> None:
        manifest = "<m><file-entry><encryption-data/></file-entry></m>"
        with pytest.raises(ParseError) as failure:
            parse(package("text", "", **{"META-INF__manifest.xml": manifest}), "x.odt")
        assert failure.value.code is ParseErrorCode.PASSWORD_PROTECTED

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            ("<not closed", ParseErrorCode.CORRUPT),
            ("<x/>", ParseErrorCode.CORRUPT),
            ('<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x a="&b;"/>', ParseErrorCode.CORRUPT),
            (bytes(40 << 20), ParseErrorCode.TOO_LARGE_UNPACKED),
            (
                b"<x/>" + bytes(15 << 20) + random.Random(0).randbytes(6 << 20),
                ParseErrorCode.TOO_LARGE_UNPACKED,
            ),
        ],
    )
    def test_a_broken_file_has_its_code(self, content: str | bytes, code: ParseErrorCode) -> None:
        with pytest.raises(ParseError) as failure:
            parse(package("text", "", **{"content.xml": content}), "x.odt")
        assert failure.value.code is code

    def test_an_entity_brings_no_file_in(self) -> None:
        content = (
            f'<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]><office:document-content {_SPACES}>'
            "<office:body><office:text><text:p>a&x;b</text:p></office:text></office:body></office:document-content>"
        )
        assert parsed(package("text", "", **{"content.xml": content}), "x.odt").text.startswith("a")


class TestRealFiles:
    """What was read is what was seen when the file was opened."""

    def seen(self, shared_data: Path, name: str) -> ParsedDocument:
        return parsed((shared_data / DOCLING / name).read_bytes(), name)

    def test_text_with_lists(self, shared_data: Path) -> None:
        document = self.seen(shared_data, "text_document_01.odt")
        assert ("list_item", "2. numbered list 2") in outline(document)
        assert block_with(document, "bullet list 2.2.1").level == 3
        assert document.title == "Title"

    def test_merged_cells(self, shared_data: Path) -> None:
        text = self.seen(shared_data, "text_document_02.odt").text
        assert "Merged row |  | Cell 1.3 | Cell 1.4 | Cell 1.5 | Cell 1.6 | Cell 1.7" in text

    def test_a_sheet(self, shared_data: Path) -> None:
        document = self.seen(shared_data, "odf_table_with_title_01.ods")
        assert outline(document)[1] == ("paragraph", "Number of freshwater ducks per year")
        assert document.blocks[2].header_rows == 1

    def test_slides_are_read_like_those_of_the_other_program(self, shared_data: Path) -> None:
        slides = self.seen(shared_data, "odf_presentation_01.odp")
        other = shared_data / "office/docling/tests/data/pptx/sources/powerpoint_sample.pptx"
        assert slides.text == parsed(other.read_bytes(), other.name).text
