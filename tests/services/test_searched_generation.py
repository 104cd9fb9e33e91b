"""What is traced of a search is the generation that was read, whatever was pinned; and no search reads two."""

from typing import Any

import pytest

from kbchat.retrieval import retriever as module
from kbchat.retrieval.dense import Vectors
from kbchat.retrieval.inverted_index import InvertedIndex, InvertedIndexes
from kbchat.retrieval.retriever import PostgresRetriever
from tests.services.rebuilding_support import answering, build, company_with_pages, encoders

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = "How many days of annual leave are there?"


def test_a_search_tells_what_it_read_and_reads_one_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    company = company_with_pages()
    first, new = answering().pk, build(company.admin, "small").generation_id
    retriever = PostgresRetriever(encoders())

    def searched(generation_id: int | None) -> int | None:
        pin = retriever.pin(generation_id)
        return retriever.retrieve(company.admin, QUESTION, pin, limit=5).trace.generation_id

    assert [searched(first), searched(new)] == [first, new]

    def of_the_first(*_: Any, **__: Any) -> InvertedIndex:
        return InvertedIndex(first)

    monkeypatch.setattr(InvertedIndexes, "of", of_the_first)
    with pytest.raises(ValueError, match="two generations"):
        searched(new)
    # Nothing of the other one is left: by words alone, since the encoder is the other's.
    monkeypatch.setattr(module, "Vectors", lambda _, count, has_graph: Vectors(first, count, has_graph))
    monkeypatch.setattr(PostgresRetriever, "_vector", lambda *_: None)
    assert searched(new) == first
