"""CSV and TSV: the separator is found, values are kept as they were written, and the head is known."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.parsing import ParseError, ParseErrorCode, delimited, grids, parse
from tests.rules.parsing_support import check_promises, parsed

DOCLING = "office/docling/tests/data/csv/sources"


@pytest.mark.parametrize(
    "text",
    [
        "Grade,Days\nA,15\nB,20\n",
        "Grade;Days\r\nA;15\r\nB;20",
        "Grade\tDays\rA\t15\rB\t20",
        "Grade|Days\nA|15\nB|20",
        "\n,,\nGrade,,Days\n,,\nA,,15\nB,,20\n,,\n",
        "sep=;\nGrade;Days\nA;15\nB;20\n",
    ],
)
def test_a_table_however_it_is_separated(text: str) -> None:
    document = parsed(text, "x.csv")
    assert document.text == "Grade | Days\nA | 15\nB | 20"
    assert document.blocks[0].header_rows == 1
    assert (document.media_type, document.report.tables) == ("text/csv", 1)


def test_values_are_kept_as_they_are_written() -> None:
    text = 'No,Sum,Note\n007,"1,250.00","say ""hi"" | now"\n042,1e3,\n'
    assert parsed(text, "x.csv").text == 'No | Sum | Note\n007 | 1,250.00 | say "hi" | now\n042 | 1e3'


def test_decimal_commas_do_not_separate() -> None:
    assert parsed("1,5;2,5\n3,5;4,5\n", "x.csv").text == "1,5 | 2,5\n3,5 | 4,5"


def test_a_value_over_several_lines_is_one_row() -> None:
    assert parsed('a,b\n"one\ntwo",3\n', "x.csv").text == "a | b\none two | 3"


def test_a_quotation_mark_that_never_ends() -> None:
    assert parsed('Name,Days\n"A,15\nB,20\n', "x.csv").text == 'Name | Days\n"A | 15\nB | 20'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('Screen,Note\n5",small\n"6,5","two\nlines"\n', 'Screen | Note\n5" | small\n6,5 | two lines'),
        ('Note,Days\n1,"a, b" \n', "Note | Days\n1 | a, b"),
        ('Screen,Note\n"a, b",1\n"c,2\nd,3\n', 'Screen | Note\n"a | b" | 1\n"c | 2\nd | 3'),
    ],
)
def test_one_stray_quotation_mark_among_others(text: str, told: str) -> None:
    assert parsed(text, "x.csv").text == told


def test_marks_inside_values_do_not_separate() -> None:
    assert parsed("a|b,c,1\nd|e,f,2\n", "x.csv").text == "a|b | c | 1\nd|e | f | 2"
    assert parsed("Li; Hua,15\nWang; Min,20\n", "x.csv").text == "Li; Hua | 15\nWang; Min | 20"


def test_a_tab_that_is_told() -> None:
    assert parsed("sep=\t\na,b\t1\nc,d\t2\n", "x.csv").text == "a,b | 1\nc,d | 2"


def test_more_blank_cells_than_anybody_looks_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grids, "_MOST_LOOKED_AT", 1_000)
    with pytest.raises(ParseError) as failure:
        parse(b"a" + b"," * 2_000, "x.csv")
    assert failure.value.code is ParseErrorCode.TOO_LARGE_UNPACKED


def test_chinese_in_the_encoding_of_chinese_programs() -> None:
    text = "姓名,部门,年假天数\n王小明,人事部,15\n李华,财务部,20\n"
    for encoding in ("gb18030", "utf-8-sig", "utf-16"):
        document = parsed(text.encode(encoding), "员工.csv")
        assert document.text == "姓名 | 部门 | 年假天数\n王小明 | 人事部 | 15\n李华 | 财务部 | 20"
    assert parsed(text.encode("gb18030"), "员工.csv").report.encoding == "gb18030"


def test_no_head_where_the_first_row_is_like_the_others() -> None:
    assert parsed("1,2\n3,4\n", "x.csv").blocks[0].header_rows == 0


def test_tabs_by_their_name() -> None:
    assert parsed("a\tb\n1\t2\n", "x.tsv").media_type == "text/tab-separated-values"


def test_more_cells_than_a_document_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grids, "MOST_CELLS", 1_000)
    with pytest.raises(ParseError) as failure:
        parse(b"a,b\n" * 501, "x.csv")
    assert failure.value.code is ParseErrorCode.TOO_LARGE_UNPACKED


def test_more_characters_than_a_document_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MOST_CHARACTERS", 1_000)
    with pytest.raises(ParseError) as failure:
        parse(b"a,,,,\n" * 200, "x.csv")
    assert failure.value.code is ParseErrorCode.TOO_LARGE_UNPACKED


def test_a_value_longer_than_any() -> None:
    with pytest.raises(ParseError) as failure:
        parse(b'a,b\n"' + b"x" * 200_000 + b'",1\n', "x.csv")
    assert failure.value.code is ParseErrorCode.CORRUPT


def test_a_page_named_csv_is_a_page() -> None:
    assert parsed("<!doctype html><p>one", "x.csv").media_type == "text/html"


@given(st.text(alphabet='a1,;\t|"\n\r \x00', max_size=60))
def test_any_text_is_a_document_or_a_code(text: str) -> None:
    with suppress(ParseError):
        check_promises(parse(text.encode(), "x.csv"))


def test_real_files(shared_data: Path) -> None:
    """Four ways to separate the same values, and rows that are too short or too long."""
    read = {path.stem: parsed(path.read_bytes(), path.name) for path in (shared_data / DOCLING).glob("*.csv")}
    comma, *others = (read[f"csv-{name}"] for name in ("comma", "semicolon", "tab", "pipe"))
    assert [other.text.splitlines()[0] for other in others] == [comma.text.splitlines()[0]] * 3
    assert [other.blocks[0].header_rows for other in (comma, *others)] == [1] * 4
    assert "2 | 1Ef7b82A4CAAD10 | Preston | Lozano, Dr | Vega-Gentry" in comma.text
    assert read["csv-comma-in-cell"].text.splitlines()[2] == "a | , | c | d"
    assert read["csv-too-many-columns"].text.splitlines()[2] == "a | b | c | d | e"
