"""PDF: exact characters at exact places."""

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from kbchat.core.text import Span
from kbchat.parsing import boxes_of, regions_of
from tests.rules.parsing_support import parsed
from tests.rules.pdf_support import HEIGHT, SONG, WIDTH, box_of, in_points, lines, pdf, span_of, write


class TestPlaces:
    SENTENCE = "Every employee has fifteen days of annual leave a year"

    def test_english_words_are_where_they_were_drawn(self) -> None:
        document = parsed(pdf(lambda c: write(c, self.SENTENCE)), "x.pdf")
        assert document.text == self.SENTENCE
        reached = 0
        for word in self.SENTENCE.split():
            before = self.SENTENCE[:reached]
            (box,) = boxes_of(document.lines, Span(reached, reached + len(word)))
            reached += len(word) + 1
            left, top, right, bottom = in_points(box)
            start = 72 + pdfmetrics.stringWidth(before, "Helvetica", 12)
            assert left == pytest.approx(start, abs=0.3)
            assert right == pytest.approx(start + pdfmetrics.stringWidth(word, "Helvetica", 12), abs=0.3)
            assert top < HEIGHT - 700 - 6
            assert HEIGHT - 700 < bottom < HEIGHT - 700 + 6

    def test_chinese_characters_are_where_they_were_drawn(self) -> None:
        sentence = "员工每年享有十五天带薪年休假"
        document = parsed(pdf(lambda c: write(c, sentence, font=SONG)), "x.pdf")
        assert document.text == sentence
        for place in range(len(sentence)):
            (box,) = boxes_of(document.lines, Span(place, place + 1))
            left, _, right, _ = in_points(box)
            assert (left, right) == pytest.approx((72 + 12 * place, 84 + 12 * place), abs=0.3)

    def test_words_set_apart_without_a_blank_are_words(self) -> None:
        def draw(canvas: Canvas) -> None:
            write(canvas, "annual")
            write(canvas, "leave", x=72 + pdfmetrics.stringWidth("annual", "Helvetica", 12) + 3)

        assert parsed(pdf(draw), "x.pdf").text == "annual leave"

    def test_a_wrapped_quotation_is_a_box_a_line(self) -> None:
        document = parsed(
            pdf(
                lambda c: lines(
                    c,
                    "Unused leave may be carried over into the next",
                    "calendar year with a manager's consent.",
                )
            ),
            "x.pdf",
        )
        assert "the next calendar year" in document.text
        first, second = boxes_of(document.lines, span_of(document, "next calendar"))
        assert in_points(first)[2] == pytest.approx(
            72 + pdfmetrics.stringWidth("Unused leave may be carried over into the next", "Helvetica", 12),
            abs=0.3,
        )
        assert in_points(second)[0] == pytest.approx(72, abs=0.3)
        assert second.top > first.top

    @pytest.mark.parametrize("rotation", [90, 180, 270])
    def test_rotated_pages_are_measured_as_shown(self, rotation: int) -> None:
        def draw(canvas: Canvas) -> None:
            canvas.setPageRotation(rotation)  # which also turns the sheet: it is shown upright again
            canvas.translate(*{90: (HEIGHT, 0), 180: (WIDTH, HEIGHT), 270: (0, WIDTH)}[rotation])
            canvas.rotate(rotation)
            write(canvas, "shown upright", x=100, y=50)

        document = parsed(pdf(draw), "x.pdf")
        left, top, _, bottom = in_points(box_of(document, "shown"))
        assert left == pytest.approx(100, abs=0.5)
        assert top < HEIGHT - 50 < bottom

    def test_every_block_has_its_page_and_box(self) -> None:
        document = parsed(pdf(lambda c: write(c, "one"), lambda c: write(c, "two", y=300)), "x.pdf")
        assert [block.page for block in document.blocks] == [1, 2]
        (box,) = document.blocks[1].boxes
        assert box.page == 2
        assert in_points(box)[1] < HEIGHT - 300 < in_points(box)[3]
        assert document.pages == 2


class TestRegions:
    def test_the_lines_of_a_paragraph_are_one(self) -> None:
        document = parsed(
            pdf(lambda c: lines(c, "A first line of some length", "and a second one.")), "x.pdf"
        )
        whole = Span(0, len(document.text))
        first, second = boxes_of(document.lines, whole)
        (region,) = regions_of(document.lines, whole)
        assert (region.left, region.top) == (first.left, first.top)
        assert (region.right, region.bottom) == (max(first.right, second.right), second.bottom)

    def test_what_stands_apart_or_on_another_page_is_another(self) -> None:
        def spread(canvas: Canvas) -> None:
            write(canvas, "At the top of the page.", y=700)
            write(canvas, "At its foot.", y=200)

        document = parsed(pdf(spread, lambda c: write(c, "On the next.", y=186)), "x.pdf")
        regions = regions_of(document.lines, Span(0, len(document.text)))
        assert [region.page for region in regions] == [1, 1, 2]
