"""DOCX: what Word shows, in document order, with the numbers that Word prints."""

from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.shared import Pt, RGBColor

from kbchat.parsing import BlockKind, ParsedDocument
from kbchat.parsing.printed_numbers import printed_number
from tests.rules.docx_support import W, saved
from tests.rules.parsing_support import block_with, outline, parsed, texts


def read(document: Any) -> ParsedDocument:
    return parsed(saved(document), "file.docx")


def add_xml(document: Any, xml: str) -> None:
    document.element.body.insert(len(document.element.body) - 1, parse_xml(xml))


class TestStructure:
    def test_paragraphs_and_tables_in_order(self) -> None:
        document = docx.Document()
        document.add_heading("Leave policy", 1)
        document.add_paragraph("Before the table.")
        table = document.add_table(2, 2)
        for row, cells in enumerate([("Grade", "Days"), ("A", "15")]):
            for column, text in enumerate(cells):
                table.cell(row, column).text = text
        document.add_heading("Exceptions", 2)
        document.add_paragraph("After the table.")
        result = read(document)
        assert outline(result) == [
            ("heading", "Leave policy"),
            ("paragraph", "Before the table."),
            ("table", "Grade | Days\nA | 15"),
            ("heading", "Exceptions"),
            ("paragraph", "After the table."),
        ]
        assert result.blocks[-1].heading_path == ("Leave policy", "Exceptions")
        assert block_with(result, "Grade").header_rows == 1
        assert result.title == "Leave policy"

    @pytest.mark.parametrize("name", ["标题 2", "標題 2", "heading 2", "Heading2"])
    def test_heading_styles_in_two_languages(self, name: str) -> None:
        document = docx.Document()
        style = document.styles.add_style("own", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
        style.element.find(docx.oxml.ns.qn("w:name")).set(docx.oxml.ns.qn("w:val"), name)
        document.add_paragraph("适用范围", style=style)
        (block,) = read(document).blocks
        assert (block.kind, block.level) == (BlockKind.HEADING, 2)

    def test_an_outline_level_is_a_heading(self) -> None:
        document = docx.Document()
        add_xml(
            document, f'<w:p {W}><w:pPr><w:outlineLvl w:val="2"/></w:pPr><w:r><w:t>Scope</w:t></w:r></w:p>'
        )
        assert read(document).blocks[0].level == 3

    def test_a_style_based_on_a_heading_is_one(self) -> None:
        document = docx.Document()
        style = document.styles.add_style("Company heading", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Heading 3"]
        document.add_paragraph("Scope", style=style)
        assert read(document).blocks[0].level == 3

    def test_title_style_and_properties(self) -> None:
        document = docx.Document()
        document.core_properties.title = "From the properties"
        document.add_paragraph("text")
        assert read(document).title == "From the properties"
        document.add_paragraph("The title itself", style="Title")
        assert read(document).title == "The title itself"

    def test_quotes_code_breaks_and_tabs(self) -> None:
        document = docx.Document()
        document.add_paragraph("said", style="Quote")
        document.add_paragraph("one\ttwo\nthree")
        for line in ("def f():", "    return 1"):
            document.add_paragraph(line, style=_style(document, "Source Code"))
        assert outline(read(document)) == [
            ("quote", "said"),
            ("paragraph", "one\ttwo\nthree"),
            ("code", "def f():\n    return 1"),
        ]

    def test_content_controls_links_and_insertions_are_read(self) -> None:
        document = docx.Document()
        add_xml(
            document,
            f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>in a </w:t></w:r>"
            "<w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink>"
            "<w:ins><w:r><w:t> inserted</w:t></w:r></w:ins></w:p></w:sdtContent></w:sdt>",
        )
        assert read(document).text == "in a link inserted"

    def test_words_under_their_pronunciation_are_read_and_that_is_not(self) -> None:
        document = docx.Document()
        add_xml(
            document,
            f"<w:p {W}><w:r><w:t>请在</w:t></w:r><w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>chà lǚ</w:t></w:r></w:rt>"
            "<w:rubyBase><w:r><w:t>差旅</w:t></w:r></w:rubyBase></w:ruby></w:r>"
            "<w:r><w:t>结束后报销。</w:t></w:r></w:p>",
        )
        assert read(document).text == "请在差旅结束后报销。"


def _style(document: Any, name: str) -> Any:
    if name not in [style.name for style in document.styles]:
        document.styles.add_style(name, docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    return document.styles[name]


class TestTables:
    def test_merged_cells_give_their_text_once(self) -> None:
        document = docx.Document()
        table = document.add_table(3, 3)
        for row in range(3):
            for column in range(3):
                table.cell(row, column).text = f"{row}{column}"
        table.cell(0, 1).merge(table.cell(0, 2)).text = "wide"
        table.cell(1, 0).merge(table.cell(2, 0)).text = "tall"
        assert read(document).text == "00 | wide\ntall | 11 | 12\n | 21 | 22"

    def test_marked_header_rows(self) -> None:
        document = docx.Document()
        table = document.add_table(3, 2)
        for row in range(3):
            table.cell(row, 0).text = f"r{row}"
        for row in table.rows[:2]:
            row._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {W}/>"))
        assert read(document).blocks[0].header_rows == 2

    def test_a_table_of_one_cell_is_a_frame(self) -> None:
        document = docx.Document()
        document.add_table(1, 1).cell(0, 0).text = "boxed"
        assert outline(read(document)) == [("paragraph", "boxed")]


class TestNumbers:
    @pytest.mark.parametrize(
        ("number", "form", "printed"),
        [
            (3, "decimal", "3"),
            (3, "chineseCounting", "三"),
            (12, "chineseCountingThousand", "十二"),
            (20, "chineseCounting", "二十"),
            (105, "chineseCountingThousand", "一百零五"),
            (1010, "chineseCountingThousand", "一千零一十"),
            (3, "chineseLegalSimplified", "叁"),
            (12, "taiwaneseDigital", "一二"),
            (2, "ideographTraditional", "乙"),
            (4, "lowerRoman", "iv"),
            (49, "upperRoman", "XLIX"),
            (28, "upperLetter", "BB"),
            (7, "decimalEnclosedCircleChinese", "⑦"),
            (7, "decimalZero", "07"),
            (7, "hebrew1", "7"),
        ],
    )
    def test_number_formats(self, number: int, form: str, printed: str) -> None:
        assert printed_number(number, form) == printed

    def test_articles_are_counted_as_word_counts_them(self) -> None:
        document = docx.Document()
        numbering = document.part.numbering_part.element
        for level, form, pattern in ((0, "chineseCountingThousand", "第%1条"), (1, "decimal", "%1.%2")):
            if level == 0:
                abstract = parse_xml(f'<w:abstractNum {W} w:abstractNumId="90"/>')
                numbering.insert(0, abstract)
            abstract.append(
                parse_xml(
                    f'<w:lvl {W} w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
                    f'<w:lvlText w:val="{pattern}"/></w:lvl>'
                )
            )
        numbering.append(parse_xml(f'<w:num {W} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
        for text, level in (("总则", 0), ("甲", 1), ("乙", 1), ("附则", 0), ("丙", 1)):
            paragraph = document.add_paragraph(text)
            paragraph._p.get_or_add_pPr().append(
                parse_xml(f'<w:numPr {W}><w:ilvl w:val="{level}"/><w:numId w:val="90"/></w:numPr>')
            )
        result = read(document)
        assert texts(result, BlockKind.LIST_ITEM) == [
            "第一条 总则",
            "一.1 甲",
            "一.2 乙",
            "第二条 附则",
            "二.1 丙",
        ]
        assert [block.level for block in result.blocks] == [1, 2, 2, 1, 2]

    def test_bullets_have_no_label(self) -> None:
        document = docx.Document()
        document.add_paragraph("one", style="List Bullet")
        document.add_paragraph("two", style="List Number")
        document.add_paragraph("three", style="List Number")
        assert texts(read(document), BlockKind.LIST_ITEM) == ["one", "1. two", "2. three"]


class TestHidden:
    def hidden_run(self, xml: str) -> ParsedDocument:
        document = docx.Document()
        add_xml(document, f"<w:p {W}><w:r><w:t>seen</w:t></w:r>{xml}</w:p>")
        return read(document)

    @pytest.mark.parametrize(
        ("xml", "reason"),
        [
            ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>", "hidden_text"),
            ('<w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>secret</w:t></w:r>', "white_text"),
            ('<w:r><w:rPr><w:sz w:val="2"/></w:rPr><w:t>secret</w:t></w:r>', "tiny_text"),
            ("<w:del><w:r><w:delText>secret</w:delText></w:r></w:del>", "tracked_deletions"),
            ("<w:moveFrom><w:r><w:t>secret</w:t></w:r></w:moveFrom>", "tracked_deletions"),
        ],
    )
    def test_what_word_does_not_show(self, xml: str, reason: str) -> None:
        result = self.hidden_run(xml)
        assert (result.text, result.report.hidden_parts) == ("seen", (reason,))

    @pytest.mark.parametrize(
        "look",
        [
            '<w:vanish w:val="0"/>',
            '<w:color w:val="FFFFFF"/><w:highlight w:val="darkBlue"/>',
            '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="003366"/>',
        ],
    )
    def test_what_word_shows_after_all(self, look: str) -> None:
        result = self.hidden_run(f"<w:r><w:rPr>{look}</w:rPr><w:t xml:space='preserve'> too</w:t></w:r>")
        assert result.text == "seen too"

    def test_a_style_that_hides(self) -> None:
        document = docx.Document()
        style = document.styles.add_style("Secret", docx.enum.style.WD_STYLE_TYPE.CHARACTER)
        style.font.hidden = True
        paragraph = document.add_paragraph("seen")
        paragraph.add_run("secret", style=style)
        assert read(document).text == "seen"

    def test_headers_footers_and_comments_are_told(self) -> None:
        document = docx.Document()
        run = document.add_paragraph().add_run("body")
        document.sections[0].header.paragraphs[0].text = "confidential"
        document.add_comment(run, "do we want this?", author="A", initials="A")
        result = read(document)
        assert result.text == "body"
        assert result.report.hidden_parts == ("comments", "headers_and_footers")

    def test_white_text_in_a_coloured_table_is_seen(self) -> None:
        document = docx.Document()
        table = document.add_table(2, 2)
        for cell in table._cells:
            run = cell.paragraphs[0].add_run("head")
            run.font.color.rgb = RGBColor(255, 255, 255)
            run.font.size = Pt(9)
        assert "head | head" in read(document).text
