"""RTF: what Word shows of it, in the encodings that its fonts say."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.parsing import BlockKind, ParsedDocument, ParseError, ParseErrorCode, parse, rtf
from tests.rules.parsing_support import check_promises, outline, parsed, texts

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset134 SimSun;}}"
    r"{\colortbl;\red255;}{\stylesheet{\ql Normal;}{\s1\b heading 1;}{\*\cs9 Strong;}}{\info{\title The rules}}"
)


def read(body: str) -> ParsedDocument:
    return parsed(f"{HEAD}{body}}}".encode("latin-1"), "x.rtf")


def test_headings_paragraphs_and_characters() -> None:
    document = read(
        r"\pard\s1 Leave\par\pard\outlinelevel1 Sick leave\par\pard caf\'e9 \ldblquote quoted\rdblquote\line "
        r"a\~b\{c\}\emdash d\u24180?\u-10179?\u-8704?\par"
    )
    assert outline(document) == [
        ("heading", "Leave"),
        ("heading", "Sick leave"),
        ("paragraph", "café “quoted”\na b{c}—d年\U0001f600"),
    ]
    assert document.blocks[-1].heading_path == ("Leave", "Sick leave")
    assert (document.title, document.media_type) == ("The rules", "application/rtf")


@pytest.mark.parametrize("end", ["\\\n", "\\\r\n", "\\\r"])
def test_a_line_that_ends_behind_a_backslash_is_a_paragraph(end: str) -> None:
    assert read(f"\\pard one{end}two{end}").text == "one\n\ntwo"


def test_chinese_by_the_font() -> None:
    escaped = "".join(f"\\'{byte:02x}" for byte in "年假十五天".encode("gb18030"))
    assert read(rf"\pard {{\f1 {escaped}}} ok\par").text == "年假十五天 ok"


def test_lists_with_what_is_printed_before_them() -> None:
    document = read(
        r"{\listtext 1.\tab}\pard\ls1\ilvl0 one\par{\listtext\'b7\tab}\pard\ls1\ilvl1 bullet\par{\pntext 2)\tab}two\par"
    )
    assert texts(document, BlockKind.LIST_ITEM) == ["1. one", "bullet", "2) two"]
    assert document.blocks[1].level == 2


def test_tables_with_a_head() -> None:
    document = read(
        r"\trowd\trhdr\pard\intbl Grade\cell Days\cell\row\trowd\pard\intbl A\par B\cell 15\cell\row\pard after\par"
    )
    assert outline(document) == [("table", "Grade | Days\nA B | 15"), ("paragraph", "after")]
    assert document.blocks[0].header_rows == 1


@pytest.mark.parametrize(
    ("hidden", "reason"),
    [
        (r"{\v secret}", "hidden_text"),
        (r"\v secret\v0 ", "hidden_text"),
        (r"{\deleted secret}", "tracked_deletions"),
        (r"{\header secret\par}", "headers_and_footers"),
        (r"{\*\annotation secret}", "comments"),
    ],
)
def test_what_word_does_not_show(hidden: str, reason: str) -> None:
    document = read(rf"\pard seen{hidden}\par")
    assert (document.text, document.report.hidden_parts) == ("seen", (reason,))


@pytest.mark.parametrize(
    ("hidden", "reasons"),
    [
        (r"{\deleted\v0 removed}", ("tracked_deletions",)),
        (r"{\v hid {\deleted0 leak}}", ("hidden_text",)),
        (r"{\header{\shp{\*\shpinst{\shptxt\pard\plain secret\par}}}}", ("headers_and_footers",)),
        (r"{\v{\footnote\plain secret}}", ("hidden_text",)),
    ],
)
def test_what_is_hidden_stays_hidden_inside(hidden: str, reasons: tuple[str, ...]) -> None:
    document = read(rf"\pard seen{hidden} all\par")
    assert (document.text, document.report.hidden_parts) == ("seen all", reasons)


def test_bullets_that_are_letters_of_a_font_of_pictures() -> None:
    fonts = r"{\fonttbl{\f3\fcharset2 Wingdings;}}"
    assert outline(read(rf"{fonts}{{\listtext\f3 l\tab}}\pard one\par")) == [("list_item", "one")]


def test_of_what_is_written_twice_the_unicode_is_read() -> None:
    document = read(r"\pard a {\upr{?? {\v ?}}{\*\ud{\u24180?}}} b\par")
    assert document.text == "a 年 b"
    pair = r"{\rtf1{\info{\upr{\title ??}{\*\ud{\title \u24180?}}}}\pard text\par}"
    assert parsed(pair, "x.rtf").title == "年"


def test_notes_follow_the_text() -> None:
    document = read(r"\pard Fifteen days{\super 1}{\footnote\pard Except in May.\par} a year.\par")
    assert document.text == "Fifteen days1 a year.\n\nExcept in May."


def test_styles_that_hide_or_strike_out_have_names() -> None:
    document = read(r"{\stylesheet{\s4\strike heading 2;}}\pard\s4 Leave\par")
    assert outline(document) == [("heading", "Leave")]
    assert document.report.hidden_parts == ()


def test_what_is_no_text() -> None:
    document = read(
        r"\pard a{\*\unknown no}{\field{\*\fldinst HYPERLINK http://x.example}{\fldrslt link}}"
        r"{\*\shppict{\pict\pngblip 89504e47}}{\nonshppict{\pict 00}}{\pict\bin5 {{{}}}{\object no}"
        r"{\shp{\*\shpinst{\shptxt boxed}}}\par"
    )
    assert (document.text, document.report.images_skipped) == ("alinkboxed", 2)


@pytest.mark.parametrize("data", [HEAD, HEAD + r"\pard cut", "{\\rtf1" + "{" * 9000, "{\\rtf1 \\bin999999 }"])
def test_a_file_that_ends_too_early(data: str) -> None:
    with pytest.raises(ParseError) as failure:
        parse(data.encode(), "x.rtf")
    assert failure.value.code is ParseErrorCode.CORRUPT


def test_more_groups_than_anybody_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtf, "_MOST_TOKENS", 1_000)
    with pytest.raises(ParseError) as failure:
        parse(("{\\rtf1 " + "{a}" * 400 + "}").encode(), "x.rtf")
    assert failure.value.code is ParseErrorCode.TOO_LARGE_UNPACKED


@given(st.text(alphabet="\\{}'u1v a-*é年\n", max_size=80))
def test_any_text_is_a_document_or_a_code(text: str) -> None:
    try:
        check_promises(parse(f"{{\\rtf1{text}}}".encode(), "x.rtf"))
    except ParseError as error:
        assert error.code is ParseErrorCode.CORRUPT  # noqa: PT017  (either is right)


def test_a_real_file(shared_data: Path) -> None:
    path = shared_data / "office/r2r/py/core/examples/supported_file_types/rtf.rtf"
    (block,) = (document := parsed(path.read_bytes(), path.name)).blocks
    assert document.text_of(block.span).endswith("deserunt mollit anim id est laborum.")
