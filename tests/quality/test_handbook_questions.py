"""The committed questions over the public handbook are well formed, true to its pages and not copied.

This module checks the questions only. It must not know how anything is searched or answered: the questions
are the measure, so nothing that is measured may shape them.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import docx
import pypdfium2
import pytest
import snowballstemmer

MOST_SHARED = 0.5
# Words that say how something is asked, not what about. A longer list would only make the measure stricter.
STOP_WORD_LIST = """
a about after all am an and another any are as at be been before being but by can could did do does
doesn don for from get gets go goes going got had has have he her him his how i if in into is it its
just ll m may me more much many my myself need no not of off on one or our out over own put s should
so some someone something somebody still t than that the their them themselves then there they this
to too up us ve very was we were what when where which who why will with without would you your
"""
STOP_WORDS = frozenset(STOP_WORD_LIST.split())
STEMMER = snowballstemmer.stemmer("english")


@dataclass(frozen=True)
class HandbookQuestion:
    """One question; `pages` and `answers` are alternatives, empty where the handbook is silent."""

    id: str
    question: str
    pages: tuple[str, ...]
    answers: tuple[str, ...]
    evidence: str


def read_questions(name: str) -> list[HandbookQuestion]:
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        HandbookQuestion(r["id"], r["question"], tuple(r["pages"]), tuple(r["answers"]), r["evidence"])
        for r in rows
    ]


QUESTIONS = read_questions("handbook_questions.jsonl")
# What the weights of kbchat.answering.weighing were fitted on; it measures nothing.
DEVELOPMENT = read_questions("handbook_development.jsonl")
ANSWERABLE = [question for question in QUESTIONS if question.pages]
UNANSWERABLE = [question for question in QUESTIONS if not question.pages]
EVERY_ANSWERABLE = [question for question in (*QUESTIONS, *DEVELOPMENT) if question.pages]
each_answerable = pytest.mark.parametrize("question", EVERY_ANSWERABLE, ids=[q.id for q in EVERY_ANSWERABLE])


def one_line(text: str) -> str:
    return " ".join(text.split())


@cache
def text_of(path: Path) -> str:
    """The raw text of a page, every run of white space one space."""
    if path.suffix == ".docx":
        document = docx.Document(str(path))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return one_line("\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells]))
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as document:
            return one_line("\n".join(page.get_textpage().get_text_range() for page in document))
    return one_line(path.read_text(encoding="utf-8"))


def without_markup(markdown: str) -> str:
    """The words a reader sees: link targets, emphasis and code marks are gone."""
    return re.sub(r"[*_`]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown))


def content_words(text: str) -> frozenset[str]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return frozenset(STEMMER.stemWords([word for word in words if word not in STOP_WORDS]))


def share_taken(question: str, evidence: str) -> float:
    """The share, 0 to 1, of the question's content words that stand in the evidence too."""
    asked = content_words(question)
    return len(asked & content_words(without_markup(evidence))) / len(asked)


def test_there_are_a_hundred_with_an_answer_and_forty_without() -> None:
    """Of which forty and twenty that nothing was fitted on."""
    assert (len(ANSWERABLE), len(UNANSWERABLE)) == (40, 20)
    assert (len(EVERY_ANSWERABLE), len(QUESTIONS) + len(DEVELOPMENT) - len(EVERY_ANSWERABLE)) == (100, 40)


def test_no_id_and_no_question_stands_twice() -> None:
    both = [*QUESTIONS, *DEVELOPMENT]
    assert not [id_ for id_, times in Counter(q.id for q in both).items() if times > 1]
    assert not [text for text, times in Counter(q.question for q in both).items() if times > 1]


def test_what_is_fitted_on_shares_no_page_with_the_measure() -> None:
    measured = {page for question in QUESTIONS for page in question.pages}
    assert not [q.id for q in DEVELOPMENT if measured & set(q.pages)]


def test_a_question_the_handbook_does_not_treat_names_no_answer_and_no_evidence() -> None:
    assert not [q.id for q in UNANSWERABLE if q.answers or q.evidence]


def test_the_questions_are_spread_over_the_handbook_and_its_formats() -> None:
    folders = {page.split("/")[1] for q in ANSWERABLE for page in q.pages if page.startswith("pages/")}
    formats = Counter(Path(q.pages[0]).suffix for q in ANSWERABLE)
    assert len(folders) >= 10
    assert formats[".docx"] >= 1
    assert formats[".pdf"] >= 1


@each_answerable
def test_every_page_stands_in_the_handbook(question: HandbookQuestion, shared_data: Path) -> None:
    root = shared_data / "handbooks" / "18f"
    assert not [page for page in question.pages if not (root / page).is_file()]


@each_answerable
def test_the_evidence_stands_on_a_page_word_for_word(question: HandbookQuestion, shared_data: Path) -> None:
    root = shared_data / "handbooks" / "18f"
    assert question.evidence
    assert any(one_line(question.evidence) in text_of(root / page) for page in question.pages)


@each_answerable
def test_every_page_named_holds_an_answer(question: HandbookQuestion, shared_data: Path) -> None:
    root = shared_data / "handbooks" / "18f"
    for page in question.pages:
        seen = without_markup(text_of(root / page))
        assert any(answer in seen for answer in question.answers), page


@each_answerable
def test_the_evidence_holds_an_answer(question: HandbookQuestion) -> None:
    assert any(answer in without_markup(question.evidence) for answer in question.answers)


@each_answerable
def test_the_question_is_not_worded_like_the_sentence_that_answers_it(question: HandbookQuestion) -> None:
    assert share_taken(question.question, question.evidence) <= MOST_SHARED


def test_a_copied_question_would_be_found() -> None:
    sentence = "Employees must **submit** their [receipts](https://example.test/form) within five days."
    assert share_taken("When must an employee submit receipts?", sentence) > MOST_SHARED
    assert share_taken("How long until I hand in the bills?", sentence) == 0
