"""Sentences: English, Chinese and both, and exact places for any text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.analysis import sentences


def cut(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Leave is 15 days.", "Ask HR!", "Why?"],
        ["Dr. Smith earns 3.5 days.", "He left."],
        ["It applies in the U.S.", "The rest is here, e.g. at kbchat.org."],
        ["The U.S. Army base is closed."],
        ["We open at 9 a.m.", "Please ring."],
        ["See No. 5 and Fig. 2.", "Jan. 3 is a holiday."],
        ["Is it allowed?", "No.", "We forbid it."],
        ["Acme Inc. was sold."],
        ["J. R. Tolkien wrote it.", "Plan B is better."],
        ['"Really?" she asked.', "Then she left."],
        ['He said "Stop."', "Then he left."],
        ["Wait... there is more."],
        ["Wait… there is more.", "Good."],
        ["Leave is 15 days.[1]", "It ends in March.[2][3]", "Ask HR."],
        ["**Leave is 15 days.**", "Ask HR."],
        ["iPhone 3.5 costs $1,000.50 at https://example.com/a.b?c=1!x now."],
    ],
)
def test_english(expected: list[str]) -> None:
    assert cut(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["公司有年假。", "共15天！", "对吗？", "对；", "好……", "完"],
        ["他说：“年假有15天。”", "然后走了。"],
        ["（详见附录。）", "下一条是3.5天。"],
        ["“好！”，他说。"],
        ["是吗?", "我不知道.", "真的。"],
        ["第3.2节规定年假为15天；", "病假另计。"],
        ["使用 RAG-Token v2.5.1。", "See the handbook.", "完毕。"],
        ["年假十五天。[1]", "病假十天。[2]"],
    ],
)
def test_chinese(expected: list[str]) -> None:
    text = " ".join(expected) if any("See" in sentence for sentence in expected) else "".join(expected)
    assert cut(text) == expected


def test_lines_and_list_items_are_sentences() -> None:
    text = "Benefits\n\n1. Annual leave\n2. Sick leave. Paid.\n- gym\n一、年假\n（二）病假\r\nEnd"
    assert cut(text) == [
        "Benefits",
        "1. Annual leave",
        "2. Sick leave.",
        "Paid.",
        "- gym",
        "一、年假",
        "（二）病假",
        "End",
    ]


def test_a_line_wrapped_by_its_margin_goes_on() -> None:
    english = "Employees who have completed their probation\nare entitled to leave. Others are not."
    assert cut(english) == [
        "Employees who have completed their probation\nare entitled to leave.",
        "Others are not.",
    ]
    chinese = (
        "凡在本公司连续工作满十二个月以上的正式员工以及经批准的合同制人员，\n均可享受带薪年假。其他人除外。"
    )
    assert cut(chinese)[0].endswith("均可享受带薪年假。")


@pytest.mark.parametrize(
    "rest", ["1.5 days for each month of service.", "U.S. embassy.", "8.30 am on Mondays."]
)
def test_a_wrapped_line_may_go_on_with_a_number_or_an_abbreviation(rest: str) -> None:
    begun = "All members of staff are told the rate and the place of"
    assert cut(f"{begun}\n{rest}") == [f"{begun}\n{rest}"]


@pytest.mark.parametrize(
    "item", ["1. Annual leave", "2.Sick leave", "a) gym", "a. gym", "3、年假", "一、年假"]
)
def test_a_line_with_a_mark_goes_on_from_none(item: str) -> None:
    begun = "All members of staff are told the rate and the place of"
    assert cut(f"{begun}\n{item}") == [begun, item]


MARKS = st.sampled_from(" \n.!?。！？；…”)a1年B[]")


@given(st.text(MARKS | st.characters(exclude_categories=[])))
def test_spans_are_exact_and_leave_out_blanks_only(text: str) -> None:
    end = 0
    for span in sentences(text):
        assert text[end : span.start].strip() == ""
        assert text[span.start : span.end].strip() == text[span.start : span.end] != ""
        end = span.end
    assert text[end:].strip() == ""


@pytest.mark.parametrize(
    "piece", [".", ". ", '."', ".[1]", "*", "\n", "a \n", "U.S. ", "(", "。”", "x" * 31 + "\n"]
)
def test_hostile_text_takes_bounded_time(piece: str) -> None:
    started = time.process_time()
    sentences(piece * (65_536 // len(piece)))
    assert time.process_time() - started < 2.0
