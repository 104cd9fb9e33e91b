"""PPTX: what the slides show, in the order in which it is read, with the notes of who speaks."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from kbchat.parsing import ParsedDocument, ParseError, ParseErrorCode, parse
from tests.rules.parsing_support import block_with, outline, parsed
from tests.rules.workbook_support import zipped

DOCLING = "office/docling/tests/data/pptx/sources"
TITLED, BLANK = 1, 6


def saved(deck: Any) -> bytes:
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def read(deck: Any) -> ParsedDocument:
    return parsed(saved(deck), "file.pptx")


def slide_with(deck: Any, title: str, *lines: str) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[TITLED])
    slide.shapes.title.text = title
    slide.placeholders[1].text = "\n".join(lines)
    return slide


def box(slide: Any, text: str, left: float = 1, top: float = 3) -> Any:
    shape = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(3), Inches(1))
    shape.text_frame.text = text
    return shape


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


class TestSlides:
    def test_each_slide_is_a_page_and_a_section(self) -> None:
        deck = pptx.Presentation()
        slide_with(deck, "Leave", "15 days", "Ask your manager")
        slide_with(deck, "年假政策", "十五天")
        document = read(deck)
        assert outline(document) == [
            ("heading", "Leave"),
            ("list_item", "15 days"),
            ("list_item", "Ask your manager"),
            ("heading", "年假政策"),
            ("list_item", "十五天"),
        ]
        assert [block.page for block in document.blocks] == [1, 1, 1, 2, 2]
        assert block_with(document, "十五天").heading_path == ("年假政策",)
        assert (document.title, document.pages) == ("Leave", 2)

    def test_hidden_slides_are_told_and_not_read(self) -> None:
        deck = pptx.Presentation()
        slide_with(deck, "Open", "seen")
        slide_with(deck, "Secret", "pay").element.set("show", "0")
        slide_with(deck, "Last", "seen too")
        document = read(deck)
        assert "Secret" not in document.text
        assert "pay" not in document.text
        assert document.report.notes == ("hidden_slides",)
        assert [block.page for block in document.blocks] == [1, 1, 3, 3]

    def test_struck_out_words_are_told_and_not_read(self) -> None:
        deck = pptx.Presentation()
        slide = slide_with(deck, "Leave", "15 days")
        runs = [slide.placeholders[1].text_frame.paragraphs[0].add_run() for _ in range(2)]
        for run, text, strike in zip(runs, (", 20 of old", ", paid"), ("sngStrike", "noStrike"), strict=True):
            run.text = text
            run._r.get_or_add_rPr().set("strike", strike)
        document = read(deck)
        assert document.text == "Leave\n\n15 days, paid"
        assert document.report.hidden_parts == ("tracked_deletions",)

    def test_struck_out_notes_are_told(self) -> None:
        deck = pptx.Presentation()
        notes = slide_with(deck, "Leave", "15 days").notes_slide.notes_text_frame
        notes.text = "Mention the exception."
        notes.paragraphs[0].runs[0]._r.get_or_add_rPr().set("strike", "dblStrike")
        document = read(deck)
        assert document.text == "Leave\n\n15 days"
        assert document.report.hidden_parts == ("tracked_deletions",)

    def test_notes_stand_under_a_heading_of_their_own(self) -> None:
        deck = pptx.Presentation()
        slide_with(deck, "Leave", "15 days").notes_slide.notes_text_frame.text = "Mention the exception."
        slide_with(deck, "年假", "十五天").notes_slide.notes_text_frame.text = "请说明例外情况。"
        document = read(deck)
        assert block_with(document, "exception").heading_path == ("Leave", "Notes")
        assert block_with(document, "例外").heading_path == ("年假", "备注")

    def test_a_slide_without_a_title_is_known_by_its_number(self) -> None:
        deck = pptx.Presentation()
        box(deck.slides.add_slide(deck.slide_layouts[BLANK]), "One line.\nAnother line.")
        box(deck.slides.add_slide(deck.slide_layouts[BLANK]), "第一行。\n第二行。")
        deck.slides.add_slide(deck.slide_layouts[BLANK])
        document = read(deck)
        assert [text for kind, text in outline(document) if kind == "heading"] == ["Slide 1", "第 2 张幻灯片"]
        assert (document.pages, document.report.empty_pages, document.title) == (3, (3,), "file")

    def test_a_short_line_at_the_top_is_its_title(self) -> None:
        deck = pptx.Presentation()
        slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
        box(slide, "below")
        box(slide, "Travel", top=0.3)
        assert outline(read(deck)) == [("heading", "Travel"), ("paragraph", "below")]


class TestShapes:
    def test_from_above_to_below_and_from_left_to_right(self) -> None:
        deck = pptx.Presentation()
        slide = slide_with(deck, "Order")
        for text, left, top in (("right", 5, 3), ("below", 1, 5), ("left", 1, 3.02)):
            box(slide, text, left, top)
        assert [text for _, text in outline(read(deck))] == ["Order", "left", "right", "below"]

    def test_groups_are_read_where_they_stand(self) -> None:
        deck = pptx.Presentation()
        slide = slide_with(deck, "Group")
        group = slide.shapes.add_group_shape()
        for text, top in (("second", 4), ("first", 3)):
            group.shapes.add_textbox(Inches(1), Inches(top), Inches(2), Inches(1)).text_frame.text = text
        box(slide, "after", top=6)
        assert [text for _, text in outline(read(deck))] == ["Group", "first", "second", "after"]

    def test_shapes_of_a_group_are_not_measured_by_the_slide(self) -> None:
        deck = pptx.Presentation()
        slide = slide_with(deck, "Group")
        group = slide.shapes.add_group_shape()
        for text, left in (("first", 50), ("second", 60)):
            group.shapes.add_textbox(Inches(left), Inches(50), Inches(2), Inches(1)).text_frame.text = text
        group.left, group.top = Inches(1), Inches(3)
        assert [text for _, text in outline(read(deck))] == ["Group", "first", "second"]

    def test_tables_with_merged_cells(self) -> None:
        deck = pptx.Presentation()
        table = slide_with(deck, "T").shapes.add_table(3, 2, 0, Inches(2), Inches(4), Inches(2)).table
        for row, cells in enumerate([("Grade", "Days"), ("A", "15"), ("B", "20")]):
            for column, text in enumerate(cells):
                table.cell(row, column).text = text
        table.cell(1, 0).merge(table.cell(2, 0))
        table.cell(2, 0).text = "stale"
        document = read(deck)
        block = document.blocks[1]
        assert document.text_of(block.span) == "Grade | Days\nA B | 15\n | 20"
        assert (block.header_rows, block.page) == (1, 1)

    def test_a_chart_is_the_table_behind_it(self) -> None:
        deck = pptx.Presentation()
        data = CategoryChartData(number_format="0%")
        data.categories = ["2023", "2024"]
        data.add_series("Sick", (0.12, 0.13))
        data.add_series("Annual", (0.5, None))
        frame = slide_with(deck, "C").shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, 999, 999, data)
        frame.chart.has_title = True
        frame.chart.chart_title.text_frame.text = "Absence"
        assert [text for _, text in outline(read(deck))][1:] == [
            "Absence",
            " | Sick | Annual\n2023 | 12% | 50%\n2024 | 13%",
        ]

    def test_categories_in_categories(self) -> None:
        deck = pptx.Presentation()
        data = CategoryChartData()
        for year, halves in (("2023", ("H1", "H2")), ("2024", ("H1",))):
            category = data.add_category(year)
            for half in halves:
                category.add_sub_category(half)
        data.add_series("Sick", (1, 2, 3))
        slide_with(deck, "C").shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, 999, 999, data)
        assert outline(read(deck))[-1][1] == " | Sick\n2023 H1 | 1\n2023 H2 | 2\n2024 H1 | 3"

    def test_numbers_are_counted_and_bullets_may_be_switched_off(self) -> None:
        deck = pptx.Presentation()
        slide = slide_with(deck, "L", "plain", "one", "two", "deeper")
        for place, (mark, level) in enumerate(
            [("buNone", 0), ("buAutoNum", 0), ("buAutoNum", 0), ("buAutoNum", 1)]
        ):
            paragraph = slide.placeholders[1].text_frame.paragraphs[place]
            paragraph.level = level
            element = paragraph._p.get_or_add_pPr().makeelement(f"{{{pptx.oxml.ns._nsmap['a']}}}{mark}", {})
            if mark == "buAutoNum":
                element.set("type", "alphaLcParenR" if level else "arabicPeriod")
            paragraph._p.get_or_add_pPr().append(element)
        document = read(deck)
        assert outline(document)[1:] == [
            ("paragraph", "plain"),
            ("list_item", "1. one"),
            ("list_item", "2. two"),
            ("list_item", "a) deeper"),
        ]
        assert document.blocks[-1].level == 2

    def test_what_is_not_seen_is_told_and_not_read(self) -> None:
        deck = pptx.Presentation()
        slide = slide_with(deck, "S", "seen")
        box(slide, "switched off")._element.nvSpPr.cNvPr.set("hidden", "1")
        box(slide, "beside the slide", left=40)
        document = read(deck)
        assert document.text == "S\n\nseen"
        assert document.report.hidden_parts == ("hidden_text", "text_outside_page")


class TestHostile:
    def test_shows_and_templates(self) -> None:
        deck = pptx.Presentation()
        slide_with(deck, "Leave", "15 days")
        members = members_of(saved(deck))
        types = members["[Content_Types].xml"]
        members["[Content_Types].xml"] = types.replace(b"presentation.main+xml", b"slideshow.main+xml")
        assert members["[Content_Types].xml"] != types
        assert parsed(zipped(members), "x.ppsx").text == "Leave\n\n15 days"

    def test_a_bomb_is_refused_before_it_is_unpacked(self) -> None:
        members = members_of(saved(pptx.Presentation())) | {"ppt/media/image1.png": bytes(40 << 20)}
        with pytest.raises(ParseError) as failure:
            parse(zipped(members), "x.pptx")
        assert failure.value.code is ParseErrorCode.TOO_LARGE_UNPACKED

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("ppt/slides/slide1.xml", b"<not closed"),
            ("ppt/slides/slide1.xml", b""),
            ("ppt/presentation.xml", b"<other/>"),
            ("_rels/.rels", b"<x/>"),
            ("[Content_Types].xml", b""),
        ],
    )
    def test_a_broken_part_is_corrupt(self, name: str, content: bytes) -> None:
        deck = pptx.Presentation()
        slide_with(deck, "S", "text")
        with pytest.raises(ParseError) as failure:
            parse(zipped(members_of(saved(deck)) | {name: content}), "x.pptx")
        assert failure.value.code is ParseErrorCode.CORRUPT

    def test_an_entity_brings_no_file_in(self) -> None:
        deck = pptx.Presentation()
        slide_with(deck, "S", "text")
        members = members_of(saved(deck))
        slide = members["ppt/slides/slide1.xml"].split(b"?>", 1)[1].replace(b"<a:t>text", b"<a:t>&x;text")
        entity = b'<!DOCTYPE p:sld [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        document = parsed(zipped(members | {"ppt/slides/slide1.xml": entity + slide}), "x.pptx")
        assert "root" not in document.text


class TestRealFiles:
    """What was read is what was seen when the file was opened."""

    def seen(self, shared_data: Path, name: str) -> ParsedDocument:
        return parsed((shared_data / DOCLING / name).read_bytes(), name)

    def test_tables_lists_and_notes(self, shared_data: Path) -> None:
        document = self.seen(shared_data, "powerpoint_sample.pptx")
        assert " | A merged with B |  | C | A | B | C\nR1 | True | False" in document.text
        assert block_with(document, "Final notes").heading_path == ("Slide 3", "Notes")
        assert ("list_item", "3. List item6") in outline(document)

    def test_a_chart(self, shared_data: Path) -> None:
        text = self.seen(shared_data, "pptx_chart.pptx").text
        assert " | Freshwater Ducks | Saltwater Ducks\n2019 | 120 | 80\n2020 | 130 | 95" in text

    def test_a_shape_that_only_newer_programs_know(self, shared_data: Path) -> None:
        document = self.seen(shared_data, "powerpoint_unrecognized_shape.pptx")
        assert ("paragraph", "Net retention rate: 112%") in outline(document)

    def test_comments_are_told(self, shared_data: Path) -> None:
        assert self.seen(shared_data, "powerpoint_comments.pptx").report.hidden_parts == ("comments",)
