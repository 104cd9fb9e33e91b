"""What a text document is called, and that its table of contents is neither its name nor its text."""

from typing import Any

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
        (["1.2 Purpose"], True, "", ""),
        (["2 Years of Leave"], True, "", "2 Years of Leave"),
        (["5 Rules for safe work"], False, "Told", "5 Rules for safe work"),
        (["1 Purpose", "2 Scope"], True, "", ""),
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


@pytest.mark.parametrize("heading", ["I Purpose", "2 Years of Leave"])
def test_a_number_that_is_only_printed(heading: str) -> None:
    top = TopHeadings()
    top.add(heading, is_numbered=True, opens=True)
    assert top.title("") == ""


@pytest.mark.parametrize(
    "told",
    [
        "Template",
        "Vorlage",
        "Normal",
        "Microsoft Word - Vorlage.dot",
        "Microsoft Word - 考勤制度",
        "新建 Microsoft Word 文档",
        "新增 Microsoft Word 文件 (2)",
        "新建 DOCX 文档",
        "New Microsoft Word Document (3)",
        "Neues Microsoft Word-Dokument",
        "Document1",
        "Dokument1",
        "文档 2",
        "Untitled",
        "Untitled-1",
        "Untitled document",
        "无标题",
        "无标题文档",
        "travel_v3 final.DOCX",
        "Normal.dotm",
    ],
)
def test_what_was_left_over_in_the_properties_names_nothing(told: str) -> None:
    top = TopHeadings()
    top.add("Travel Policy", is_numbered=False, opens=True)
    top.add("Scope", is_numbered=False, opens=False)
    assert top.title(told) == "Travel Policy"
    assert TopHeadings().title(told) == ""


@pytest.mark.parametrize(
    "told",
    [
        "Template for travel requests",
        "Document control",
        "Microsoft Word for beginners",
        "Normal hours",
        "Untitled land",
        "文件管理制度",
        "无标题文档的处理办法",
        "How we use ASP.NET",
    ],
)
def test_a_told_title_that_only_resembles_what_is_left_over(told: str) -> None:
    top = TopHeadings()
    top.add("Purpose", is_numbered=False, opens=True)
    top.add("Scope", is_numbered=False, opens=False)
    assert top.title(told) == told


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


def with_contents_styles() -> Any:
    document = docx.Document()
    document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    based = document.styles.add_style("Annex", WD_STYLE_TYPE.PARAGRAPH)
    based.base_style = document.styles["TOC Heading"]
    based = document.styles.add_style("Register", WD_STYLE_TYPE.PARAGRAPH)
    based.base_style = document.styles["toc 1"]
    return document


def test_a_heading_made_for_contents_is_text_where_no_contents_follow() -> None:
    document = with_contents_styles()
    document.add_paragraph("Document control", style="TOC Heading")
    document.add_paragraph("Approved in May.")
    document.add_paragraph("Annex A: rates", style="Annex")
    document.add_paragraph("Laptops", style="Register")
    last = document.add_paragraph("History", style="TOC Heading")
    last._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {W} w:val="0"/>'))
    result = parsed(saved(document), "Control.docx")
    assert outline(result) == [
        ("paragraph", "Document control"),
        ("paragraph", "Approved in May."),
        ("paragraph", "Annex A: rates"),
        ("paragraph", "Laptops"),
        ("paragraph", "History"),
    ]
    assert result.title == "Control"


@pytest.mark.parametrize("between", ["", f'<w:bookmarkStart {W} w:id="0" w:name="a"/>'])
def test_a_heading_right_above_contents_is_passed_over(between: str) -> None:
    document = with_contents_styles()
    heading = document.add_paragraph("Contents", style="TOC Heading")
    document.add_paragraph("1 Leave\t3", style="toc 1")
    document.add_paragraph("Laptops", style="Annex")
    if between:
        heading._p.addnext(parse_xml(between))
    assert outline(parsed(saved(document), "a.docx")) == [("paragraph", "Laptops")]


def test_a_heading_right_above_contents_made_by_word_is_passed_over() -> None:
    document = with_contents_styles()
    heading = document.add_paragraph("Contents", style="TOC Heading")
    heading._p.addnext(
        parse_xml(
            f"<w:sdt {W}><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj></w:sdtPr>"
            '<w:sdtContent><w:p><w:pPr><w:pStyle w:val="toc1"/></w:pPr><w:r><w:t>Leave</w:t></w:r></w:p></w:sdtContent>'
            "</w:sdt>"
        )
    )
    document.add_paragraph("Laptops")
    assert outline(parsed(saved(document), "a.docx")) == [("paragraph", "Laptops")]


def test_a_leftover_in_the_properties_does_not_name_a_word_document() -> None:
    document = docx.Document()
    document.core_properties.title = "Microsoft Word - Vorlage.dot"
    for heading in ("Travel Policy", "Scope"):
        document.add_heading(heading, 1)
        document.add_paragraph("x")
    assert parsed(saved(document), "a.docx").title == "Travel Policy"


def test_a_style_that_is_made_from_a_heading_and_says_that_it_is_none() -> None:
    document = docx.Document()
    style = document.styles.add_style("Preface", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Heading 1"]
    style.element.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {W} w:val="9"/>'))
    document.add_paragraph("Preface", style=style)
    assert outline(parsed(saved(document), "a.docx")) == [("paragraph", "Preface")]
