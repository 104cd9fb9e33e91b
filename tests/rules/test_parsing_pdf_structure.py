"""PDF: the structure that the page's looks tell."""

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from kbchat.parsing import BlockKind, boxes_of
from tests.rules.parsing_support import block_with, outline, parsed, texts
from tests.rules.pdf_support import SONG, Draw, box_of, in_points, lines, pdf, span_of, write


class TestParagraphs:
    def test_chinese_lines_join_without_a_blank(self) -> None:
        document = parsed(
            pdf(
                lambda c: lines(
                    c,
                    "员工累计工作已满一年不满十年的，年休假五天；已满十年不满二十",
                    "年的，年休假十天。",
                    font=SONG,
                )
            ),
            "x.pdf",
        )
        assert (
            document.text == "员工累计工作已满一年不满十年的，年休假五天；已满十年不满二十年的，年休假十天。"
        )

    def test_a_divided_word_is_whole_and_keeps_its_places(self) -> None:
        document = parsed(
            pdf(
                lambda c: lines(
                    c, "The committee decides on every applica-", "tion within ten working days of receipt."
                )
            ),
            "x.pdf",
        )
        assert "every application within" in document.text
        assert len(boxes_of(document.lines, span_of(document, "application"))) == 2

    @pytest.mark.parametrize(
        ("first", "second", "joined"),
        [
            ("All requests go through the self-", "service portal of the company, always.", "self-service"),
            (
                "A well-known rule is that a well-",
                "known rule is not always followed here.",
                "a well-known rule is not",
            ),
        ],
    )
    def test_a_hyphen_of_the_word_stays(self, first: str, second: str, joined: str) -> None:
        document = parsed(pdf(lambda c: lines(c, first, second)), "x.pdf")
        assert joined in document.text

    def test_space_and_indentation_begin_paragraphs(self) -> None:
        def draw(canvas: Canvas) -> None:
            full = "The quick brown fox jumps over the lazy dog and runs on"
            lines(canvas, full, full, "and stops.", y=700)
            lines(canvas, full, "and stops again.", y=630)

        assert len(parsed(pdf(draw), "x.pdf").blocks) == 2

    def test_lists_lose_bullets_and_keep_numbers(self) -> None:
        document = parsed(
            pdf(
                lambda c: lines(
                    c,
                    "Apply as follows, in the order given here:",
                    "• first of all",
                    "• then again",
                    "1. finally",
                    "2. done",
                )
            ),
            "x.pdf",
        )
        assert texts(document, BlockKind.LIST_ITEM) == ["first of all", "then again", "1. finally", "2. done"]

    def test_places_hold_behind_a_bullet(self) -> None:
        document = parsed(pdf(lambda c: lines(c, "• first of all")), "x.pdf")
        start = 72 + pdfmetrics.stringWidth("• ", "Helvetica", 12)
        assert in_points(box_of(document, "first"))[0] == pytest.approx(start, abs=0.3)


class TestHeadings:
    BODY = ("The quick brown fox jumps over the lazy dog and runs on and on", "until it stops at last.")

    def page(self, canvas: Canvas) -> None:
        write(canvas, "Leave policy", y=760, size=20)
        write(canvas, "1.1 Scope", y=720, size=14)
        lines(canvas, *self.BODY, y=700)
        write(canvas, "1.2 Duration", y=650, size=14)
        lines(canvas, *self.BODY, y=630)
        write(canvas, "Exceptions", y=580, font="Helvetica-Bold")
        lines(canvas, *self.BODY, y=560)

    def test_size_weight_and_number_make_levels(self) -> None:
        document = parsed(pdf(self.page), "file.pdf")
        headings = [
            (document.text_of(b.span), b.level) for b in document.blocks if b.kind is BlockKind.HEADING
        ]
        assert headings == [("Leave policy", 1), ("1.1 Scope", 2), ("1.2 Duration", 2), ("Exceptions", 3)]
        assert document.blocks[-1].heading_path == ("Leave policy", "1.2 Duration", "Exceptions")
        assert document.title == "Leave policy"

    def test_chinese_headings_by_number(self) -> None:
        def draw(canvas: Canvas) -> None:
            write(canvas, "第一章 总则", y=740, font=SONG)
            lines(
                canvas, "为规范公司员工休假管理，保障员工合法权益，制定本制度并且遵照执行。", y=700, font=SONG
            )
            write(canvas, "一、适用范围", y=660, font=SONG)
            lines(
                canvas, "本制度适用于与公司签订劳动合同的全体员工以及实习人员，特此说明。", y=620, font=SONG
            )

        document = parsed(pdf(draw), "x.pdf")
        assert texts(document, BlockKind.HEADING) == ["第一章 总则", "一、适用范围"]
        assert document.blocks[-1].heading_path == ("第一章 总则", "一、适用范围")

    def test_the_outline_is_believed(self) -> None:
        def draw(canvas: Canvas) -> None:
            for level, (title, y) in enumerate([("Part one", 740), ("Chapter of it", 660)]):
                canvas.bookmarkPage(title)
                canvas.addOutlineEntry(title, title, level)
                write(canvas, title, y=y)
                lines(canvas, *self.BODY, y=y - 30)

        document = parsed(pdf(draw), "x.pdf")
        assert [
            (document.text_of(b.span), b.level) for b in document.blocks if b.kind is BlockKind.HEADING
        ] == [
            ("Part one", 1),
            ("Chapter of it", 2),
        ]

    def test_a_title_in_the_file_wins_unless_it_is_rubbish(self) -> None:
        def titled(title: str) -> str:
            def draw(canvas: Canvas) -> None:
                canvas.setTitle(title)
                self.page(canvas)

            return parsed(pdf(draw), "file.pdf").title

        assert titled("年假政策") == "年假政策"
        assert titled("Anonymous reporting") == "Anonymous reporting"
        # The second is what ReportLab writes where nobody says one.
        for rubbish in ("Microsoft Word - leave.doc", "(anonymous)", "unspecified"):
            assert titled(rubbish) == "Leave policy"


class TestFurniture:
    def test_running_lines_and_numbers_are_furniture(self) -> None:
        def page(number: int) -> Draw:
            def draw(canvas: Canvas) -> None:
                write(canvas, "ACME Corp. confidential", y=815, size=9)
                lines(canvas, f"Content of page {'abcd'[number]} which goes on for a line or so", "and ends.")
                write(canvas, f"第 {number + 1} 页 共 4 页", x=280, y=30, size=9, font=SONG)

            return draw

        document = parsed(pdf(*(page(number) for number in range(4))), "x.pdf")
        assert len(texts(document, BlockKind.PAGE_FURNITURE)) == 8
        assert len(texts(document, BlockKind.PARAGRAPH)) == 4
        assert texts(document, BlockKind.HEADING) == []

    def test_numbers_that_end_short_pages(self) -> None:
        draws = [
            lambda c, n=n: (lines(c, f"Text {'abcd'[n]} of a page"), write(c, str(n + 7), y=400))
            for n in range(4)
        ]
        document = parsed(pdf(*draws), "x.pdf")  # type: ignore[arg-type]
        assert texts(document, BlockKind.PAGE_FURNITURE) == ["7", "8", "9", "10"]


class TestTables:
    ROWS = (("Grade", "Days", "Notice"), ("A", "15", "2 weeks"), ("B", "20", "1 month"))

    def cells(self, canvas: Canvas) -> None:
        for row, cells in enumerate(self.ROWS):
            for column, cell in enumerate(cells):
                write(canvas, cell, x=105 + 120 * column, y=605 - 20 * row)

    def test_ruled(self) -> None:
        def draw(canvas: Canvas) -> None:
            write(canvas, "The table below is part of this policy and binding.", y=700)
            canvas.grid([100, 220, 340, 460], [620, 600, 580, 560])
            self.cells(canvas)

        document = parsed(pdf(draw), "x.pdf")
        table = block_with(document, "Grade")
        assert table.kind is BlockKind.TABLE
        assert document.text_of(table.span) == "Grade | Days | Notice\nA | 15 | 2 weeks\nB | 20 | 1 month"
        assert table.header_rows == 1
        assert in_points(box_of(document, "1 month"))[0] == pytest.approx(345, abs=0.5)

    def test_a_cell_over_columns_gives_its_text_once(self) -> None:
        def draw(canvas: Canvas) -> None:
            for y in (620, 600, 580):
                canvas.line(100, y, 460, y)
            for x in (100, 460):
                canvas.line(x, 620, x, 580)
            for x in (220, 340):
                canvas.line(x, 600, x, 580)
            write(canvas, "Leave by grade of the employee", x=105, y=605)
            for column, cell in enumerate(("A", "15", "days")):
                write(canvas, cell, x=105 + 120 * column, y=585)
            canvas.line(100, 560, 460, 560)
            for x in (100, 220, 340, 460):
                canvas.line(x, 580, x, 560)
            for column, cell in enumerate(("B", "20", "days")):
                write(canvas, cell, x=105 + 120 * column, y=565)

        document = parsed(pdf(draw), "x.pdf")
        assert document.text == "Leave by grade of the employee\nA | 15 | days\nB | 20 | days"

    def test_by_alignment_alone(self) -> None:
        document = parsed(pdf(self.cells), "x.pdf")
        assert outline(document) == [("table", "Grade | Days | Notice\nA | 15 | 2 weeks\nB | 20 | 1 month")]

    def test_a_frame_around_text_is_no_table(self) -> None:
        def draw(canvas: Canvas) -> None:
            canvas.rect(60, 500, 400, 250)
            lines(canvas, "Some text in a frame that is no table at all,", "only a frame.")

        assert texts(parsed(pdf(draw), "x.pdf"), BlockKind.TABLE) == []
