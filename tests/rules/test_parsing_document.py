"""The parsed document itself: spans, sections, highlights, JSON, errors."""

import dataclasses
import json
import pickle

import pytest

from kbchat.core.text import Span
from kbchat.parsing import (
    Block,
    BlockKind,
    Box,
    ParsedDocument,
    ParseError,
    ParseErrorCode,
    ParseReport,
    TextLine,
    boxes_of,
    from_json,
    to_json,
)
from kbchat.parsing.highlighting import edges_to_bytes
from tests.rules.parsing_support import parsed


def document(text: str = "Title\n\nBody", **changes: object) -> ParsedDocument:
    made = ParsedDocument(
        text=text,
        blocks=(
            Block(BlockKind.HEADING, Span(0, 5), level=1),
            Block(BlockKind.PARAGRAPH, Span(7, 11), heading_path=("Title",)),
        ),
        title="Title",
        media_type="text/plain",
        pages=None,
        report=ParseReport(characters=len(text)),
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


class TestSpan:
    def test_touching_spans_do_not_overlap(self) -> None:
        assert not Span(0, 3).overlaps(Span(3, 5))
        assert Span(0, 4).overlaps(Span(3, 5))
        assert not Span(2, 2).overlaps(Span(0, 5))

    def test_its_length_is_what_it_covers(self) -> None:
        assert Span(1, 4).length == 3
        assert Span(2, 2).length == 0

    @pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2)])
    def test_refuses_what_is_no_range(self, start: int, end: int) -> None:
        with pytest.raises(ValueError, match="not a span"):
            Span(start, end)


class TestPromises:
    @pytest.mark.parametrize(
        "blocks",
        [
            (Block(BlockKind.PARAGRAPH, Span(0, 4)), Block(BlockKind.PARAGRAPH, Span(3, 6))),
            (Block(BlockKind.PARAGRAPH, Span(5, 6)), Block(BlockKind.PARAGRAPH, Span(0, 2))),
            (Block(BlockKind.PARAGRAPH, Span(0, 99)),),
            (Block(BlockKind.PARAGRAPH, Span(2, 2)),),
            (Block(BlockKind.TABLE, Span(0, 4), rows=(Span(3, 6),)),),
            (Block(BlockKind.TABLE, Span(0, 4), rows=(Span(0, 4),), header_rows=2),),
        ],
        ids=["overlap", "order", "bounds", "empty", "row outside", "too many header rows"],
    )
    def test_blocks_that_break_them_are_refused(self, blocks: tuple[Block, ...]) -> None:
        with pytest.raises(ValueError, match=r"span|header"):
            document(blocks=blocks)

    @pytest.mark.parametrize("spans", [[(0, 5), (3, 7)], [(7, 11), (0, 5)], [(7, 12)]])
    def test_lines_that_break_them_are_refused(self, spans: list[tuple[int, int]]) -> None:
        lines = tuple(
            TextLine(Span(start, end), 1, 0.0, 0.1, edges_to_bytes([0.5] * (end - start + 1)))
            for start, end in spans
        )
        with pytest.raises(ValueError, match="span"):
            document(lines=lines)

    @pytest.mark.parametrize("text", ["Title\n\nBo\0y", "Title\n\nBo\ud800y"])
    def test_text_that_a_database_cannot_hold_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"NUL|surrogate"):
            document(text)


class TestSections:
    def test_a_section_ends_where_its_equal_begins(self) -> None:
        made = parsed("# A\n\none\n\n## B\n\ntwo\n\n## C\n\nthree\n\n# D\n\nfour\n", "x.md")
        told = [(s.ordinal, s.parent, s.path, s.level, made.text_of(s.span)) for s in made.sections]
        assert told == [
            (0, None, (), 0, made.text),
            (1, 0, ("A",), 1, "A\n\none\n\nB\n\ntwo\n\nC\n\nthree"),
            (2, 1, ("A", "B"), 2, "B\n\ntwo"),
            (3, 1, ("A", "C"), 2, "C\n\nthree"),
            (4, 0, ("D",), 1, "D\n\nfour"),
        ]

    def test_a_document_without_headings_is_one_section(self) -> None:
        assert len(parsed("just text", "x.txt").sections) == 1


class TestHighlighting:
    LINES = (
        TextLine(Span(0, 4), 1, 0.1, 0.2, edges_to_bytes([0.1, 0.2, 0.3, 0.4, 0.5])),
        TextLine(Span(5, 8), 2, 0.6, 0.7, edges_to_bytes([0.9, 0.8, 0.7, 0.6])),
    )

    def test_a_span_in_a_line_is_one_box(self) -> None:
        (box,) = boxes_of(self.LINES, Span(1, 3))
        assert (box.page, box.top, box.bottom) == (1, 0.1, 0.2)
        assert (box.left, box.right) == pytest.approx((0.2, 0.4), abs=1e-4)

    def test_a_span_over_lines_and_pages_is_a_box_each(self) -> None:
        first, second = boxes_of(self.LINES, Span(2, 6))
        assert (first.left, first.right) == pytest.approx((0.3, 0.5), abs=1e-4)
        assert second.page == 2

    def test_right_to_left_edges_fall(self) -> None:
        (box,) = boxes_of(self.LINES, Span(5, 6))
        assert (box.left, box.right) == pytest.approx((0.8, 0.9), abs=1e-4)

    @pytest.mark.parametrize("span", [Span(4, 5), Span(8, 20), Span(2, 2)])
    def test_nothing_printed_is_no_box(self, span: Span) -> None:
        assert boxes_of(self.LINES, span) == ()

    def test_edges_beyond_the_page_are_cut(self) -> None:
        line = TextLine(Span(0, 1), 1, 0.0, 1.0, edges_to_bytes([-0.5, 1.5]))
        assert boxes_of((line,), Span(0, 1)) == (Box(1, 0.0, 0.0, 1.0, 1.0),)

    def test_a_line_without_an_edge_for_each_character_is_refused(self) -> None:
        with pytest.raises(ValueError, match="one edge more"):
            TextLine(Span(0, 4), 1, 0, 1, edges_to_bytes([0.1, 0.2]))


class TestJson:
    def test_round_trip_keeps_everything(self) -> None:
        box = Box(1, 0.1, 0.2, 0.3, 0.4)
        made = document(
            blocks=(
                Block(BlockKind.HEADING, Span(0, 5), (), 1, 1, (box,)),
                Block(BlockKind.TABLE, Span(7, 11), ("Title",), None, 1, (box,), (Span(7, 11),), 1),
            ),
            pages=3,
            lines=(TextLine(Span(0, 5), 1, 0.2, 0.4, edges_to_bytes([0.1] * 6)),),
            report=ParseReport(
                11, 1, 2, (2, 3), (1,), "gb18030", 0.7, ("zero_width",), ("pages_without_text",)
            ),
        )
        assert from_json(to_json(made)) == made

    def test_chinese_stays_readable(self) -> None:
        assert "年假" in to_json(parsed("年假政策", "x.txt"))

    @pytest.mark.parametrize(
        "broken",
        [
            "",
            "[]",
            "{}",
            "null",
            '{"format": 1}',
            '{"format": 2}',
            "[" * 100_000,
        ],
    )
    def test_what_is_no_document_is_refused(self, broken: str) -> None:
        with pytest.raises(ValueError, match=r"parsed document|JSON|value"):
            from_json(broken)

    @pytest.mark.parametrize(
        ("field", "lie"),
        [
            ("text", 5),
            ("text", "short"),
            ("pages", "3"),
            ("blocks", {"kind": "heading"}),
            ("blocks", [{"kind": "heading", "span": [0]}]),
            ("blocks", [{"kind": "spell", "span": [0, 1]}]),
            ("blocks", [{"kind": "heading", "span": [5, 1]}]),
            ("blocks", [{"kind": "heading", "span": [True, 5]}]),
            ("blocks", [{"kind": "heading", "span": [0, 1], "boxes": [[0, 0, 0, 1, 1]]}]),
            ("lines", [[0, 4, 1, 0.0, 1.0, "!!!"]]),
            ("report", None),
        ],
    )
    def test_a_captured_child_cannot_hand_over_lies(self, field: str, lie: object) -> None:
        told = json.loads(to_json(document()))
        told[field] = lie
        with pytest.raises(ValueError):  # noqa: PT011  (any reason will do)
            from_json(json.dumps(told))


class TestErrors:
    def test_an_error_tells_its_code_and_facts(self) -> None:
        error = ParseError(ParseErrorCode.SCAN_WITHOUT_TEXT, pages=3)
        assert error.code is ParseErrorCode.SCAN_WITHOUT_TEXT
        assert error.facts == {"pages": 3}
        assert str(error) == "scan_without_text (pages=3)"

    def test_an_error_survives_a_queue(self) -> None:
        error = pickle.loads(pickle.dumps(ParseError(ParseErrorCode.TIMED_OUT, seconds=90.0)))  # noqa: S301
        assert (error.code, error.facts) == (ParseErrorCode.TIMED_OUT, {"seconds": 90.0})
