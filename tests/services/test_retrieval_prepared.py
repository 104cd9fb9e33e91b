"""What every search asks is planned once for a connection, and still answered as to whoever asks, as things are now."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kbchat.access.models import Grant
from kbchat.access.viewing import viewing
from kbchat.core.prepared import prepared_cursor
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document
from kbchat.indexing.encoders import only
from kbchat.retrieval.passages import passages_by_id
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company
from tests.servers import as_owner, as_worker
from tests.services.retrieval_support import EMBEDDER, QUESTIONS, write_page

pytestmark = pytest.mark.django_db

NAMES = (("documents_document", "title", "varchar(500)"), ("documents_collection", "name", "varchar(200)"))
_KEPT = "SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements WHERE NOT from_sql"


def kept_statements() -> dict[str, int]:
    """How often each was run since it is kept."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT)
        return dict(cursor.fetchall())


def texts_found(retriever: PostgresRetriever, viewer: Viewer) -> Sequence[str]:
    found = retriever.retrieve(viewer, QUESTIONS[0], retriever.pin(), limit=9)
    return sorted(passage.text for passage in found.passages)


def test_what_is_visible_and_the_passages_are_planned_once_and_nothing_else_is_kept(company: Company) -> None:
    write_page(company.handbook, ["annual leave, carried over"])
    retriever = PostgresRetriever(only(EMBEDDER))
    for _ in range(4):
        texts_found(retriever, company.reader)
    kept = kept_statements()
    assert sorted("kbchat_searchable_versions" in sql for sql in kept) == [False, True]
    assert any("SELECT s.path" in sql for sql in kept)
    assert min(kept.values()) >= 2


def test_a_kept_plan_follows_who_asks_and_every_change_of_what_he_may_read(company: Company) -> None:
    first = write_page(company.handbook, ["annual leave, carried over"], headings=["Leave"])
    write_page(company.salaries, ["annual leave of the board"])
    retriever = PostgresRetriever(only(EMBEDDER))
    common, closed = "annual leave, carried over", "annual leave of the board"
    for _ in range(8):
        assert texts_found(retriever, company.reader) == [common]
        assert texts_found(retriever, company.admin) == [closed, common]
        assert texts_found(retriever, company.stranger) == []
    denied = Grant.objects.create(section=first.section, group=company.staff, deny=True)
    assert texts_found(retriever, company.reader) == []
    denied.delete()
    assert texts_found(retriever, company.reader) == [common]
    with as_worker():
        Document.objects.filter(pk=first.document.pk).update(deleted_at=timezone.now())
    assert texts_found(retriever, company.reader) == []
    assert texts_found(retriever, company.admin) == [closed]


@pytest.mark.django_db(transaction=True)
def test_a_column_whose_type_becomes_a_wider_one_meanwhile_ends_no_search(company: Company) -> None:
    """As a migration beside a running program makes it."""
    page = write_page(company.handbook, ["annual leave, carried over"])
    ids = [chunk.pk for chunk in page.chunks]

    def titles_read() -> list[str]:
        with viewing(company.reader):
            return [passage.title for passage in passages_by_id(ids).values()]

    assert [*map(len, (titles_read() for _ in range(4)))] == [1] * 4
    before = kept_statements()
    assert before
    try:
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(change_types, "text").result()
        assert titles_read() == [page.document.title]
        assert {*kept_statements()} == {*before}
    finally:
        connection.close()
        change_types()


def change_types(to: str = "") -> None:
    """Without `to`, back."""
    with as_owner(), connection.cursor() as cursor:
        for table, column, own in NAMES:
            cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {to or own}")
    connection.close()


def test_what_a_prepared_cursor_asks_is_seen_by_whoever_reads_statements() -> None:
    with CaptureQueriesContext(connection) as queries, prepared_cursor() as cursor:
        cursor.execute("SELECT %(n)s::int8", {"n": 3})
    assert [query["sql"] for query in queries] == ["SELECT 3::int8"]
