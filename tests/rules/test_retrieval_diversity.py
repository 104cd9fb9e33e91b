"""Which ranked passages are shown: nothing twice, and no document that fills the list alone (T41)."""

import time
from uuid import uuid5

import pytest

from kbchat.retrieval.diversity import distinct, diverse
from kbchat.retrieval.port import Passage
from tests.rules.answering_support import NAMES, passage

NOTICE = (
    "Everybody who visits the plant signs in at the gate, keeps to the marked ways, and gives the badge back before "
    "leaving. Photographs need a permit from the site office in writing."
)


def of(document: str, number: int, text: str = "") -> Passage:
    return passage(
        text or f"{document} tells the matter {'abcdefghijklmnop'[number]} by itself.",
        title=document,
        number=hash((document, number)) % 10**9,
    )


def told(passages: list[Passage]) -> list[str]:
    return [found.text for found in passages]


def test_a_document_has_at_most_half_while_others_have_something() -> None:
    ranked = [
        *(of("Flood", n) for n in range(12)),
        of("True source", 0),
        of("Other", 0),
        of("Third", 0),
        of("Last", 0),
    ]
    shown = diverse(ranked, 8)
    assert [found.title for found in shown] == ["Flood"] * 4 + ["True source", "Other", "Third", "Last"]


def test_where_nothing_else_is_there_it_has_all_in_its_order() -> None:
    ranked = [of("Only", n) for n in range(12)]
    assert diverse(ranked, 8) == ranked[:8]
    mixed = [*ranked[:6], of("Other", 0)]
    assert diverse(mixed, 8) == [*ranked[:4], mixed[-1], *ranked[4:6]]


@pytest.mark.parametrize(
    "copy",
    [
        NOTICE,
        NOTICE.upper(),
        NOTICE.replace(", ", ",\n  "),
        NOTICE.replace("in writing", "in writing!"),
        "“" + NOTICE.replace("ways", "ｗａｙｓ") + "”",
    ],
)
def test_what_was_said_is_not_said_again(copy: str) -> None:
    first, again, other = of("Hamburg", 0, NOTICE), of("Shanghai", 0, copy), of("Canteen", 0)
    assert list(distinct([first, again, other])) == [first, other]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (NOTICE + " The gate opens at 7.", NOTICE + " The gate opens at 8."),
        (NOTICE, NOTICE.replace("keeps", "never keeps")),
        ("1. – 2.", "1. – 3."),
        ("— * —", "* * *"),
        ("年假为十五天。", "病假为十五天。"),
        ("Yes.", "No."),
        ("The surcharge is 1.5 per cent.", "The surcharge is 15 per cent."),
        ("Allowance: 12.50 EUR", "Allowance: 1250 EUR"),
        ("At least -5 °C", "At least 5 °C"),
        ("Orders ≤ 500 EUR", "Orders ≥ 500 EUR"),
        ("| Berlin | ✓ |", "| Berlin | ✗ |"),
        ("| Parking | 1 | 23 |", "| Parking | 12 | 3 |"),
        ("Use C++ for firmware.", "Use C for firmware."),
        ("Version 2.1.0 is supported.", "Version 2.10 is supported."),
        ("上限为1.5万元。", "上限为15万元。"),
        ("Valid 1/12/2025.", "Valid 11/2/2025."),
    ],
)
def test_what_differs_in_a_number_a_sign_or_a_word_is_said(one: str, other: str) -> None:
    ranked = [of("Hamburg", 0, one), of("Shanghai", 0, other)]
    assert told(list(distinct(ranked))) == [one, other]


def test_the_same_words_under_other_headings_say_another_thing() -> None:
    ranked = [
        passage("Up to 120 EUR a night.", title="Travel", headings=("Travel", "Hotels", city), number=number)
        for number, city in enumerate(("Berlin", "Munich"), 1)
    ]
    assert list(distinct(ranked)) == ranked


def test_a_notice_of_several_handbooks_is_one_whatever_their_names() -> None:
    ranked = [
        passage(NOTICE, title=place, headings=(place, "Visitors"), number=number)
        for number, place in enumerate(("Hamburg", "Shanghai"), 1)
    ]
    assert list(distinct(ranked)) == ranked[:1]


def test_marks_without_end_take_bounded_time() -> None:
    started = time.process_time()
    list(distinct([of("Hamburg", 0, "1" + " . " * 20_000 + "2")]))
    assert time.process_time() - started < 1


def test_copies_in_chinese_are_one() -> None:
    text = "来访人员须在门卫处登记，佩戴访客证，沿指定路线行走，离开前交还访客证。拍照须经办公室书面许可。"
    ranked = [of("上海", 0, text), of("汉堡", 0, text.replace("，沿", "， 沿"))]
    assert list(distinct(ranked)) == ranked[:1]


def test_a_copy_takes_no_share_of_its_document() -> None:
    ranked = [
        of("Flood", 0),
        *(of("Flood", n, of("Flood", 0).text) for n in range(1, 5)),
        of("Flood", 5),
        of("Flood", 6),
    ]
    assert told(diverse(distinct(ranked), 6)) == [ranked[0].text, ranked[5].text, ranked[6].text]


def test_documents_are_told_apart_by_their_ids() -> None:
    assert of("A", 0).document_id == uuid5(NAMES, "A") != of("B", 0).document_id
