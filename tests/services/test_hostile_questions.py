"""No question raises: not in the analysis, and not in the retriever as it runs."""

from dataclasses import replace

import pytest

from kbchat.analysis import Glossary, analyse, content_words, expand_query, language_of
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import only
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company
from tests.hostile_questions import EXTREMES, hostile_questions
from tests.services.retrieval_support import CHINESE, EMBEDDER, ENGLISH, write_page

GLOSSARY = Glossary.of([["PTO", "annual leave", "年假"], ["C++", "(a+)+", "%s"], ["28", "x-ray"]])
MANY = 10_000


def analysed(count: int) -> int:
    """How many of them have a term at all."""
    found = 0
    for question in hostile_questions(count):
        terms = analyse(question)
        assert all(0 < len(term) <= 64 for term in [*terms, *content_words(question)])
        assert language_of(question) in ("en", "zh", "other")
        expand_query(question, GLOSSARY)
        found += bool(terms)
    return found


def searched(viewer: Viewer, count: int) -> int:
    """How many of them find something."""
    retriever, found = PostgresRetriever(only(EMBEDDER)), 0
    pin = replace(retriever.pin(), glossary=GLOSSARY)
    for question in hostile_questions(count):
        told = retriever.retrieve(viewer, question, pin, limit=3)
        assert len(told.passages) == len(told.probabilities) <= 3
        assert 0 <= told.null_probability <= 1
        assert sum(told.probabilities) == pytest.approx(1 if told.passages else 0)
        found += bool(told.passages)
    return found


@pytest.fixture
def asked(company: Company) -> Viewer:
    write_page(company.handbook, [*ENGLISH, *CHINESE])
    return company.reader


def test_they_are_of_every_kind_and_the_same_again() -> None:
    questions = list(hostile_questions(1000))
    assert questions == list(hostile_questions(1000))
    assert set(EXTREMES) <= set(questions)
    assert len(set(questions)) > 900
    assert max(map(len, questions)) == 65_536
    made = "\n".join(questions[len(EXTREMES) :])
    for sign in ("\0", "\u202e", "\u200d", "\u0301", "年假", "%", "<->", "title:(", "(a+)+", "$$"):
        assert sign in made, ascii(sign)
    assert any("\ud800" <= sign <= "\udfff" for sign in made)


def test_no_hostile_question_raises() -> None:
    assert analysed(400) > 200


@pytest.mark.django_db
def test_no_hostile_search_raises(asked: Viewer) -> None:
    assert searched(asked, 50) > 20


@pytest.mark.slow
def test_none_of_ten_thousand_raises() -> None:
    assert analysed(MANY) > MANY / 2


@pytest.mark.slow
@pytest.mark.django_db
def test_none_of_five_hundred_searches_raises(asked: Viewer) -> None:
    assert searched(asked, 500) > 250
