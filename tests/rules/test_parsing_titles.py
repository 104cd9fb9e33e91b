"""What a text document is called, and that its table of contents is neither its name nor its text."""

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml

from kbchat.parsing.top_headings import TopHeadings
from tests.rules.docx_support import W, saved
from tests.rules.parsing_support import outline, parsed
from tests.rules.test_parsing_odf import package


@pytest.mark.parametrize(
    ("headings", "opens", "told", "title"),
    [
        (["Leave"], False, "Told", "Leave"),
        (["1. Purpose"], True, "Told", "Told"),
        (["第一章 总则"], True, "", ""),
        (["Purpose", "Scope"], True, "Told", "Told"),
        (["Purpose", "Scope"], False, "", ""),
        (["Team charter", "Our team"], True, "", "Team charter"),
        (["1. Purpose", "2. Scope"], True, "", ""),
        ([" ", "Leave"], True, "", "Leave"),
        ([], True, "Told", "Told"),
    ],
)
def test_which_heading_names_the_whole(headings: list[str], opens: bool, told: str, title: str) -> None:
    top = TopHeadings()
    for heading in headings:
        top.add(heading, is_numbered=False, opens=opens)
        opens = False if heading.strip() else opens
    assert top.title(told) == title


def test_a_number_that_is_only_printed() -> None:
    top = TopHeadings()
    top.add("I Purpose", is_numbered=True, opens=True)
    assert top.title("") == ""


def test_sections_do_not_name_a_word_document() -> None:
    document = docx.Document()
    document.core_properties.title = "Travel policy 2024"
    document.add_paragraph("Valid from May.")
    for heading in ("Purpose", "Scope"):
        document.add_heading(heading, 1)
        document.add_paragraph("x")
    assert parsed(saved(document), "a.docx").title == "Travel policy 2024"
    document.core_properties.title = ""
    assert parsed(saved(document), "Travel.docx").title == "Travel"


def test_chapters_do_not_name_an_open_document() -> None:
    chapters = "".join(
        f'<text:h text:outline-level="1">{text}</text:h>' for text in ("1. Purpose", "2. Scope")
    )
    meta = "<office:document-meta xmlns:office='urn:office'><title>Travel policy 2024</title></office:document-meta>"
    assert parsed(package("text", chapters, **{"meta.xml": meta}), "a.odt").title == "Travel policy 2024"
    assert parsed(package("text", chapters), "Travel.odt").title == "Travel"


def test_a_heading_of_the_title_s_style_names_an_open_document() -> None:
    body = (
        '<text:h text:outline-level="1">Foreword</text:h>'
        '<text:h text:style-name="Title" text:outline-level="1">Leave</text:h>'
    )
    style = '<style:style style:name="Title"/>'
    assert parsed(package("text", body, styles=style), "a.odt").title == "Leave"


CONTENTS = (
    '<w:p><w:pPr><w:pStyle w:val="{}"/></w:pPr><w:r><w:t>Contents</w:t></w:r></w:p>'
    '<w:p><w:pPr><w:pStyle w:val="TOC1"/></w:pPr><w:r><w:t>1 Leave</w:t><w:tab/><w:t>3</w:t></w:r></w:p>'
)


@pytest.mark.parametrize(
    "around",
    [
        "<w:sdt {}><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj></w:sdtPr>"
        "<w:sdtContent>" + CONTENTS.format("Heading1") + "</w:sdtContent></w:sdt>",
        "<w:sdt {}><w:sdtContent>" + CONTENTS.format("TOCHeading") + "</w:sdtContent></w:sdt>",
    ],
    ids=["made by Word", "by its styles"],
)
def test_the_contents_of_a_word_document_are_passed_over(around: str) -> None:
    document = docx.Document()
    document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH).element.set(
        docx.oxml.ns.qn("w:styleId"), "TOC1"
    )
    document.element.body.insert(0, parse_xml(around.format(W)))
    document.add_heading("Leave", 1)
    result = parsed(saved(document), "a.docx")
    assert (outline(result), result.title) == ([("heading", "Leave")], "Leave")


def test_a_style_that_is_made_from_a_heading_and_says_that_it_is_none() -> None:
    document = docx.Document()
    style = document.styles.add_style("Preface", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Heading 1"]
    style.element.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {W} w:val="9"/>'))
    document.add_paragraph("Preface", style=style)
    assert outline(parsed(saved(document), "a.docx")) == [("paragraph", "Preface")]
