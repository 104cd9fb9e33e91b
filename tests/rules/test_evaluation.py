"""Reading golden questions, comparing answers with what is expected, adding up, and the bars for figures."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kbchat.core.errors import Invalid
from kbchat.evaluation.answer_reporting import (
    answers_as_json,
    answers_picture,
    answers_table,
    by_set,
    line,
)
from kbchat.evaluation.citations import CitationFigures
from kbchat.evaluation.comparing import contains_any
from kbchat.evaluation.figures import MEANINGS, counts_of, figures_of, times_of
from kbchat.evaluation.gates import read_gate
from kbchat.evaluation.golden import GoldenQuestion, read_golden_questions
from kbchat.evaluation.measuring import Measured

ANSWERED = Measured(
    id="a",
    set="one",
    question="How many days?",
    is_answerable=True,
    state="done",
    answer="Five days.",
    found_at=[1],
    contains_answer=True,
    citations=CitationFigures(statements=2, supported=1, citations=3, needed=2),
    cited=3,
    on_expected=2,
    verified={"supported": 1, "unsupported": 1, "not_factual": 4},
    leaks=[],
    disagreements=[],
    probability=0.8,
    seconds={"searching": 0.2, "whole": 0.5},
)
REFUSED = replace(
    ANSWERED,
    state="refused",
    answer="",
    contains_answer=None,
    citations=CitationFigures(0, 0, 0, 0),
    verified={},
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You have **5 days** of leave.", "5 days"),
        ("You have 5\n  Days of leave.", "5 days"),
        ("Send it to a\\_b@example.com.", "a_b@example.com"),
        ("| Grade | Up to $1,500 |", "$1500"),
        ("See [the *form*](https://example.com/5) there", "the form"),
        ("员工每年享有 15 天年假。", "15 天"),
        ("年假最多結轉五天", "五天"),
        ("上海新员工的试用期是3个月。", "3 个月"),
        ("每月 10日 和 25 日付款", "10 日和 25 日"),
        ("It was founded in 1998[3].", "1998"),
        ("It takes 5-10 days, from Section 2.Leave on.", "10 days"),
        ("It takes 5-10 days, from Section 2.Leave on.", "leave"),
        ("- 5 days", "5 days"),
        ("At -5 °C", "-5 °C"),
        ("It is 5.", "5"),
        ("ISO-27001 applies", "27001"),
    ],
)
def test_the_expected_words_are_found_whatever_their_dress(text: str, expected: str) -> None:
    assert contains_any(text, [expected])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You have 15 days.", "5 days"),
        ("5 daysheets", "5 days"),
        ("", "5 days"),
        ("five", ""),
        ("no", ""),
        ("You have 3.5 days.", "5 days"),
        ("It costs 1,5 Euro.", "5 Euro"),
        ("At 12:30", "30"),
        ("About 2.5 days", "2"),
        ("At -5 °C", "5 °C"),
        ("病假十五天。", "五天"),
        ("试用期为13个月", "3 个月"),
        ("年假为二十五天", "十五天"),
        ("预算为十五万元", "十五"),
    ],
)
def test_other_words_are_not(text: str, expected: str) -> None:
    assert not contains_any(text, [expected])


def test_questions_are_read_with_their_alternatives(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "question": "几天？", "pages": ["a.md"], "answers": ["5 天", "五天"], "evidence": "x"},
        {"id": "2", "question": "Why?", "pages": [], "answers": [], "viewer": "maya@x", "hidden": ["b.md"]},
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    first, second = read_golden_questions(path)
    assert first == GoldenQuestion("1", "几天？", ("a.md",), ("5 天", "五天"))
    assert second == GoldenQuestion("2", "Why?", (), (), "maya@x", ("b.md",))
    assert (first.is_answerable, second.is_answerable) == (True, False)


def test_what_ends_lines_elsewhere_ends_none_here(tmp_path: Path) -> None:
    row = {"id": "1", "question": "What is\u2028new\u0085here?", "pages": ["a.md"], "answers": ["x"]}
    path = tmp_path / "questions.jsonl"
    path.write_bytes(json.dumps(row, ensure_ascii=False).encode() + b"\r\n")
    assert [each.question for each in read_golden_questions(path)] == [row["question"]]


@pytest.mark.parametrize(
    "text", ["not json", '{"id": "1"}', "[]", '{"id":"1","question":"q","pages":null,"answers":[]}']
)
def test_a_broken_file_says_where(tmp_path: Path, text: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        read_golden_questions(path)
    assert caught.value.facts == {"name": "questions.jsonl", "line": 1}
    with pytest.raises(Invalid):
        read_golden_questions(tmp_path / "missing.jsonl")


def test_each_kind_of_question_is_counted_by_its_own_measure() -> None:
    late = replace(ANSWERED, found_at=[6], contains_answer=False, on_expected=0)
    silent = replace(ANSWERED, is_answerable=False, found_at=[], contains_answer=None)
    measured = [
        ANSWERED,
        late,
        replace(REFUSED, found_at=[None]),
        silent,
        replace(REFUSED, is_answerable=False, found_at=[]),
        replace(REFUSED, is_answerable=False, found_at=[], state="failed", leaks=["version"]),
    ]
    figures = figures_of(measured)
    assert figures["recall_at_5"] == pytest.approx(1 / 3)
    assert figures["recall_at_10"] == pytest.approx(2 / 3)
    assert figures["right_answers"] == pytest.approx(1 / 3)
    assert figures["false_refusals"] == pytest.approx(1 / 3)
    assert figures["false_answers"] == pytest.approx(1 / 3)
    assert figures["citation_recall"] == pytest.approx(1 / 2)
    assert figures["citation_precision"] == pytest.approx(2 / 3)
    assert figures["citations_on_expected"] == pytest.approx(2 / 6)
    assert figures["supported_share"] == pytest.approx(1 / 2)
    assert figures["leak_score"] == figures["unfinished"] == pytest.approx(1 / 6)
    assert figures.keys() == MEANINGS.keys()
    assert counts_of(measured) == {
        "answerable": 3,
        "answerable_refused": 1,
        "unanswerable": 3,
        "unanswerable_refused": 1,
    }
    assert times_of(measured)["searching"] == (0.2, 0.2)


def test_several_things_that_an_answer_needs_are_each_looked_for() -> None:
    both = replace(ANSWERED, found_at=[1, 7])
    assert (both.recall(5), both.recall(10)) == (0.5, 1.0)


def test_sets_stand_beside_each_other_and_together() -> None:
    groups = by_set([ANSWERED, replace(REFUSED, set="two")])
    assert list(groups) == ["one", "two", "all"]
    table = answers_table(groups, "a judge")
    assert "| recall_at_5 | 1.000 | 1.000 | 1.000 |" in table
    assert "| false_answers | – | – | – |" in table
    assert "Support is judged by a judge." in table
    told = json.loads(json.dumps(answers_as_json(groups, "a judge")))
    assert told["sets"]["two"]["counts"]["answerable_refused"] == 1
    assert len(told["questions"]) == 2
    assert answers_picture(groups).startswith("<svg ")
    assert list(by_set([ANSWERED])) == ["one"]


def test_a_line_says_what_is_wrong() -> None:
    assert " yes " in line(ANSWERED)
    assert " NO " in line(replace(ANSWERED, contains_answer=False))
    assert "LEAK" in line(replace(ANSWERED, leaks=["version"]))


@pytest.mark.parametrize(
    ("written", "value", "holds"),
    [
        ("false_answers<=.15", 0.15, True),
        ("false_answers <= 0.15", 0.16, False),
        ("citation_precision>=.9", 0.9, True),
        ("citation_precision>=.9", 0.89, False),
        ("leak_score<=0", 0.0, True),
        ("leak_score<=0", None, False),
    ],
)
def test_a_gate_holds_or_not_and_nothing_measured_holds_none(
    written: str, value: float | None, *, holds: bool
) -> None:
    gate = read_gate(written, MEANINGS)
    assert gate.holds({gate.name: value}) is holds


@pytest.mark.parametrize(
    "written", ["false_answers<.15", "speed<=1", "false_answers<=", "leak_score<=-1", ""]
)
def test_what_is_no_gate_is_refused(written: str) -> None:
    with pytest.raises(Invalid, match="gate_unreadable"):
        read_gate(written, MEANINGS)
