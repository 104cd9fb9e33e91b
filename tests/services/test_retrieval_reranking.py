"""A reranker in retrieval: it may change the order of what the viewer may read, and nothing else."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from kbchat.indexing.encoders import only
from kbchat.inference.ports import ModelUnavailable
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, found_company
from tests.services.retrieval_support import EMBEDDER, received, write_page

pytestmark = pytest.mark.django_db

QUESTION = "How many days of leave?"
TEXTS = [f"Days of leave, part {letter}, leave leave." for letter in "abcdef"]
SECRET = "Days of leave of the board, leave leave."


class Recording:
    """Finds what holds `wanted` relevant, or fails; remembers what it was given."""

    def __init__(self, wanted: str = "", *, fails: bool = False) -> None:
        self.wanted, self.fails, self.read = wanted, fails, list[str]()

    def relevance(self, question: str, passages: Sequence[str]) -> npt.NDArray[np.float64]:
        self.read += passages
        if self.fails:
            raise ModelUnavailable(ModelUnavailable.Reason.TIMED_OUT)
        return np.array([0.9 if self.wanted in passage else 0.1 for passage in passages])


@pytest.fixture
def company() -> Company:
    company = found_company()
    for number, text in enumerate(TEXTS):
        write_page(company.handbook, [text], title=f"Page {number}")
    write_page(company.salaries, [SECRET], title="Board")
    return company


def test_what_it_finds_relevant_comes_first_with_its_probability(company: Company) -> None:
    reranker = Recording("part f")
    retriever = PostgresRetriever(only(EMBEDDER), reranker=reranker)
    plain = PostgresRetriever(only(EMBEDDER))
    before = plain.retrieve(company.reader, QUESTION, plain.pin(), limit=4)
    after = retriever.retrieve(company.reader, QUESTION, retriever.pin(), limit=4)
    assert "part f" in after.passages[0].text
    assert "part f" not in before.passages[0].text
    assert sum(after.probabilities) == pytest.approx(1)
    # Nine times as likely as each of the others, as far as their own scores are alike.
    assert after.probabilities[0] > 5 * after.probabilities[1]
    others = [passage.text for passage in after.passages[1:]]
    assert others == [passage.text for passage in before.passages if "part f" not in passage.text][:3]


def test_it_reads_what_the_viewer_may_read_and_nothing_else(company: Company) -> None:
    """T1, T2."""
    reranker = Recording()
    retriever = PostgresRetriever(only(EMBEDDER), reranker=reranker)
    retriever.retrieve(company.reader, QUESTION, retriever.pin(), limit=4)
    assert len(reranker.read) == len(TEXTS)
    assert not any("board" in passage.casefold() for passage in reranker.read)


def test_it_reads_no_words_twice(company: Company) -> None:
    for number in range(60):
        write_page(company.handbook, [TEXTS[0]], title=f"Copy {number}")
    reranker = Recording()
    retriever = PostgresRetriever(only(EMBEDDER), reranker=reranker)
    found = retriever.retrieve(company.reader, QUESTION, retriever.pin(), limit=6)
    assert len(reranker.read) == len(TEXTS)
    assert {passage.text for passage in found.passages} == set(TEXTS)


def test_where_it_fails_the_order_stays(company: Company) -> None:
    failing = PostgresRetriever(only(EMBEDDER), reranker=Recording(fails=True))
    plain = PostgresRetriever(only(EMBEDDER))
    found = [
        received(retriever.retrieve(company.reader, QUESTION, retriever.pin(), limit=4))
        for retriever in (failing, plain)
    ]
    assert found[0] == found[1]
