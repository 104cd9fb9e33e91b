"""What is struck out is no rule any more, whatever the format, and is told like what was deleted."""

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml

from kbchat.parsing import ParsedDocument
from tests.rules.docx_support import W, saved
from tests.rules.parsing_support import parsed
from tests.rules.test_parsing_odf import read


def word(look: str) -> ParsedDocument:
    document = docx.Document()
    for name, kind in (("Gone", WD_STYLE_TYPE.CHARACTER), ("Old rule", WD_STYLE_TYPE.PARAGRAPH)):
        document.styles.add_style(name, kind).font.strike = True
    runs = f"<w:r><w:rPr>{look}</w:rPr><w:t>500</w:t></w:r><w:r><w:t>300 EUR</w:t></w:r>"
    document.element.body.insert(0, parse_xml(f"<w:p {W}>{runs}</w:p>"))
    return parsed(saved(document), "a.docx")


@pytest.mark.parametrize(
    "look",
    [
        "<w:strike/>",
        '<w:dstrike w:val="1"/>',
        '<w:strike w:val="0"/><w:dstrike/>',
        '<w:rStyle w:val="Gone"/>',
    ],
)
def test_in_a_word_document(look: str) -> None:
    document = word(look)
    assert (document.text, document.report.hidden_parts) == ("300 EUR", ("tracked_deletions",))


@pytest.mark.parametrize(
    "look",
    ['<w:strike w:val="0"/>', '<w:dstrike w:val="false"/>', '<w:rStyle w:val="Gone"/><w:strike w:val="0"/>'],
)
def test_in_a_word_document_where_it_is_switched_off(look: str) -> None:
    document = word(look)
    assert (document.text, document.report.hidden_parts) == ("500300 EUR", ())


def test_in_a_word_document_by_the_paragraph_s_style() -> None:
    document = docx.Document()
    document.styles.add_style("Old rule", WD_STYLE_TYPE.PARAGRAPH).font.strike = True
    document.add_paragraph("500 EUR", style="Old rule")
    document.add_paragraph("300 EUR")
    assert parsed(saved(document), "a.docx").text == "300 EUR"


@pytest.mark.parametrize(
    "old",
    [
        "<text:p><text:span text:style-name='S'>500 EUR</text:span></text:p>",
        "<text:p text:style-name='S'>500<text:s/>EUR<text:line-break/>and <text:span>more</text:span></text:p>",
        (
            "<text:p><text:span text:style-name='S'><text:note><text:note-body><text:p>500 EUR</text:p>"
            "</text:note-body></text:note></text:span></text:p>"
        ),
    ],
)
def test_in_an_open_document(old: str) -> None:
    styles = (
        "<style:style style:name='P'><style:text-properties style:text-line-through-style='solid'/></style:style>"
        "<style:style style:name='S' style:parent-style-name='P'/>"
    )
    document = read("text", f"{old}<text:p>300 EUR</text:p>", styles=styles)
    assert (document.text, document.report.hidden_parts) == ("300 EUR", ("tracked_deletions",))


def test_in_an_open_document_what_is_not_struck_inside_what_is() -> None:
    line = "<style:style style:name='{0}'><style:text-properties style:text-line-through-style='{0}'/></style:style>"
    body = "<text:p text:style-name='solid'>500<text:span text:style-name='none'>300 EUR</text:span> old</text:p>"
    assert read("text", body, styles=line.format("solid") + line.format("none")).text == "300 EUR"


@pytest.mark.parametrize(
    "old",
    [
        r"{\strike 500 }",
        r"\strike1 500 \strike0 ",
        r"\striked1 500 \striked0 ",
        r"{\strike\striked0 500 }",
        r"\strike 500 \plain ",
    ],
)
def test_in_rich_text(old: str) -> None:
    document = parsed(rf"{{\rtf1\ansi\pard {old}300 EUR\par}}", "a.rtf")
    assert (document.text, document.report.hidden_parts) == ("300 EUR", ("tracked_deletions",))
