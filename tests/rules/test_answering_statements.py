"""What of a passage can be quoted, and where it begins and ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.answering.statements import cell_at, head_above, statements_of
from kbchat.core.text import Span
from tests.rules.answering_support import passage


@given(st.text(max_size=200) | st.text(alphabet="天。\n|:：？ a1.- ", max_size=80))
def test_statements_are_slices_of_their_passage(text: str) -> None:
    whole = passage(text, number=1)
    for statement in statements_of([whole]):
        assert text[statement.span.start : statement.span.end] == statement.text
        assert statement.text.strip()
        for part in (statement.lead_in, statement.header):
            assert part is None or part.end <= statement.span.start


@pytest.mark.parametrize(
    "text",
    [
        "1.5 days of leave accrue each month.",
        "12.5% of the salary is paid.",
        "8.30 am is the start.",
        "U.S. employees file form W-4.",
        "e.g. the Berlin office",
        "J. Smith approves the invoices.",
        "一、二线城市每晚500元。",
        "三、四月为招聘旺季。",
        "1、2号楼禁止吸烟。",
        "A、B类员工可以报销。",
        "1.1本制度适用于全体员工。",
    ],
)
def test_a_sentence_keeps_a_head_that_looks_like_a_mark(text: str) -> None:
    assert [each.text for each in statements_of([passage(text, number=1)])] == [text]


@pytest.mark.parametrize(
    "mark", ["- ", "• ", "1. ", "1.", "12）", "(a) ", "a. ", "B) ", "一、", "十二、", "1、", "A、", "（三）"]
)
def test_a_mark_is_no_part_of_its_statement(mark: str) -> None:
    for text in ("员工每年享有年假。", "Employees have leave."):
        if mark != "A、" or not text.isascii():
            assert [each.text for each in statements_of([passage(mark + text, number=1)])] == [text]


def test_a_caption_is_no_statement_and_the_heading_of_its_table() -> None:
    rows = "Room | Seats\nElbe | 24"
    told = statements_of(
        [
            passage(f"Desks are shared.\nMeeting rooms\n{rows}\n\nThe largest is Elbe.", number=1),
            passage("Desks are shared.\n\nMeeting rooms", number=2),
        ]
    )
    assert [each.text for each in told] == [
        "Desks are shared.",
        "Elbe | 24",
        "The largest is Elbe.",
        "Desks are shared.",
    ]
    assert [each.heading == "Meeting rooms" for each in told] == [False, True, False, False]


@pytest.mark.parametrize(
    "text", ["Meeting rooms", "Call:\n\nExtension 210", "Rooms are free.\n\nBook one.", "- one\n\n- two"]
)
def test_a_line_that_tells_something_is_no_caption(text: str) -> None:
    assert len(statements_of([passage(text, number=1)])) == len(text.split("\n\n"))


def test_a_cell_is_known_with_the_head_of_its_column() -> None:
    table = passage("Grade | Hotel | Meals\nStaff | 400 EUR |  | 100 EUR\nManager |  | 150 EUR", number=1)
    uneven, row = statements_of([table])
    at = row.text.index("150 EUR")
    cell = cell_at(row.text, at)
    assert row.text[cell.start : cell.end] == "150 EUR"
    assert (head_above(row, at, table), head_above(row, 0, table)) == ("Meals", "Grade")
    assert cell_at(row.text, 2) == Span(0, len("Manager"))
    assert head_above(uneven, uneven.text.index("400 EUR"), table) == ""


def test_what_has_no_header_has_no_heads() -> None:
    alone = passage("Staff | 400 EUR", number=1)
    (row,) = statements_of([alone])
    assert head_above(row, 0, alone) == ""
