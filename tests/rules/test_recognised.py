"""Recognised pages as values: what they promise, and how they become printed lines. Without Tesseract."""

import json
import struct
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.core.text import Span
from kbchat.parsing import ParsedDocument, ParseError, ParseErrorCode, boxes_of
from kbchat.parsing.contract import Source
from kbchat.parsing.pictures import pages_of, parse
from kbchat.parsing.recognised import RecognisedPage, Word, WordLine, page_from_json, page_to_json
from kbchat.parsing.sniffing import TIFF
from tests.rules.parsing_support import check_promises, outline

PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
SIZE = 20
WORDS = st.lists(st.tuples(st.text(min_size=1, max_size=8), st.integers(0, 400)), min_size=1, max_size=6)


def line(top: int, *words: tuple[str, int], size: int = SIZE) -> WordLine:
    """Words, each with where it begins; every character is half as wide as it is high."""
    return WordLine(
        top,
        top + size,
        size,
        tuple(
            Word(text, tuple(left + place * size // 2 for place in range(len(text) + 1)))
            for text, left in words
        ),
    )


def page(*lines: WordLine, confidence: float = 0.9, turned: int = 0) -> RecognisedPage:
    return RecognisedPage(1, 600, 800, 72, confidence, lines, turned)


def document_of(*lines: WordLine, confidence: float = 0.9, turned: int = 0) -> ParsedDocument:
    return parse(Source(PNG, "x.png", recognised={1: page(*lines, confidence=confidence, turned=turned)}))


class TestLines:
    def test_chinese_has_no_blanks_and_other_words_have(self) -> None:
        document = document_of(
            line(300, ("年假", 100), ("十五", 128), ("天", 156), ("Annual", 180), ("leave", 245), ("15", 300))
        )
        assert document.text == "年假十五天 Annual leave 15"

    def test_a_number_stands_close_to_chinese_or_apart(self) -> None:
        assert document_of(line(300, ("共", 100), ("15", 111), ("天", 132))).text == "共15天"
        assert document_of(line(300, ("共", 100), ("15", 117), ("天", 145))).text == "共 15 天"

    def test_measured_sizes_that_waver_make_no_headings(self) -> None:
        document = document_of(
            *(
                line(300 + 30 * row, ("some words of a paragraph", 100), size=SIZE + 2 * (row % 3))
                for row in range(6)
            )
        )
        assert {kind for kind, _ in outline(document)} == {"paragraph"}

    def test_what_is_much_larger_is_a_heading(self) -> None:
        document = document_of(
            line(200, ("Leave", 100), size=32),
            *(line(300 + 30 * row, ("some words of a paragraph", 100)) for row in range(6)),
        )
        assert outline(document)[0] == ("heading", "Leave")

    def test_every_character_keeps_its_place(self) -> None:
        document = document_of(line(300, ("年假", 100), ("十五", 121), ("leave", 200)))
        check_promises_of(document)
        start = document.text.index("五")
        [box] = boxes_of(document.lines, Span(start, start + 1))
        assert (round(box.left * 600), round(box.right * 600)) == (131, 141)
        assert (box.top * 800, box.bottom * 800) == (300, 320)

    @pytest.mark.parametrize(
        ("turned", "box"),
        [
            (0, (100, 300, 200, 320)),
            (90, (300, 400, 320, 500)),
            (180, (400, 480, 500, 500)),
            (270, (480, 100, 500, 200)),
        ],
    )
    def test_a_turned_page_is_lit_as_it_lies(self, turned: int, box: tuple[int, ...]) -> None:
        """Its text stands upright after it was turned clockwise, which is done back here."""
        square = RecognisedPage(
            1, 600, 800, 72, 0.9, (line(300, ("abcdefghij", 100)),), turned
        )  # fmt: skip
        document = parse(Source(PNG, "x.png", recognised={1: square}))
        [found] = boxes_of(document.lines, Span(0, 10))
        # As displayed a page that lies on its side is 800 wide and 600 high.
        width, height = (800, 600) if turned in (90, 270) else (600, 800)
        placed = (found.left * width, found.top * height, found.right * width, found.bottom * height)
        assert [round(side) for side in placed] == list(box)


def check_promises_of(document: ParsedDocument) -> None:
    check_promises(replace(document, title="x"))


class TestReport:
    def test_what_was_recognised_is_counted(self) -> None:
        report = document_of(line(300, ("some", 100), ("words", 150))).report
        assert (report.recognised_pages, report.recognised_characters) == ((1,), report.characters)
        assert (report.recognition_confidence, report.notes) == (0.9, ())

    def test_what_is_not_sure_is_noted(self) -> None:
        assert document_of(line(300, ("some", 100)), confidence=0.7).report.notes == ("recognised_unsurely",)

    def test_nothing_recognised_is_a_reason(self) -> None:
        with pytest.raises(ParseError) as failure:
            document_of(confidence=0.0)
        assert failure.value.code is ParseErrorCode.NO_TEXT_RECOGNISED


class TestUntrusted:
    """It comes from a child that a stranger's file may have taken over."""

    @pytest.mark.parametrize(
        "changed",
        [
            {"number": 0}, {"number": "1"}, {"number": True}, {"size": [0, 1, 72]}, {"size": [1, 1]}, {"turned": 45},
            {"unread": "no reason"}, {"unread": 1}, {"unread": None},
            {"confidence": 2}, {"confidence": "x"}, {"lines": [[0, 0, 1, [["a", [0, 1]]]]]},
            {"lines": [[0, 10, 1, []]]}, {"lines": [[0, 10, 1, [["a b", [0, 1, 2, 3]]]]]},
            {"lines": [[0, 900, 1, [["a", [0, 1]]]]]}, {"lines": [[0, 10, 1, [["a", [0]]]]]},
            {"lines": [[0, 10, 1, [["a", [0, 601]]]]]}, {"lines": [[0, 10, 1, [["\0", [0, 1]]]]]},
            {"lines": [[0, 10, 1, [["\ud800", [0, 1]]]]]}, {"lines": [[0, 10, 1, [["", [0]]]]]}, {"lines": 3},
            {"lines": [[0, 10, 1, [["a" * 501, list(range(502))]]]]}, {"lines": [[0, 10, 1, [["a", [0, 1]]]]] * 5001},
        ],
    )  # fmt: skip
    def test_what_no_page_can_hold_is_refused(self, changed: dict[str, Any]) -> None:
        told = page_to_json(page(line(300, ("some", 100))))
        assert page_from_json(told) == page(line(300, ("some", 100)))
        with pytest.raises(ValueError):  # noqa: PT011 (whatever it says)
            page_from_json(told | changed)

    @given(st.lists(st.tuples(st.integers(0, 700), WORDS), min_size=1, max_size=8))
    def test_whatever_it_holds_becomes_a_document_or_a_code(self, lines: list[tuple[int, Any]]) -> None:
        told = page_to_json(page(*(line(top, *words) for top, words in lines)))
        try:
            made = page_from_json(json.loads(json.dumps(told)))
            document = parse(Source(PNG, "x.png", recognised={1: made}))
        except (ValueError, ParseError):
            return
        check_promises_of(document)


class TestTiffs:
    def chain(self, *nexts: int) -> bytes:
        """Directories without entries at 8, 14, 20, …, each of which names the next."""
        return struct.pack("<2sHI", b"II", 42, 8) + b"".join(struct.pack("<HI", 0, place) for place in nexts)

    def test_pages_are_counted_however_the_chain_goes_on(self) -> None:
        assert pages_of(self.chain(14, 20, 0), TIFF) == 3
        assert pages_of(self.chain(14, 8), TIFF) == 2  # in a circle
        assert pages_of(self.chain(14, 9999), TIFF) == 2  # out of the file
        assert pages_of(b"II*\0", TIFF) == 1
