"""Plain text: paragraphs, items, careful headings, in English and Chinese."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.parsing import BlockKind, parse
from kbchat.parsing.numbered_headings import numbered_rank
from tests.rules.parsing_support import check_promises, outline, parsed, texts

HANDBOOK = """\
员工休假管理制度

第一章 总则

第一条 为规范公司员工休假管理，保障员工合法权益，根据国家有关规定，结合公
司实际情况，制定本制度。
第二条 本制度适用于与公司签订劳动合同的全体员工。

第二章 年休假

一、申请流程

（一）提前申请
1. 登录系统
2、填写表单
"""


def test_a_chinese_policy() -> None:
    assert outline(parsed(HANDBOOK, "制度.txt")) == [
        ("heading", "员工休假管理制度"),
        ("heading", "第一章 总则"),
        (
            "paragraph",
            (
                "第一条 为规范公司员工休假管理，保障员工合法权益，根据国家有关规定，"
                "结合公司实际情况，制定本制度。"
            ),
        ),
        ("paragraph", "第二条 本制度适用于与公司签订劳动合同的全体员工。"),
        ("heading", "第二章 年休假"),
        ("heading", "一、申请流程"),
        ("heading", "（一）提前申请"),
        ("list_item", "1. 登录系统"),
        ("list_item", "2、填写表单"),
    ]


def test_levels_are_without_holes() -> None:
    document = parsed(HANDBOOK, "制度.txt")
    headings = [block for block in document.blocks if block.kind is BlockKind.HEADING]
    assert [heading.level for heading in headings] == [1, 2, 2, 3, 4]
    assert document.blocks[-1].heading_path == (
        "员工休假管理制度",
        "第二章 年休假",
        "一、申请流程",
        "（一）提前申请",
    )


def test_a_first_line_on_its_own_is_the_title() -> None:
    assert parsed(HANDBOOK, "x.txt").title == "员工休假管理制度"
    assert parsed("Leave policy\n\nFirst paragraph.\n\nSecond paragraph.", "x.txt").title == "Leave policy"


@pytest.mark.parametrize(
    "first", ["Dear colleagues,", "It has been decided.", "- item", "12 34 56", "word " * 20]
)
def test_other_first_lines_are_not(first: str) -> None:
    assert parsed(f"{first}\n\nFirst paragraph.\n\nSecond paragraph.", "name.txt").title == "name"


@pytest.mark.parametrize("first", ["第一章 总则", "1. Purpose", "1.1 Scope", "Chapter 1", "一、申请流程"])
def test_a_heading_with_a_number_is_no_title(first: str) -> None:
    document = parsed(f"{first}\n\nFirst paragraph.\n\nSecond paragraph.", "name.txt")
    assert (document.title, outline(document)[0]) == ("name", ("heading", first))


def test_the_name_is_the_title_otherwise() -> None:
    assert parsed("text", r"C:\docs\Leave_policy.v2.txt").title == "Leave policy.v2"


def test_english_structure() -> None:
    document = parsed(
        "Introduction\n============\nThis is a paragraph that somebody has wrapped by hand at about\n"
        "seventy columns, as people do.\n\nGENERAL PROVISIONS\n\n- first item\n- second item\n  goes on\n\n"
        "12 Main Street\nSpringfield\n",
        "x.txt",
    )
    assert outline(document) == [
        ("heading", "Introduction"),
        (
            "paragraph",
            "This is a paragraph that somebody has wrapped by hand at about seventy columns, as people do.",
        ),
        ("heading", "GENERAL PROVISIONS"),
        ("list_item", "first item"),
        ("list_item", "second item goes on"),
        ("paragraph", "12 Main Street\nSpringfield"),
    ]


def test_lines_too_long_to_be_wrapped_are_paragraphs() -> None:
    long = "word " * 60
    assert len(parsed(f"{long}\n{long}\nshort\n", "x.txt").blocks) == 3


def test_rules_and_form_feeds_only_separate() -> None:
    assert outline(parsed("one.\n\n-----\n\ntwo\fthree", "x.txt")) == [
        ("paragraph", "one."),
        ("paragraph", "two"),
        ("paragraph", "three"),
    ]


@pytest.mark.parametrize(
    ("line", "alone", "is_heading"),
    [
        ("第一章 总则", False, True),
        ("第十二条 员工享有年休假。", False, False),
        ("第三节 审批", False, True),
        ("一、适用范围", False, True),
        ("一、员工应当在三日之内提交申请，并由部门经理审批通过后方可休假；", False, False),
        ("（二）审批流程", False, True),
        ("1.2 Scope", False, True),
        ("1.2 The employee gives notice.", True, False),
        ("1 Scope", False, False),
        ("1 Scope", True, True),
        (
            "3.14 is about pi and this sentence goes on for very much longer than any heading would do here",
            True,
            False,
        ),
        ("Chapter 3", False, True),
        (
            "Chapter 3 tells a story of people who went to the sea and never came back again, it is said so",
            True,
            False,
        ),
        ("2025年1月1日", True, False),
        ("附录A", False, True),
        ("附件请查收", True, False),
    ],
)
def test_numbered_headings_are_recognised_carefully(line: str, alone: bool, is_heading: bool) -> None:
    assert (numbered_rank(line, stands_alone=alone) is not None) == is_heading


WORDS = st.text("abcdefg 年假政策，。\n", max_size=300)


@given(WORDS)
def test_no_character_is_lost(text: str) -> None:
    document = parse(("x" + text).encode(), "x.txt")
    check_promises(document)
    assert re.sub(r"\s", "", document.text) == re.sub(r"\s", "", "x" + text)


@given(
    st.text(st.one_of(st.characters(exclude_categories=["Cc", "Cs"]), st.sampled_from("\n\t")), max_size=300)
)
def test_any_text_keeps_the_promises(text: str) -> None:
    check_promises(parse(("x" + text).encode("utf-8", "replace"), "x.txt"))


def test_items_have_depth() -> None:
    document = parsed("• 一级\n    • 二级\n", "x.txt")
    assert [block.level for block in document.blocks] == [1, 3]
    assert texts(document, BlockKind.LIST_ITEM) == ["一级", "二级"]
