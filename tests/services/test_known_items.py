"""Sentences of the library as questions: their ranks are those that pgvector gives, and all vectors are read once."""

from math import ceil

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kbchat.core.errors import Invalid, Unavailable
from kbchat.indexing import known_items, reading
from kbchat.indexing.encoders import Encoders
from kbchat.indexing.models import Embedding, IndexGeneration
from kbchat.indexing.notation import vector_literal
from kbchat.inference.ports import Embedder
from kbchat.rebuilding.building import catch_up
from kbchat.rebuilding.models import Build
from kbchat.rebuilding.switching import put_in_force
from tests.company import Company
from tests.servers import as_worker
from tests.services.rebuilding_support import (
    BY_NAME,
    answering,
    build,
    company_with_pages,
    go_on,
    lose_a_passage,
)

pytestmark = pytest.mark.django_db(transaction=True)

_RANK = """
WITH far AS MATERIALIZED (
    SELECT e.chunk_id, e.vector <=> %(vector)s::vector AS distance
    FROM indexing_embedding e WHERE e.generation_id = %(generation)s
), best AS (
    SELECT min(f.distance) AS distance FROM far f JOIN ingestion_chunk c ON c.id = f.chunk_id
    WHERE c.version_id = %(version)s AND c.start < %(end)s AND c."end" > %(start)s
)
SELECT 1 + (SELECT count(*) FROM far WHERE far.distance < best.distance - 1e-6) FROM best"""


@pytest.fixture
def company() -> Company:
    return company_with_pages()


def rank_by_database(item: known_items.KnownItem, generation: IndexGeneration, encoder: Embedder) -> int:
    vector = vector_literal(encoder.embed_queries([item.text])[0])
    place = {"version": item.version_id, "start": item.span.start, "end": item.span.end}
    with connection.cursor() as cursor:
        cursor.execute(_RANK, {"vector": vector, "generation": generation.pk} | place)
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("model", ["hashed", "shuffled"])
def test_ranks_are_those_of_the_database_and_are_found_in_one_reading(
    company: Company, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    generation = answering() if model == "hashed" else build(company.admin, model).generation
    assert generation is not None
    monkeypatch.setattr(reading, "_AT_A_TIME", 10)
    with as_worker():
        items = known_items._known_items(answering(), known_items.random.Random(1))
        with CaptureQueriesContext(connection) as queries:
            ranks = known_items._found(items, generation, BY_NAME[model]).ranks
        assert len(items) > 20
        # The passages that hold them, those of the same documents, then all vectors, and that no more are left.
        vectors = Embedding.objects.filter(generation=generation).count()
        assert len(queries) == 2 + ceil(vectors / 10) + 1
        assert ranks == [rank_by_database(item, generation, BY_NAME[model]) for item in items]


def test_what_could_not_be_compared_is_refused(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    first, compared = answering().pk, Encoders.compared

    def away(encoders: Encoders, generation_id: int) -> Embedder:
        if generation_id == first:
            raise Unavailable("encoder_changed")
        return compared(encoders, generation_id)

    monkeypatch.setattr(Encoders, "compared", away)
    built = build(company.admin, "shuffled")
    assert built.checks["problems"] == ["not_compared"]
    # It was asked all the same which languages it reads: none.
    assert built.generation is not None
    built.generation.refresh_from_db()
    assert (built.generation.dense_weights["en"], built.generation.dense_weights["zh"]) == (0, 0)
    with pytest.raises(Invalid) as refused:
        put_in_force(company.admin, built.generation_id, instead_of=first)
    assert refused.value.facts["reasons"] == "not_compared"
    assert answering().pk == first


def test_what_was_compared_with_another_than_answers_now_is_refused(company: Company) -> None:
    first = answering().pk
    small, narrow = build(company.admin, "small"), build(company.admin, "narrow")
    assert narrow.checks["known_items"]["compared_with"] == first
    put_in_force(company.admin, small.generation_id, instead_of=first)
    with pytest.raises(Invalid) as refused:
        put_in_force(company.admin, narrow.generation_id, instead_of=small.generation_id)
    assert refused.value.facts["reasons"] == "compared_with_another"
    put_in_force(company.admin, first, instead_of=small.generation_id)
    put_in_force(company.admin, narrow.generation_id, instead_of=first)
    assert answering().pk == narrow.generation_id


def test_what_catches_up_is_judged_by_what_was_found_when_it_was_made(company: Company) -> None:
    first, made = answering().pk, build(company.admin, "shuffled")
    assert made.generation is not None
    lose_a_passage(made.generation)
    with as_worker():
        catch_up()
    caught_up = go_on(Build.objects.get(is_new=False).pk)
    assert (caught_up.passages, caught_up.written) == (1, 1)
    assert caught_up.checks["known_items"] == made.checks["known_items"]
    assert caught_up.checks["problems"] == ["finds_less"]
    with pytest.raises(Invalid, match="generation_worse"):
        put_in_force(company.admin, made.generation_id, instead_of=first)
