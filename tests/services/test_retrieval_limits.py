"""What a search costs and what it survives: strange questions, deadlines, an encoder that is away."""

import re
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kbchat.access.viewing import viewing
from kbchat.core.deadline import Deadline
from kbchat.core.errors import Unavailable
from kbchat.indexing.encoders import only
from kbchat.inference.ports import ModelUnavailable
from kbchat.inference.scripted import HashEmbedder
from kbchat.retrieval import time_limit as time_limits
from kbchat.retrieval.port import Scope
from kbchat.retrieval.retriever import PostgresRetriever
from kbchat.retrieval.time_limit import time_limit
from tests.company import Company
from tests.services.retrieval_support import (
    EMBEDDER,
    ENGLISH,
    QUESTIONS,
    leg_scores,
    received,
    write_page,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "query",
    [
        "",
        " \n",
        "\0",
        "\ud800",
        "leave\0days\udfff",
        "the of and",
        "的了吗",
        "???",
        "\u202e\x07\x1b[0m",
        "🦆",
        "leave " * 11_000,
        "年假" * 11_000,
        " ".join(f"w{n}" for n in range(9_000)),
        "% %s {0} '; --",
    ],
)
def test_no_question_raises(company: Company, query: str) -> None:
    write_page(company.handbook, ENGLISH)
    retriever = PostgresRetriever(only(EMBEDDER))
    found = retriever.retrieve(company.reader, query, retriever.pin(), limit=3)
    assert len(found.passages) == len(found.probabilities)
    assert 0 <= found.null_probability <= 1


def test_a_zero_vector_is_far_from_everything(company: Company) -> None:
    vectors = EMBEDDER.embed_documents(["lunch", "annual leave"])
    vectors[0] = 0
    write_page(company.handbook, ["lunch", "annual leave"], vectors=vectors)
    retriever = PostgresRetriever(only(EMBEDDER))
    found = retriever.retrieve(company.reader, "lunch or leave", retriever.pin(), limit=3)
    assert sum(found.probabilities) == pytest.approx(1)
    assert 0.0 in leg_scores(found, "dense").values()


def test_two_statements_rank_and_one_reads(company: Company, texts: dict[int, str]) -> None:
    retriever = PostgresRetriever(only(EMBEDDER))
    pin = retriever.pin()
    retriever.retrieve(company.reader, "leave", pin, limit=5)
    with CaptureQueriesContext(
        connection,
    ) as first:
        retriever.retrieve(company.reader, "leave", pin, limit=5)
    with CaptureQueriesContext(connection) as more:
        retriever.retrieve(company.reader, " ".join(QUESTIONS), pin, limit=30)
    tables = ("documents_", "indexing_", "kbchat_searchable_versions")
    reading = [query["sql"] for query in first if any(table in query["sql"] for table in tables)]
    visible, vectors, passages = reading
    assert "kbchat_searchable_versions" in visible
    assert "vector" in vectors
    assert "FROM ingestion_chunk c" in passages
    # The lists of terms that nobody asked for before are read once, in one statement.
    assert len(first) + 1 == len(more) <= 11


def test_a_scope_is_asked_of_the_gate_and_of_no_table(company: Company, texts: dict[int, str]) -> None:
    """A table's policy would be asked of each of its rows. Silenced passages are few."""
    retriever = PostgresRetriever(only(EMBEDDER))
    scope = Scope(collection_ids=(company.handbook.id,))
    with CaptureQueriesContext(connection) as asked:
        assert retriever.retrieve(company.reader, "leave", retriever.pin(), limit=5, scope=scope).passages
    (visible,) = (query["sql"] for query in asked if "kbchat_searchable_versions" in query["sql"])
    assert set(re.findall(r"documents_\w+", visible)) == {"documents_silencedpassage"}


def test_fetching_keeps_the_order_asked_for(company: Company, texts: dict[int, str]) -> None:
    retriever = PostgresRetriever(only(EMBEDDER))
    chunk_ids = list(texts)[:5][::-1]
    with CaptureQueriesContext(connection) as queries:
        found = retriever.fetch(company.reader, [*chunk_ids, 10**12])
    assert [passage.chunk_id for passage in found] == chunk_ids
    assert sum("ingestion_chunk" in query["sql"] for query in queries) == 1
    assert retriever.fetch(company.reader, []) == []


def test_a_deadline_ends_the_search(company: Company, texts: dict[int, str]) -> None:
    retriever = PostgresRetriever(only(EMBEDDER))
    pin = retriever.pin()
    with pytest.raises(Unavailable, match="search_timed_out"):
        retriever.retrieve(company.reader, "leave", pin, limit=5, deadline=Deadline.after(-1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('jit')")
        before = cursor.fetchone()
    found = retriever.retrieve(company.reader, "leave", pin, limit=5, deadline=Deadline.after(30))
    assert found.passages
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('jit')")
        assert cursor.fetchone() == before


def test_the_database_itself_stops_at_the_deadline(company: Company) -> None:
    started = time.monotonic()
    with (
        pytest.raises(Unavailable, match="search_timed_out"),
        viewing(company.reader),
        time_limit(Deadline.after(0.05)),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT pg_sleep(20)")
    assert time.monotonic() - started < 5


def test_a_deadline_that_passes_when_all_is_found_is_told_as_one(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Putting the settings back is a statement under the limit, too."""
    monkeypatch.setattr(time_limits, "_SET", f"{time_limits._SET}, pg_sleep(0.3)")
    with (
        pytest.raises(Unavailable, match="search_timed_out"),
        viewing(company.reader),
        time_limit(Deadline.after(0.1)),
    ):
        pass


def test_without_a_generation_or_with_another_encoder_nothing_is_searched(company: Company) -> None:
    with pytest.raises(Unavailable, match="no_active_generation"):
        PostgresRetriever(only(EMBEDDER)).pin()
    write_page(company.handbook, ENGLISH)
    other = PostgresRetriever(only(HashEmbedder(dimension=32)))
    pin = other.pin()
    with pytest.raises(Unavailable, match="encoder_changed"):
        other.retrieve(company.reader, "leave", pin, limit=3)


class Failing(HashEmbedder):
    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        raise ModelUnavailable(ModelUnavailable.Reason.TIMED_OUT)


@pytest.mark.parametrize("embedder", [None, Failing(dimension=64)])
def test_without_an_encoder_words_alone_find(
    company: Company, texts: dict[int, str], embedder: HashEmbedder | None
) -> None:
    """Whatever has a word of the question, by BM25 and nothing else; what has none is not padded in."""
    retriever = PostgresRetriever(only(embedder) if embedder else None)
    pin = retriever.pin()
    found = retriever.retrieve(company.reader, "annual leave", pin, limit=50)
    (leg,) = found.trace.legs
    assert (leg.leg, found.trace.by_words_alone) == ("lexical", True)
    assert [passage.chunk_id for passage in found.passages] == list(leg.chunk_ids)[:50]
    assert 0 < len(found.passages) < found.trace.visible_chunks
    assert 0 < found.null_probability < 1
    both = PostgresRetriever(only(EMBEDDER)).retrieve(company.reader, "annual leave", pin, limit=50)
    assert not both.trace.by_words_alone
    lexical = next(leg for leg in both.trace.legs if leg.leg == "lexical")
    assert lexical.chunk_ids == leg.chunk_ids
    nothing = retriever.retrieve(company.reader, "zzyzx", pin, limit=50)
    assert (nothing.passages, nothing.null_probability, nothing.trace.by_words_alone) == ((), 1.0, True)


class Counting(HashEmbedder):
    def __init__(self) -> None:
        super().__init__(dimension=64)
        self.asked = 0

    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked += len(texts)
        return super().embed_queries(texts)


def test_a_question_is_remembered_for_whoever_asked_it_and_nobody_else(
    company: Company, texts: dict[int, str]
) -> None:
    embedder = Counting()
    retriever = PostgresRetriever(only(embedder))
    pin = retriever.pin()
    first, again = (retriever.retrieve(company.reader, "annual leave", pin, limit=5) for _ in range(2))
    assert embedder.asked == 1
    assert received(first) == received(again)
    retriever.retrieve(company.admin, "annual leave", pin, limit=5)
    retriever.retrieve(replace(company.reader, collections=frozenset()), "annual leave", pin, limit=5)
    assert embedder.asked == 3
