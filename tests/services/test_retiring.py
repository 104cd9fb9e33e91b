"""Generations that nobody keeps any more: read to the end of turns that hold them, then gone with what was theirs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kbchat.core.errors import Conflict, NotFound
from kbchat.indexing.models import IndexGeneration
from kbchat.ingestion.models import Chunk
from kbchat.rebuilding.building import sweep_builds
from kbchat.rebuilding.managing import resume_build
from kbchat.rebuilding.models import Build
from kbchat.rebuilding.retiring import KEPT_DAYS
from kbchat.rebuilding.switching import put_in_force, retire
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company
from tests.servers import as_worker
from tests.services.rebuilding_support import (
    UNREAD,
    answering,
    build,
    company_with_pages,
    encoders,
)

pytestmark = pytest.mark.django_db(transaction=True)

TURN = timedelta(minutes=4)


@pytest.fixture
def company() -> Company:
    return company_with_pages()


def swept(unread_after: timedelta = UNREAD) -> None:
    with as_worker():
        sweep_builds(unread_after)


def tables_of(generation: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE %s", [f"%_g{generation}"])
        return [name for (name,) in cursor.fetchall()]


def policies() -> set[str]:
    with as_worker():
        return set(Chunk.objects.values_list("chunking_policy", flat=True))


def test_what_is_dropped_leaves_no_table_behind_and_is_not_dropped_again(company: Company) -> None:
    new = build(company.admin, "small").generation_id
    assert new is not None
    assert tables_of(new)
    retire(company.admin, new)
    swept()
    assert tables_of(new) == []
    with pytest.raises(NotFound):
        put_in_force(company.admin, new, instead_of=answering().pk)
    with CaptureQueriesContext(connection) as queries:
        swept()
    assert not any("drop_generation" in query["sql"] for query in queries)


def test_a_turn_that_holds_it_reads_it_to_its_end(company: Company) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    retriever = PostgresRetriever(encoders())
    held = retriever.pin(first)
    put_in_force(company.admin, new, instead_of=first)
    retire(company.admin, first)
    swept(TURN)
    assert retriever.retrieve(company.reader, "annual leave days", held, limit=5).passages
    IndexGeneration.objects.filter(pk=first).update(retired_at=timezone.now() - 2 * TURN)
    swept(TURN)
    assert tables_of(first) == []


def test_passages_that_were_cut_for_it_alone_go_with_it(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = answering()
    narrow, small = build(company.admin, "narrow").generation, build(company.admin, "small").generation
    assert narrow is not None
    assert small is not None
    assert policies() == {first.chunking_policy, narrow.chunking_policy}
    # Some seconds at a time.
    with monkeypatch.context() as hurried:
        hurried.setattr("kbchat.rebuilding.retiring._AT_A_TIME_SECONDS", -1.0)
        retire(company.admin, narrow.pk)
        swept()
    assert policies() == {first.chunking_policy, narrow.chunking_policy}
    retire(company.admin, small.pk)
    swept()
    assert policies() == {first.chunking_policy}
    again = build(company.admin, "narrow")
    assert again.checks["problems"] == []
    assert policies() == {first.chunking_policy, narrow.chunking_policy}


def test_what_another_generation_reads_stays(company: Company) -> None:
    first = answering()
    former, new = build(company.admin, "narrow").generation, build(company.admin, "narrow").generation
    assert former is not None
    assert new is not None
    put_in_force(company.admin, new.pk, instead_of=first.pk)
    retire(company.admin, former.pk)
    retire(company.admin, first.pk)
    swept()
    assert policies() == {new.chunking_policy}
    retriever = PostgresRetriever(encoders())
    found = retriever.retrieve(company.reader, "annual leave days", retriever.pin(new.pk), limit=5)
    assert found.passages


@pytest.mark.parametrize("state", ["queued", "paused", "failed"])
def test_with_a_generation_end_its_builds(company: Company, state: str) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    put_in_force(company.admin, new, instead_of=first)
    generation = IndexGeneration.objects.get(pk=first)
    behind = Build.objects.create(generation=generation, state=state, finished_at=timezone.now())
    past = timezone.now() - timedelta(days=KEPT_DAYS + 1)
    IndexGeneration.objects.filter(pk=first).update(answered_until=past)
    swept()
    assert Build.objects.get(pk=behind.pk).state == "cancelled"
    with pytest.raises(Conflict, match="build_ended"):
        resume_build(company.admin, behind.pk)
