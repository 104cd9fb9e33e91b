"""What is told of an index's health: hubs, what the graph misses, dead rows, indexes that nobody uses."""

import numpy as np
import psycopg
import pytest

from kbchat.embedded.cluster import Cluster
from kbchat.indexing import health
from kbchat.indexing.generations import active_generation
from kbchat.indexing.health import IndexHealth, health_of, invalid_indexes
from kbchat.indexing.models import IndexGeneration
from kbchat.indexing.vector_index import keep_vector_indexes
from tests.company import Company, found_company
from tests.servers import as_worker
from tests.services.retrieval_support import Page, write_page

DIMENSION = 64


def spread(count: int) -> np.ndarray:
    """Nearly at right angles to one another, all of them near one direction."""
    generator = np.random.default_rng(5)
    vectors = generator.normal(0, 1, (count, DIMENSION))
    vectors[:, 0] = 1
    vectors[:, 1:] /= np.linalg.norm(vectors[:, 1:], axis=1, keepdims=True)
    return vectors.astype(np.float32)


def looked_at() -> IndexHealth:
    with as_worker():
        return health_of(active_generation())


def with_hub(company: Company, count: int = 300) -> Page:
    """The direction itself is nearer to each than any other is."""
    write_page(company.handbook, [f"word{n}" for n in range(count)], vectors=spread(count))
    middle = np.zeros((1, DIMENSION), dtype=np.float32)
    middle[0, 0] = 1
    return write_page(company.salaries, ["The imprint says nothing."], vectors=middle)


@pytest.mark.django_db
def test_a_passage_that_is_near_to_everything_is_a_hub(company: Company) -> None:
    hub = with_hub(company)
    found = looked_at()
    assert (found.vectors, found.probed, found.recall) == (301, health.PROBED, None)
    assert [each.document_id for each in found.hubs] == [str(hub.document.pk)]
    assert found.hubs[0].share > 0.9


@pytest.mark.django_db
def test_in_a_small_library_everything_is_near_and_nothing_a_hub(company: Company) -> None:
    assert IndexGeneration.objects.count() == 0
    write_page(company.handbook, [f"word{n}" for n in range(12)], vectors=spread(12))
    found = looked_at()
    assert (found.vectors, found.probed, found.hubs) == (12, 12, ())


@pytest.mark.django_db
def test_what_a_graph_misses_is_told(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    with_hub(company)
    with as_worker():
        assert keep_vector_indexes(100) == 1
    whole = looked_at()
    assert whole.recall is not None
    assert whole.recall > 0.95
    # A graph that has one passage in sight.
    monkeypatch.setattr(health, "_IN_SIGHT", "1")
    blind = looked_at()
    assert blind.recall is not None
    assert blind.recall < whole.recall


@pytest.mark.django_db(transaction=True)
def test_an_index_that_nobody_uses_is_named(servers: Cluster) -> None:
    """F36."""
    company = found_company()
    with_hub(company)
    with as_worker():
        keep_vector_indexes(100)
    name = f"indexing_embedding_g{active_generation().pk}_nearest"
    assert invalid_indexes() == []
    with psycopg.connect(servers.superuser_conninfo, dbname="kbchat") as superuser:
        superuser.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [name])
    assert invalid_indexes() == [name]
    assert looked_at().invalid == (name,)
    with as_worker():
        assert keep_vector_indexes(100) == 1
    assert invalid_indexes() == []


@pytest.mark.django_db(transaction=True)
def test_dead_rows_are_counted(servers: Cluster) -> None:
    company = found_company()
    write_page(
        company.handbook, [" ".join(f"word{m}" for m in range(120)) for _ in range(12)], vectors=spread(12)
    )
    table = f"indexing_posting_g{active_generation().pk}"
    with psycopg.connect(servers.superuser_conninfo, dbname="kbchat") as superuser:
        superuser.execute(f"DELETE FROM {table}")
    with psycopg.connect(servers.superuser_conninfo, dbname="kbchat") as superuser:
        superuser.execute("SELECT pg_stat_force_next_flush()")
        superuser.execute("SELECT pg_stat_clear_snapshot()")
    found = {each.table: each.dead for each in looked_at().dead}
    assert found.get(table, 0) >= 1440


@pytest.mark.django_db
def test_of_passages_that_say_the_same_the_graph_may_find_any(company: Company) -> None:
    """Of six copies of each, five are the nearest of the sixth; which five of the next six, is chance."""
    copies = np.repeat(spread(50), 6, axis=0)
    write_page(company.handbook, [f"word{n}" for n in range(300)], vectors=copies)
    with as_worker():
        assert keep_vector_indexes(100) == 1
    assert looked_at().recall == 1.0
