"""The graph index over vectors: when it is made and asked, and that nobody gets fewer or worse passages by it."""

import io
from dataclasses import replace

import numpy as np
import psycopg
import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext

from kbchat.embedded.cluster import Cluster
from kbchat.indexing import vector_index
from kbchat.indexing.encoders import only
from kbchat.indexing.health import invalid_indexes
from kbchat.indexing.models import IndexGeneration
from kbchat.indexing.vector_index import index_concurrently, keep_vector_indexes
from kbchat.inference.scripted import HashEmbedder
from kbchat.retrieval import dense
from kbchat.retrieval.port import Retrieval
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, found_company
from tests.servers import as_owner, as_worker
from tests.services.retrieval_support import Page, write_page

pytestmark = pytest.mark.django_db

_SHOWN = 400
_HIDDEN = 400
_QUESTIONS = 25


class Placed(HashEmbedder):
    """Questions are where the test puts them."""

    def __init__(self) -> None:
        super().__init__(dimension=64)
        self.at = np.zeros(64, dtype=np.float32)

    def embed_queries(self, texts: object) -> np.ndarray:
        return self.at[None, :]


@pytest.fixture
def graph_is_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if there were a million chunks."""
    monkeypatch.setattr(dense, "_BY_GRAPH", 0.0)


def around(centre: int, count: int, generator: np.random.Generator) -> np.ndarray:
    vectors = generator.normal(0, 0.15, (count, 64))
    vectors[:, centre] += 1
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def pages(company: Company, generator: np.random.Generator) -> tuple[Page, Page]:
    """Two topics: what the reader may read is about the one, what he may not read about the other."""
    words = [f"word{n}" for n in range(_SHOWN)]
    shown = write_page(company.handbook, words, vectors=around(0, _SHOWN, generator))
    hidden = write_page(company.salaries, words[:_HIDDEN], vectors=around(1, _HIDDEN, generator))
    return shown, hidden


def indexed(at_least: int = 100) -> int:
    with as_worker():
        return keep_vector_indexes(at_least)


def counted() -> tuple[int, bool]:
    return IndexGeneration.objects.values_list("vectors", "has_vector_index").get()


def search(company: Company, who: str, at: np.ndarray, *, exact: bool = False) -> Retrieval:
    embedder = Placed()
    embedder.at = at
    retriever = PostgresRetriever(only(embedder))
    pin = retriever.pin()
    if exact:
        pin = replace(pin, has_vector_index=False)
    return retriever.retrieve(getattr(company, who), "somewhere", pin, limit=20)


def test_an_index_is_made_once_there_are_enough(company: Company) -> None:
    pages(company, np.random.default_rng(1))
    enough = _SHOWN + _HIDDEN
    assert (indexed(at_least=enough + 1), counted()) == (0, (enough, False))
    assert (indexed(at_least=enough), counted()) == (1, (enough, True))
    write_page(company.handbook, ["more"] * 50)
    assert (indexed(), counted()) == (0, (enough + 50, True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname LIKE %s", ["%nearest"])
        ((definition,),) = cursor.fetchall()
    assert "USING hnsw" in definition
    assert "halfvec(64)" in definition


def test_whoever_comes_while_it_is_made_leaves_it_alone(company: Company, servers: Cluster) -> None:
    pages(company, np.random.default_rng(6))
    generation = IndexGeneration.objects.get().pk
    with psycopg.connect(servers.superuser_conninfo, dbname="kbchat", autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('kbchat vector index'), %s)", [generation])
        assert indexed() == 0
        # Not left to the connection's end, which the server may notice later.
        other.execute("SELECT pg_advisory_unlock(hashtext('kbchat vector index'), %s)", [generation])
    assert indexed() == 1


def test_whoever_sees_all_gets_what_comparing_everything_finds(
    company: Company, graph_is_cheap: None
) -> None:
    generator = np.random.default_rng(2)
    pages(company, generator)
    indexed()
    found = wanted = 0
    for at in around(0, _QUESTIONS, generator):
        by_graph, by_all = search(company, "admin", at), search(company, "admin", at, exact=True)
        assert [leg.path for leg in by_graph.trace.legs if leg.leg == "dense"] == ["hnsw"]
        assert [leg.path for leg in by_all.trace.legs if leg.leg == "dense"] == ["exact"]
        same = {p.chunk_id for p in by_graph.passages} & {p.chunk_id for p in by_all.passages}
        found += len(same)
        wanted += len(by_all.passages)
    assert wanted == 20 * _QUESTIONS
    assert found / wanted >= 0.99


def test_a_filter_that_follows_the_topic_takes_nothing(
    company: Company, graph_is_cheap: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest of all are hidden: an index under a filter would return few rows or none."""
    monkeypatch.setattr(dense, "_OVERFETCH", 1.0)
    generator = np.random.default_rng(3)
    pages(company, generator)
    indexed()
    for at in around(1, _QUESTIONS, generator):
        by_graph, by_all = search(company, "reader", at), search(company, "reader", at, exact=True)
        assert [p.chunk_id for p in by_graph.passages] == [p.chunk_id for p in by_all.passages]
        assert len(by_graph.passages) == 20
        assert [leg.path for leg in by_graph.trace.legs if leg.leg == "dense"] == ["exact"]


def test_without_its_index_search_finds_the_same_and_the_worker_makes_it_anew(
    company: Company, graph_is_cheap: None
) -> None:
    generator = np.random.default_rng(4)
    pages(company, generator)
    indexed()
    name = f"indexing_embedding_g{IndexGeneration.objects.get().pk}_nearest"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {name}")
    for at in around(0, 5, generator):
        found, by_all = search(company, "admin", at), search(company, "admin", at, exact=True)
        assert [p.chunk_id for p in found.passages] == [p.chunk_id for p in by_all.passages]
    assert indexed() == 1
    assert indexed() == 0


@pytest.mark.django_db(transaction=True)
def test_with_an_invalid_index_search_finds_the_same_set(graph_is_cheap: None, servers: Cluster) -> None:
    """F36: as after a CREATE INDEX CONCURRENTLY that broke off; the owner makes it anew."""
    company, generator = found_company(), np.random.default_rng(7)
    pages(company, generator)
    indexed()
    generation = IndexGeneration.objects.get()
    name = f"indexing_embedding_g{generation.pk}_nearest"
    with psycopg.connect(servers.superuser_conninfo, dbname="kbchat", autocommit=True) as superuser:
        superuser.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [name])
    assert invalid_indexes() == [name]
    assert counted()[1], "nobody has noticed yet"
    for at in around(0, 5, generator):
        found, by_all = search(company, "admin", at), search(company, "admin", at, exact=True)
        assert [p.chunk_id for p in found.passages] == [p.chunk_id for p in by_all.passages]
    with as_owner():
        assert index_concurrently(generation)
        assert not index_concurrently(generation)
        assert index_concurrently(generation, anew=True)
    assert invalid_indexes() == []
    assert [leg.path for leg in search(company, "admin", at).trace.legs if leg.leg == "dense"] == ["hnsw"]


@pytest.mark.django_db(transaction=True)
def test_whoever_makes_it_as_the_owner_leaves_it_to_who_is_at_it(
    servers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = found_company()
    pages(company, np.random.default_rng(8))
    generation = IndexGeneration.objects.get()
    with psycopg.connect(servers.superuser_conninfo, dbname="kbchat", autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('kbchat vector index'), %s)", [generation.pk])
        with as_owner():
            assert not index_concurrently(generation)
    monkeypatch.setattr(vector_index, "WORTH_AN_INDEX", 100)
    told = io.StringIO()
    with as_owner():
        call_command("index_vectors", stdout=told)
    assert told.getvalue() == f"Generation {generation.pk}: made.\n"
    assert indexed() == 0


def test_the_quickest_way_is_chosen() -> None:
    def fetched(eligible: int, count: int, *, has_graph: bool = True) -> int:
        return dense.Vectors(1, count, has_graph).to_fetch(eligible, 200)

    assert fetched(2_000, 100_000) == 0
    assert fetched(100_000, 100_000) == 400
    assert fetched(100_000, 1_000_000) == 4_000
    assert fetched(100_000, 1_000_000, has_graph=False) == 0
    assert fetched(150, 1_000_000) == 0


def test_reading_the_whole_table_finds_what_looking_up_finds(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(5)
    shown, _ = pages(company, generator)
    eligible = np.array([chunk.pk for chunk in shown.chunks])
    vectors = dense.Vectors(IndexGeneration.objects.get().pk, _SHOWN + _HIDDEN, has_graph=False)
    (at,) = around(0, 1, generator)
    found = []
    for in_passing in (0.0, 1e6):
        monkeypatch.setattr(dense, "_IN_PASSING", in_passing)
        with CaptureQueriesContext(connection) as queries:
            near = vectors.all(at, eligible)
        assert ("BETWEEN" in queries[0]["sql"]) is (in_passing > 0)
        order = np.argsort(near.chunk_ids)
        found.append((near.chunk_ids[order].tolist(), near.cosines[order].tolist()))
    assert found[0] == found[1]
    assert found[0][0] == sorted(eligible.tolist())


def test_what_was_not_counted_yet_is_looked_up(company: Company) -> None:
    """Of a table of any length: the first five minutes after a large import."""
    shown, _ = pages(company, generator := np.random.default_rng(5))
    (at,) = around(0, 1, generator)
    uncounted = dense.Vectors(IndexGeneration.objects.get().pk, 0, has_graph=False)
    with CaptureQueriesContext(connection) as queries:
        uncounted.all(at, np.array([chunk.pk for chunk in shown.chunks]))
    assert "BETWEEN" in queries[0]["sql"]


def test_the_worker_indexes_and_nobody_else(company: Company) -> None:
    write_page(company.handbook, ["annual leave"])
    generation = IndexGeneration.objects.get()
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("SELECT kbchat_index_vectors(%s, %s)", [generation.pk, 65536])
