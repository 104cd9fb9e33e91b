"""Reading golden questions, comparing answers with what is expected, and adding up."""

import json
from pathlib import Path

import pytest

from kbchat.core.errors import Invalid
from kbchat.evaluation.comparing import contains_any
from kbchat.evaluation.golden import GoldenQuestion, read_golden_questions
from kbchat.evaluation.measuring import Measured
from kbchat.evaluation.reporting import Totals, as_json, line, summary, totals


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
    ],
)
def test_the_expected_words_are_found_whatever_their_dress(text: str, expected: str) -> None:
    assert contains_any(text, [expected])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("You have 15 days.", "5 days"), ("5 daysheets", "5 days"), ("", "5 days"), ("five", ""), ("no", "")],
)
def test_other_words_are_not(text: str, expected: str) -> None:
    assert not contains_any(text, [expected])


def test_questions_are_read_with_their_alternatives(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "question": "几天？", "pages": ["a.md"], "answers": ["5 天", "五天"], "evidence": "x"},
        {"id": "2", "question": "Why?", "pages": [], "answers": []},
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    first, second = read_golden_questions(path)
    assert first == GoldenQuestion("1", "几天？", ("a.md",), ("5 天", "五天"))
    assert (first.is_answerable, second.is_answerable) == (True, False)


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


def test_totals_count_each_kind_of_question_by_its_own_measure() -> None:
    asked = GoldenQuestion("a", "How many?", ("a.md",), ("5",))
    silent = GoldenQuestion("s", "Who?", (), ())

    def measured(question: GoldenQuestion, found_at: int | None, state: str, *, contains: bool) -> Measured:
        return Measured(question, found_at, 0.5, state, "", contains, 0.1)

    all_measured = [
        measured(asked, 1, "done", contains=True),
        measured(asked, 5, "done", contains=False),
        measured(asked, None, "refused", contains=False),
        measured(silent, None, "refused", contains=False),
        measured(silent, None, "done", contains=False),
    ]
    assert totals(all_measured) == Totals(
        answerable=3, pages_found=2, answers_containing=1, answered=2, unanswerable=2, refused=1
    )
    assert [" 2 of 3" in words for words in summary(all_measured)] == [True, False, False]
    assert [" NO " in line(one) for one in all_measured] == [False, True, True, False, True]
    assert json.loads(json.dumps(as_json(all_measured)))["totals"]["refused"] == 1
