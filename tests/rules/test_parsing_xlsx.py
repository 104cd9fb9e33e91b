"""XLSX: what a reader of the sheets sees, and how much of a hostile one is ever held."""

from pathlib import Path

import pytest

from kbchat.parsing import ParsedDocument
from kbchat.parsing.number_formats import GENERAL, number_format, written_moment
from tests.rules.parsing_support import block_with, outline, parsed
from tests.rules.workbook_support import relations_xml, rows_xml, workbook

OFFICE = "office/docling/tests/data/xlsx/sources"
HAYSTACK = "office/haystack/test/test_files/xlsx"


def read(xml: str, **settings: str) -> ParsedDocument:
    return parsed(workbook({"Leave": xml}, **settings), "file.xlsx")  # type: ignore[arg-type]


def seen(shared_data: Path, name: str) -> ParsedDocument:
    return parsed((shared_data / name).read_bytes(), Path(name).name)


class TestSheets:
    def test_each_sheet_is_a_section_with_its_table(self) -> None:
        leave = rows_xml("Grade|Days", "A|15", "B|20.5")
        document = parsed(
            workbook({"Leave": leave, "报销": rows_xml("项目|上限", "住宿|800")}), "handbook.xlsx"
        )
        assert outline(document) == [
            ("heading", "Leave"),
            ("table", "Grade | Days\nA | 15\nB | 20.5"),
            ("heading", "报销"),
            ("table", "项目 | 上限\n住宿 | 800"),
        ]
        assert [block.header_rows for block in document.blocks] == [0, 1, 0, 1]
        assert block_with(document, "住宿").heading_path == ("报销",)
        assert document.title == "handbook"

    @pytest.mark.parametrize("state", ["hidden", "veryHidden"])
    def test_hidden_sheets_are_told_and_not_read(self, state: str) -> None:
        sheets = {"Public": rows_xml("open|text"), "Pay": rows_xml("secret|99")}
        document = parsed(workbook(sheets, states={"Pay": state}), "x.xlsx")
        assert "secret" not in document.text
        assert "Pay" not in document.text
        assert document.report.notes == ("hidden_sheets",)

    @pytest.mark.parametrize(
        "xml",
        [
            '<cols><col min="2" max="2" hidden="1"/></cols>' + rows_xml("a|secret"),
            '<cols><col min="2" max="16384" width="0"/></cols>' + rows_xml("a|secret"),
            (
                '<sheetData><row r="1"><c r="A1" t="str"><v>a</v></c></row>'
                '<row r="2" hidden="true"><c r="A2" t="str"><v>secret</v></c></row></sheetData>'
            ),
            (
                '<sheetFormatPr zeroHeight="1"/><sheetData><row r="1"><c t="str"><v>a</v></c></row>'
                '<row r="2" ht="0"><c t="str"><v>secret</v></c></row></sheetData>'
            ),
        ],
    )
    def test_hidden_rows_and_columns_are_told_and_not_read(self, xml: str) -> None:
        document = read(xml)
        assert (document.text, document.report.notes) == ("Leave\n\na", ("hidden_cells",))

    def test_what_lies_below_merged_cells_is_not_seen(self) -> None:
        xml = rows_xml("Terms|stale", "Days|Hours", "1|2", "3|4", "stale|5")
        merged = '<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A4:A5"/></mergeCells>'
        document = read(xml + merged)
        assert document.text == "Leave\n\nTerms\nDays | Hours\n1 | 2\n3 | 4\n | 5"
        assert block_with(document, "Days").header_rows == 2

    def test_empty_sheets_leave_no_heading(self) -> None:
        assert parsed(workbook({"A": rows_xml("x|y"), "B": "<sheetData/>"}), "x.xlsx").text == "A\n\nx | y"

    def test_boxes_on_a_sheet_and_what_else_lies_on_it(self) -> None:
        drawing = (
            '<d xmlns:a="a"><sp><txBody><a:p><a:r><a:t>Ask </a:t></a:r><a:r><a:t>HR</a:t></a:r></a:p></txBody></sp>'
            "<pic/><graphicFrame/></d>"
        )
        beside = [("d", "drawing", "../drawings/drawing1.xml"), ("c", "comments", "../comments1.xml")]
        members = {
            "xl/drawings/drawing1.xml": drawing,
            "xl/worksheets/_rels/sheet1.xml.rels": relations_xml(beside),
        }
        document = parsed(workbook({"S": rows_xml("a|b")}, members=members), "x.xlsx")
        assert outline(document)[-1] == ("paragraph", "Ask HR")
        assert document.report.images_skipped == 2
        assert document.report.hidden_parts == ("comments",)

    def test_of_boxes_what_is_shown_once(self) -> None:
        def shape(text: str, hidden: str = "0", kind: str = "sp") -> str:
            told = f"<nvSpPr><cNvPr hidden='{hidden}'/></nvSpPr>"
            return f"<{kind}>{told}<txBody><p><r><t>{text}</t></r><br/><r><t>HR</t></r></p></txBody></{kind}>"

        forms = f"<Choice>{shape('Ask')}</Choice><Fallback>{shape('old')}</Fallback>"
        twice = f"<AlternateContent>{forms}</AlternateContent>"
        group = f"<grpSp><nvGrpSpPr><cNvPr hidden='1'/></nvGrpSpPr>{shape('no')}{shape('no')}</grpSp>"
        members = {
            "xl/drawings/drawing1.xml": f"<d><a>{twice}</a><a>{group}</a><a>{shape('secret', '1')}</a></d>",
            "xl/worksheets/_rels/sheet1.xml.rels": relations_xml(
                [("d", "drawing", "../drawings/drawing1.xml")]
            ),
        }
        document = parsed(workbook({"S": rows_xml("a|b")}, members=members), "x.xlsx")
        assert document.text == "S\n\na | b\n\nAsk\nHR"
        assert document.report.hidden_parts == ("hidden_text",)


class TestTables:
    def test_blank_rows_and_columns_are_dropped(self) -> None:
        assert (
            read(rows_xml("", "|Name||Days", "|A||1", "", "|B||2")).text
            == "Leave\n\nName | Days\nA | 1\nB | 2"
        )

    def test_a_title_belongs_to_the_head_and_remarks_stand_alone(self) -> None:
        document = read(
            rows_xml("Read this first.", "Leave by grade", "Grade|Days", "A|15", "", "As of May.")
        )
        assert outline(document)[1:] == [
            ("paragraph", "Read this first."),
            ("table", "Leave by grade\nGrade | Days\nA | 15"),
            ("paragraph", "As of May."),
        ]
        assert block_with(document, "Grade").header_rows == 2

    def test_two_tables_on_a_sheet(self) -> None:
        document = read(rows_xml("Grade|Days", "A|15", "", "City|Limit", "Oslo|900"))
        assert [block.header_rows for block in document.blocks[1:]] == [1, 1]

    def test_two_tables_side_by_side(self) -> None:
        document = read(rows_xml("Grade|Days|||", "A|15||City|Limit", "B|20||Oslo|900", "|||Rome|800"))
        assert [text for _, text in outline(document)[1:]] == [
            "Grade | Days\nA | 15\nB | 20",
            "City | Limit\nOslo | 900\nRome | 800",
        ]

    def test_values_beside_a_blank_column_stay_with_their_labels(self) -> None:
        document = read(rows_xml("1.1|Voltage||kV|130", "1.2|Phases|||3", "1.3|Earthing||A|135"))
        assert (
            document.text
            == "Leave\n\n1.1 | Voltage | kV | 130\n1.2 | Phases |  | 3\n1.3 | Earthing | A | 135"
        )

    def test_a_blank_row_inside_a_table(self) -> None:
        document = read(rows_xml("Grade|Days", "", "A|15", "", "B|20", "", "Ask us."))
        assert [text for _, text in outline(document)[1:]] == ["Grade | Days\nA | 15\nB | 20", "Ask us."]

    @pytest.mark.parametrize(
        ("rows", "heads"),
        [
            (("Item|2023|2024", "Rent|5|6"), 1),
            (("1|2", "3|4"), 0),
            (("a|a", "b|1"), 0),
            (("Rule", "No smoking"), 0),
            (("Amount", "12"), 1),
            (("0|First|Last|Sex|Land|Age", "1|Li|Hua|F|CN|32"), 1),
            (("1|Li|Hua|F|CN|x", "2|Wang|Min|F|CN|y"), 0),
        ],
    )
    def test_what_is_a_head(self, rows: tuple[str, ...], heads: int) -> None:
        assert read(rows_xml(*rows)).blocks[1].header_rows == heads


class TestCells:
    @pytest.mark.parametrize(
        ("code", "value", "shown"),
        [
            ("General", 15.0, "15"),
            ("General", 0.1 + 0.2, "0.3"),
            ("General", -2.5e-7, "-2.5e-07"),
            ("0%", 0.15, "15%"),
            ("0.0%", 0.155, "15.5%"),
            ("#,##0.00", 1234.5, "1,234.50"),
            ("0000", 42, "0042"),
            ("0.##", 1.5, "1.5"),
            ("#", 0, ""),
            ('0"天"', 15, "15天"),
            ('0.0,,"M"', 1_500_000, "1.5M"),
            ('#,##0.0,"k"', 1_234_567, "1,234.6k"),
            ("#,##0.0,,;(#,##0.0,,)", -2_500_000, "(2.5)"),
            ("#,##0,", 1_234_567, "1,235"),
            (".0,", 1_500, "1.5"),
            ("[$¥-804]#,##0.00;[Red]\\-[$¥-804]#,##0.00", -1200, "-¥1,200.00"),
            ('_(* #,##0_);_(* \\(#,##0\\);_(* "-"??_);_(@_)', -1200, "(1,200)"),
            ('_(* #,##0_);_(* \\(#,##0\\);_(* "-"??_);_(@_)', 0, "-"),
            ("# ?/?", 0.5, "0.5"),
            ("0.00E+00", 12345, "12345"),
            ("[>100]0.0;0", 7, "7"),
            ("[>=100]0.0;0", -7, "-7"),
            ('[<1]"low";[>=100]0.0;0', 7, "7"),
            ("0.00;[Red]0.00", -5, "-5.00"),
            ('#,##0"元";[Red]#,##0"元"', -5, "-5元"),
            ('0;"亏损"0', -5, "亏损5"),
            ("$0.00", -5, "-$5.00"),
            ("0;G/通用格式", -5, "-5"),
            ("G/通用格式", 1.5, "1.5"),
            (" ", 1.5, "1.5"),
            ("aaaa", 45352, "2024-03-01"),
            ("yyyy/m/d aaa", 45352, "2024-03-01"),
            ("yyyy-mm-dd", 2958465.999999, "2958465.999999"),
            ("yyyy/m/d", 45352, "2024-03-01"),
            ('yyyy"年"m"月"d"日"', 45352, "2024-03-01"),
            ("mmm-yy", 45352, "2024-03"),
            ("m/d/yy h:mm", 45352.395833333336, "2024-03-01 09:30"),
            ("h:mm:ss AM/PM", 0.75, "18:00"),
            ("[h]:mm", 1.5, "36:00"),
            ("yyyy-mm-dd", 59, "1900-02-28"),
            ("yyyy-mm-dd", -3, "-3"),
        ],
    )
    def test_numbers_as_their_format_shows_them(self, code: str, value: float, shown: str) -> None:
        assert number_format(code).shown(value) == shown

    def test_dates_of_the_other_calendar(self) -> None:
        assert number_format("yyyy-mm-dd").shown(0, since_1904=True) == "1904-01-01"

    def test_the_last_days_of_the_other_calendar(self) -> None:
        assert number_format("yyyy-mm-dd").shown(2_958_000, since_1904=True) == "2958000"

    @pytest.mark.parametrize("written", ["2024-01-01T00:00:00.000Z", "2024-01-01T00:00", "2024-01-01"])
    def test_midnight_is_no_time(self, written: str) -> None:
        assert written_moment(written) == "2024-01-01"

    def test_only_the_beginning_of_a_code_is_read(self) -> None:
        assert number_format("0" + "[" * 400_000 + "%").shown(7) == number_format("0" + "[" * 254).shown(7)

    @pytest.mark.parametrize("code", ["", ";", '"', "[", "\\", "%" * 500, "0" * 9000, "#,,,,,,,,", "]["])
    def test_any_text_is_a_format(self, code: str) -> None:
        for value in (0.0, -1.5, 1e300, 1e-300):
            assert isinstance(number_format(code).shown(value), str)

    def test_every_type_of_cell(self) -> None:
        cells = (
            '<c r="A1" t="s"><v>0</v></c><c r="B1" t="b"><v>1</v></c><c r="C1" t="e"><v>#N/A</v></c>'
            '<c r="D1" t="str"><f>A1</f><v>sum</v></c><c r="E1" t="d"><v>2024-03-01T00:00:00</v></c>'
            '<c r="F1" s="1"><v>0.2</v></c><c><v>007</v></c><c r="H1" t="s"><v>1</v></c><c t="str"><v>007</v></c>'
        )
        document = read(
            f'<sheetData><row r="1">{cells}</row></sheetData>',
            formats=("0%",),
            strings="<si><r><t>年</t></r><rPh><t>nian</t></rPh><r><t>假</t></r></si><si><t>a_x000D_b</t></si>",
        )
        assert document.text == "Leave\n\n年假 | TRUE | #N/A | sum | 2024-03-01 | 20% | 7 | a b | 007"

    def test_formulas_without_saved_values_are_told(self) -> None:
        cells = '<row><c t="str"><v>a</v></c><c><f>A1</f></c></row>'
        assert read(f"<sheetData>{cells}</sheetData>").report.notes == ("formulas_without_values",)
        cells = '<row><c t="str"><v>a</v></c><c><f>A1</f><v></v></c></row>'
        assert read(f"<sheetData>{cells}</sheetData>").report.notes == ("formulas_without_values",)
        cells = '<row><c t="str"><v>a</v></c><c t="str"><f>A1</f><v></v></c></row>'
        assert read(f"<sheetData>{cells}</sheetData>").report.notes == ()

    def test_a_format_that_shows_nothing_hides(self) -> None:
        cells = '<row><c t="str" s="1"><v>secret</v></c><c s="1"><v>7</v></c><c t="str"><v>a</v></c></row>'
        document = read(f"<sheetData>{cells}</sheetData>", formats=(";;;",))
        assert (document.text, document.report.notes) == ("Leave\n\na", ("hidden_cells",))

    def test_cells_that_are_struck_out_are_told_and_not_read(self) -> None:
        cells = '<c t="inlineStr" s="1"><is><t>old</t></is></c><c s="1"><v>150</v></c><c s="2"><v>200</v></c>'
        document = read(
            f"<sheetData><row>{cells}</row></sheetData>",
            styles='<fonts><font/><font><strike/></font><font><strike val="0"/></font></fonts>'
            '<cellXfs><xf/><xf fontId="1"/><xf fontId="2"/></cellXfs>',
        )
        assert document.text == "Leave\n\n200"
        assert document.report.hidden_parts == ("tracked_deletions",)

    @pytest.mark.parametrize(("style", "text"), [("0", "fee 200"), ("1", "200")])
    @pytest.mark.parametrize("is_shared", [True, False])
    def test_parts_of_a_cell_that_are_struck_out(self, style: str, text: str, is_shared: bool) -> None:
        """A part without a font of its own has its cell's."""
        string = "<r><t>fee </t></r><r><rPr><strike/></rPr><t>150 </t></r><r><rPr><b/></rPr><t>200</t></r>"
        inline = f'<c t="inlineStr" s="{style}"><is>{string}</is></c>'
        cell = f'<c t="s" s="{style}"><v>0</v></c>' if is_shared else inline
        document = read(
            f"<sheetData><row>{cell}</row></sheetData>",
            styles='<fonts><font/><font><strike/></font></fonts><cellXfs><xf/><xf fontId="1"/></cellXfs>',
            strings=f"<si>{string}</si>",
        )
        assert document.text == f"Leave\n\n{text}"
        assert document.report.hidden_parts == ("tracked_deletions",)

    def test_a_number_without_a_style(self) -> None:
        assert GENERAL.shown(3) == "3"


class TestRealFiles:
    """What was read is what was seen when the file was opened."""

    def test_a_workbook_with_three_sheets_and_a_hidden_one(self, shared_data: Path) -> None:
        document = seen(shared_data, f"{OFFICE}/xlsx_01.xlsx")
        tables = [(block.heading_path, block.header_rows) for block in document.blocks if block.rows]
        assert tables == [(("Sheet1",), 1), *[(("Sheet2",), 1)] * 3, *[(("Sheet3",), 2)] * 2]
        assert (
            "first (f) | header (f)\n | second | third\n1 | 2 | 3\n3 | 4 | 5\n | 6 | 7\n8 | 9\n10"
            in document.text
        )
        assert "Sheet4" not in document.text
        assert document.report.notes == ("hidden_sheets",)

    def test_a_form_with_blank_columns(self, shared_data: Path) -> None:
        text = seen(shared_data, f"{OFFICE}/xlsx_07_gap_tolerance_.xlsx").text
        assert "1.6 | Control voltage supply |  | : | 2 x 136V AC UPS 1 x 137V AC normal | Note 1" in text

    def test_a_title_above_a_table(self, shared_data: Path) -> None:
        document = seen(shared_data, f"{OFFICE}/xlsx_09_section_label_header.xlsx")
        assert outline(document)[1][1].startswith("Reading List\n# | Genre | Sub-Genre | Title")
        assert document.blocks[1].header_rows == 2

    def test_comments_and_charts_are_told(self, shared_data: Path) -> None:
        assert seen(shared_data, f"{OFFICE}/xlsx_comments.xlsx").report.hidden_parts == ("comments",)
        assert seen(shared_data, f"{OFFICE}/xlsx_03_chartsheet.xlsx").report.images_skipped == 1

    def test_blank_rows_and_two_tables(self, shared_data: Path) -> None:
        assert seen(shared_data, f"{HAYSTACK}/table_empty_rows_and_columns.xlsx").text.endswith(
            "col_a | col_b\n1.5 | test"
        )
        assert seen(shared_data, f"{HAYSTACK}/multiple_tables.xlsx").report.tables == 2
