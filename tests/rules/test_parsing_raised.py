"""What is printed above a line makes no other number of the one before it, whatever the format."""

import io
from collections.abc import Callable
from typing import Any

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.shared import Pt
from pptx import Presentation
from pptx.util import Inches
from reportlab.pdfgen.canvas import Canvas

from kbchat.parsing.raised import Piece, written
from tests.rules.parsing_support import parsed
from tests.rules.pdf_support import box_of, in_points, pdf, write
from tests.rules.test_parsing_epub import book
from tests.rules.test_parsing_odf import package
from tests.rules.workbook_support import workbook

PIECES: list[Piece] = [
    ("500", False), ("1", True), (" EUR, 10", False), ("-3", True), (" m", False), ("2", True), (", the 2", False),
    ("nd", True), (" day", False),
]  # fmt: skip
WRITTEN = "500^1 EUR, 10^-3 m2, the 2nd day"


def saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def html(text: str, is_raised: bool) -> str:
    return f"<b>{text}</b>" * (not is_raised) + f"<sup><a href='#1'>{text}</a></sup>" * is_raised


def page() -> bytes:
    return f"<p>{''.join(html(*piece) for piece in PIECES)}</p>".encode()


def word() -> bytes:
    document = docx.Document()
    document.styles.add_style("Note call", WD_STYLE_TYPE.CHARACTER).font.superscript = True
    paragraph = document.add_paragraph()
    for text, is_raised in PIECES:
        for part in text if is_raised else [text]:  # as Word divides a run that was edited
            run = paragraph.add_run(part)
            if part == "3":
                run.style = "Note call"
            elif is_raised:
                run.font.superscript = True
    return saved(document)


def rich_text() -> bytes:
    told = "".join(rf"{{\super {text}}}" if is_raised else text for text, is_raised in PIECES)
    return rf"{{\rtf1\ansi {told}\par}}".encode()


def slide() -> bytes:
    slides = Presentation()
    box = slides.slides.add_slide(slides.slide_layouts[6]).shapes.add_textbox(*[Inches(1)] * 4)
    for text, is_raised in PIECES:
        run = box.text_frame.paragraphs[0].add_run()
        run.text = text
        if is_raised:
            run.font._element.set("baseline", "30000")
    return saved(slides)


def open_text() -> bytes:
    told = "".join(f"<text:span text:style-name='{'T' * (1 + up)}'>{text}</text:span>" for text, up in PIECES)
    position = "<style:style style:name='{}'><style:text-properties style:text-position='{}'/></style:style>"
    styles = position.format("T", "0% 100%") + position.format("TT", "super 58%")
    return package("text", f"<text:p>{told}</text:p>", styles=styles)


def sheet() -> bytes:
    runs = "".join(
        f"<r><rPr><vertAlign val='{'superscript' if up else 'baseline'}'/></rPr><t xml:space='preserve'>{text}</t></r>"
        for text, up in PIECES
    )
    return workbook({"Limits": f"<sheetData><row><c t='inlineStr'><is>{runs}</is></c></row></sheetData>"})


def print_pieces(canvas: Canvas) -> None:
    line = canvas.beginText(72, 700)
    for text, is_raised in PIECES:
        line.setFont("Helvetica", 7 if is_raised else 12)
        line.setRise(4 if is_raised else 0)
        line.textOut(text)
    canvas.drawText(line)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("a.html", page),
        ("a.md", page),
        ("a.epub", lambda: book({"one.xhtml": page().decode()})),
        ("a.docx", word),
        ("a.rtf", rich_text),
        ("a.pptx", slide),
        ("a.odt", open_text),
        ("a.xlsx", sheet),
        ("a.pdf", lambda: pdf(print_pieces)),
    ],
)
def test_a_note_or_power_behind_a_number_is_told_from_its_digits(
    name: str, made: Callable[[], bytes]
) -> None:
    document = parsed(made(), name)
    block = next(block for block in document.blocks if "EUR" in document.text_of(block.span))
    assert document.text_of(block.span) == WRITTEN


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([("10", False), ("-", True), ("", False), ("3", True)], "10^-3"),
        ([("10", False), ("−3", True)], "10^−3"),
        ([("五百", False), ("1", True)], "五百1"),
        ([("500 ", False), ("1", True)], "500 1"),
        ([("500", False), ("[1]", True), ("", False), ("1", False)], "500[1]1"),
        ([("1", True), ("plus VAT", False)], "1plus VAT"),
        ([], ""),
    ],
)
def test_it_is_written_as_in_an_equation_where_it_would_be_read_as_digits(
    pieces: list[Piece], text: str
) -> None:
    assert written(pieces) == text


@pytest.mark.parametrize(
    "call",
    [
        '<a epub:type="noteref" href="#1">1</a>',
        '<a role="doc-noteref" href="#1">1</a>',
        '<span style="font-size:9px; vertical-align: super">1</span>',
    ],
)
def test_a_page_s_style_or_the_call_of_a_note_sets_it_above_as_well(call: str) -> None:
    assert parsed(f"<p>500{call} EUR</p><p>2</p>".encode(), "a.html").text == "500^1 EUR\n\n2"


def test_what_was_raised_by_points_or_lowered_in_a_word_document() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("500")
    for text, half_points in (("1", 8), (" or 500", 0), ("1", -8)):
        run = paragraph.add_run(text)
        run.font.size = Pt(8)
        position = run._element.get_or_add_rPr().makeelement(docx.oxml.ns.qn("w:position"))
        position.set(docx.oxml.ns.qn("w:val"), str(half_points))
        run._element.rPr.append(position)
    assert parsed(saved(document), "a.docx").text == "500^1 or 5001"


class TestPrinted:
    def test_the_number_itself_keeps_its_place(self) -> None:
        document = parsed(pdf(print_pieces), "a.pdf")
        left, _, right, _ = in_points(box_of(document, "500"))
        assert (left, right) == (pytest.approx(72, abs=0.5), pytest.approx(92, abs=0.5))
        assert in_points(box_of(document, "500^1"))[2] > right + 3

    @pytest.mark.parametrize(("rise", "size", "text"), [(0, 8, "501"), (-3, 8, "501"), (4, 12, "501")])
    def test_small_figures_on_the_line_and_below_it_are_what_they_were(
        self, rise: int, size: int, text: str
    ) -> None:
        def draw(canvas: Canvas) -> None:
            line = canvas.beginText(72, 700)
            line.setFont("Helvetica", 12)
            line.textOut("50")
            line.setFont("Helvetica", size)
            line.setRise(rise)
            line.textOut("1")
            canvas.drawText(line)
            write(canvas, "Words to read on the page.", y=600)

        assert parsed(pdf(draw), "a.pdf").text.startswith(text)
