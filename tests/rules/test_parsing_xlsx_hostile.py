"""XLSX: how much of a hostile one is ever held, and how it ends."""

import io
import zipfile

import pytest

from kbchat.parsing import ParsedDocument, ParseError, ParseErrorCode, grids, parse, zip_package
from tests.rules.parsing_support import parsed
from tests.rules.workbook_support import rows_xml, workbook


def read(xml: str, **settings: str) -> ParsedDocument:
    return parsed(workbook({"Leave": xml}, **settings), "file.xlsx")  # type: ignore[arg-type]


def failure(data: bytes) -> ParseErrorCode:
    with pytest.raises(ParseError) as error:
        parse(data, "file.xlsx")
    return error.value.code


class TestHostile:
    def test_a_sheet_that_claims_every_cell_holds_what_it_holds(self) -> None:
        cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
        document = read(f'<dimension ref="A1:XFD1048576"/><sheetData>{cells}</sheetData>')
        assert document.text == "Leave\n\n1\n\n2"

    def test_empty_rows_cost_nothing_but_a_look(self) -> None:
        assert (
            read(f"<sheetData>{'<row/>' * 100_000}<row><c t='str'><v>end</v></c></row></sheetData>").text
            == "Leave\n\nend"
        )

    def test_more_rows_than_anybody_looks_at(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(grids, "_MOST_LOOKED_AT", 1_000)
        data = workbook({"S": f"<sheetData>{'<row/>' * 1_001}</sheetData>"})
        assert failure(data) is ParseErrorCode.TOO_LARGE_UNPACKED

    def test_cells_so_far_apart_that_their_table_would_be_huge(self) -> None:
        rows = "".join(
            f'<row><c r="A{n}"><v>1</v></c><c r="{_letters(n + 1)}{n}"><v>1</v></c></row>'
            for n in range(1, 2200)
        )
        assert failure(workbook({"S": f"<sheetData>{rows}</sheetData>"})) is ParseErrorCode.TOO_LARGE_UNPACKED

    def test_the_places_of_all_tables_count_together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(grids, "_MOST_PLACES", 100)
        tables = rows_xml(*["a|b|c", "1|2|3", "x|y|z", ""] * 20)
        assert failure(workbook({"S": tables})) is ParseErrorCode.TOO_LARGE_UNPACKED

    def test_merged_cells_that_are_looked_through_too_often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(grids, "_MOST_LOOKED_AT", 5_000)
        merged = '<mergeCell ref="B2:B1000000"/>' * 1_000
        xml = f"{rows_xml(*['a'] * 100)}<mergeCells>{merged}</mergeCells>"
        assert failure(workbook({"S": xml})) is ParseErrorCode.TOO_LARGE_UNPACKED

    def test_a_part_that_is_read_whole_has_a_size(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(zip_package, "_MOST_XML_BYTES", 50)
        assert failure(workbook({"S": rows_xml("a")})) is ParseErrorCode.TOO_LARGE_UNPACKED

    def test_one_long_text_in_many_cells(self) -> None:
        cells = '<c t="s"><v>0</v></c>' * 2_000
        data = workbook(
            {"S": f"<sheetData><row>{cells}</row></sheetData>"}, strings=f"<si><t>{'x' * 30_000}</t></si>"
        )
        assert failure(data) is ParseErrorCode.TOO_LARGE_UNPACKED

    def with_strings(self, entities: str, told: str) -> bytes:
        strings = f"<!DOCTYPE sst [{entities}]><sst><si><t>a{told}b</t></si></sst>"
        sheet = '<sheetData><row><c t="s"><v>0</v></c></row></sheetData>'
        return workbook({"S": sheet}, members={"xl/sharedStrings.xml": strings})

    def test_an_entity_brings_no_file_in(self) -> None:
        data = self.with_strings('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;")
        assert parsed(data, "x.xlsx").text == "S\n\na"

    def test_entities_do_not_multiply(self) -> None:
        laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
        assert failure(self.with_strings(f'<!ENTITY l0 "ha">{laughs}', "&l9;")) is ParseErrorCode.CORRUPT

    def test_nor_do_they_in_attributes(self) -> None:
        laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
        entities = f'<!DOCTYPE worksheet [<!ENTITY l0 "ha">{laughs}]>'
        sheet = f'{entities}<worksheet><sheetData><row r="&l9;"/></sheetData></worksheet>'
        data = workbook({"S": ""}, members={"xl/worksheets/sheet1.xml": sheet})
        assert failure(data) is ParseErrorCode.CORRUPT

    @pytest.mark.parametrize(
        "xml",
        [
            "<sheetData><row>",
            '<sheetData><row r="x"/></sheetData>',
            '<sheetData><row><c t="s"><v>99</v></c></row></sheetData>',
            '<sheetData><row r="1048577"><c><v>1</v></c></row></sheetData>',
            "<sheetData><row><c><v>one</v></c></row></sheetData>",
            '<cols><col min="1" max="999999999999" hidden="1"/></cols>',
            '<sheetData><row/></sheetData><cols><col min="1" max="1" hidden="1"/></cols>',
        ],
    )
    def test_a_broken_sheet_is_corrupt(self, xml: str) -> None:
        assert failure(workbook({"S": xml})) is ParseErrorCode.CORRUPT

    def test_a_bomb_is_refused_before_it_is_unpacked(self) -> None:
        data = workbook({"S": "<sheetData/>"}, members={"xl/media/image1.bin": bytes(40 << 20)})
        assert failure(data) is ParseErrorCode.TOO_LARGE_UNPACKED

    def test_a_way_of_packing_that_no_document_has(self) -> None:
        data = io.BytesIO(workbook({"S": rows_xml("a")}))
        with zipfile.ZipFile(data, "a", zipfile.ZIP_LZMA) as archive:
            archive.writestr("xl/more.xml", "x" * 1000)
        assert failure(data.getvalue()) is ParseErrorCode.CORRUPT

    def test_cut_anywhere_it_is_a_code(self) -> None:
        data = workbook({"S": rows_xml("a|b")})
        for end in range(30, len(data) - 1, 199):
            assert failure(data[:end]) is ParseErrorCode.CORRUPT


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
