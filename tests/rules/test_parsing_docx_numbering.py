"""DOCX: numbers that are defined in a roundabout way, as Word prints them."""

from collections.abc import Sequence
from typing import Any

import docx
from docx.oxml import parse_xml

from kbchat.parsing import BlockKind
from tests.rules.docx_support import W, saved
from tests.rules.parsing_support import parsed, texts


def level(depth: int, form: str, pattern: str, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
    )


def printed(
    items: Sequence[tuple[str, int, int]],
    *,
    abstracts: Sequence[str],
    numbers: Sequence[str] = (),
    styles: str = "",
) -> list[str]:
    """Items are texts with their level and numId; definitions and numIds count from 1."""
    document = docx.Document()
    numbering: Any = document.part.numbering_part.element
    for known in list(numbering):
        numbering.remove(known)
    for identity, inside in enumerate(abstracts, 1):
        numbering.append(
            parse_xml(f'<w:abstractNum {W} w:abstractNumId="{identity}">{inside}</w:abstractNum>')
        )
    for identity, inside in enumerate(numbers or ['<w:abstractNumId w:val="1"/>'], 1):
        numbering.append(parse_xml(f'<w:num {W} w:numId="{identity}">{inside}</w:num>'))
    if styles:
        document.styles.element.append(parse_xml(styles))
    for text, depth, identity in items:
        document.add_paragraph(text)._p.get_or_add_pPr().append(
            parse_xml(f'<w:numPr {W}><w:ilvl w:val="{depth}"/><w:numId w:val="{identity}"/></w:numPr>')
        )
    return texts(parsed(saved(document), "a.docx"), BlockKind.LIST_ITEM)


CHAPTERS = [("a", 0, 1), ("b", 1, 1), ("c", 1, 1), ("d", 0, 1), ("e", 1, 1)]


def test_articles_that_run_through_the_chapters() -> None:
    form = "chineseCountingThousand"
    inside = level(0, form, "第%1章") + level(1, form, "第%2条", '<w:lvlRestart w:val="0"/>')
    assert printed(CHAPTERS, abstracts=[inside]) == [
        "第一章 a",
        "第一条 b",
        "第二条 c",
        "第二章 d",
        "第三条 e",
    ]


def test_a_level_that_starts_again_below_the_first_only() -> None:
    inside = "".join(
        level(depth, "decimal", f"{depth}-%{depth + 1}", '<w:lvlRestart w:val="1"/>' * (depth == 2))
        for depth in range(3)
    )
    items = [
        ("a", 0, 1),
        ("b", 1, 1),
        ("c", 2, 1),
        ("d", 1, 1),
        ("e", 2, 1),
        ("f", 0, 1),
        ("g", 1, 1),
        ("h", 2, 1),
    ]
    assert printed(items, abstracts=[inside]) == [
        "0-1 a", "1-1 b", "2-1 c", "1-2 d", "2-2 e", "0-2 f", "1-1 g", "2-1 h",
    ]  # fmt: skip


def test_legal_numbers_are_printed_in_figures() -> None:
    inside = level(0, "upperRoman", "Article %1.") + level(1, "decimalZero", "Section %1.%2", "<w:isLgl/>")
    assert printed(CHAPTERS, abstracts=[inside]) == [
        "Article I. a", "Section 1.01 b", "Section 1.02 c", "Article II. d", "Section 2.01 e",
    ]  # fmt: skip


def test_a_list_that_is_defined_by_a_style() -> None:
    style = (
        f'<w:style {W} w:type="numbering" w:styleId="Rules"><w:name w:val="Rules"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    abstracts = [
        '<w:styleLink w:val="Rules"/>' + level(0, "decimal", "§ %1"),
        '<w:numStyleLink w:val="Rules"/>',
        '<w:numStyleLink w:val="Nowhere"/>',
    ]
    numbers = [f'<w:abstractNumId w:val="{identity}"/>' for identity in (1, 2, 3)]
    items = [("a", 0, 2), ("b", 0, 2), ("c", 0, 3)]
    assert printed(items, abstracts=abstracts, numbers=numbers, styles=style) == ["§ 1 a", "§ 2 b", "c"]


def test_levels_that_one_list_defines_for_itself() -> None:
    own = level(0, "lowerLetter", "(%1)")
    override = f'<w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/>{own}</w:lvlOverride>'
    numbers = ['<w:abstractNumId w:val="1"/>', f'<w:abstractNumId w:val="1"/>{override}']
    items = [("x", 0, 1), ("y", 0, 2), ("z", 0, 2)]
    assert printed(items, abstracts=[level(0, "decimal", "%1.")], numbers=numbers) == [
        "1. x",
        "(d) y",
        "(e) z",
    ]
