"""What a viewer may not read never comes, is never counted, and leaves no trace in what he receives."""

import random
from dataclasses import replace

import pytest
from django.db import connection
from django.utils import timezone

from kbchat.access.models import Grant
from kbchat.access.viewing import viewing
from kbchat.documents.models import Collection, Document, Section
from kbchat.indexing.encoders import only
from kbchat.library.collections import CollectionRow
from kbchat.retrieval import retriever as retriever_module
from kbchat.retrieval.packed import identifiers
from kbchat.retrieval.port import EVERYTHING, Retrieval, Scope
from kbchat.retrieval.retriever import PostgresRetriever
from kbchat.retrieval.visible import VisibleSet, visible_set
from tests.company import Company, found_company
from tests.servers import as_worker
from tests.services.retrieval_support import (
    EMBEDDER,
    Page,
    documents_of,
    received,
    write_documents,
    write_page,
)

pytestmark = pytest.mark.django_db

QUESTIONS = ("How many days of annual leave do I have?", "年假可以结转几天？", "salary bands leave")


@pytest.fixture
def company() -> Company:
    return found_company()


def ask(company: Company, viewer_name: str, question: str, scope: Scope = EVERYTHING) -> Retrieval:
    retriever = PostgresRetriever(only(EMBEDDER))
    return retriever.retrieve(getattr(company, viewer_name), question, retriever.pin(), limit=50, scope=scope)


def noise(count: int, *, seed: int, longest: int = 30) -> list[str]:
    """Texts of the words of the questions and others, in both languages."""
    generator = random.Random(seed)
    words = ["annual", "leave", "days", "salary", "bands", "year", "carry", "over", "holiday", "pay"]
    characters = "年假可以结转几天薪酬等级员工手册"

    def text() -> str:
        english = " ".join(generator.choices(words, k=generator.randint(1, longest)))
        return english + "。" + "".join(generator.choices(characters, k=generator.randint(0, longest)))

    return [text() for _ in range(count)]


def write_noise(collection: CollectionRow, count: int, *, seed: int) -> list[Page]:
    return [
        write_page(collection, [text], title=f"Page {n}") for n, text in enumerate(noise(count, seed=seed))
    ]


def test_a_viewer_without_a_grant_gets_nothing(company: Company) -> None:
    pages = write_noise(company.handbook, 5, seed=1)
    for question in QUESTIONS:
        assert ask(company, "reader", question).passages
        found = ask(company, "stranger", question)
        assert found.passages == found.probabilities == ()
        assert found.null_probability == 1.0
        assert found.trace.visible_chunks == 0
    scope = Scope((company.handbook.id,), (pages[0].document.pk,))
    assert ask(company, "stranger", QUESTIONS[0], scope).passages == ()
    chunk_ids = [chunk.pk for page in pages for chunk in page.chunks]
    assert PostgresRetriever(only(EMBEDDER)).fetch(company.stranger, chunk_ids) == []


def test_hidden_documents_do_not_change_what_is_received_by_one_bit(company: Company) -> None:
    write_noise(company.handbook, 60, seed=2)
    before = [received(ask(company, "reader", question)) for question in QUESTIONS]
    # As many as change plans, and hidden in every way: by collection, day, state and deny.
    write_documents(company.salaries, noise(2_000, seed=3, longest=4))
    with connection.cursor() as cursor, as_worker():
        cursor.execute("SELECT count(*) FROM indexing_embedding")
        assert cursor.fetchone() == (2_060,)
    _hide_more(company)
    assert [received(ask(company, "reader", question)) for question in QUESTIONS] == before


def _hide_more(company: Company) -> None:
    today = timezone.localdate()
    write_page(company.handbook, ["annual leave, unpublished"], in_force=None)
    write_page(company.handbook, ["annual leave, of long ago"], in_force=(None, today))
    denied = write_page(company.handbook, ["annual leave, denied"])
    Grant.objects.create(document=denied.document, group=company.staff, deny=True)
    deleted = write_page(company.handbook, ["annual leave, deleted"])
    with as_worker():
        Document.objects.filter(pk=deleted.document.pk).update(deleted_at=timezone.now())


def test_a_closed_section_never_comes_and_neither_does_what_stands_below_it(company: Company) -> None:
    page = write_page(company.handbook, ["annual leave for all"], headings=["Leave"])
    closed = write_page(company.handbook, ["annual leave of the board"], headings=["Board"])
    with as_worker():
        above = Section.objects.create(document=closed.document, path=[])
        Section.objects.filter(pk=closed.section.pk).update(parent=above)
    Grant.objects.create(section=above, group=company.staff, deny=True)
    for question in QUESTIONS:
        found = ask(company, "reader", question)
        assert documents_of(found) == {page.document.pk}
        assert found.trace.visible_chunks == 1
    fetch = PostgresRetriever(only(EMBEDDER)).fetch
    both = [page.chunks[0].pk, closed.chunks[0].pk]
    assert [passage.chunk_id for passage in fetch(company.reader, both)] == both[:1]
    assert [passage.chunk_id for passage in fetch(company.admin, both)] == both


def test_a_grant_that_is_taken_is_gone_with_the_next_question(company: Company) -> None:
    page = write_page(company.handbook, ["annual leave"])
    assert documents_of(ask(company, "reader", QUESTIONS[0])) == {page.document.pk}
    Grant.objects.filter(group=company.staff).delete()
    assert ask(company, "reader", QUESTIONS[0]).passages == ()
    assert PostgresRetriever(only(EMBEDDER)).fetch(company.reader, [page.chunks[0].pk]) == []


@pytest.mark.parametrize("who", ["editor", "admin"])
def test_a_deleted_document_answers_nobody_not_even_its_editors(company: Company, who: str) -> None:
    page = write_page(company.handbook, ["annual leave"])
    with as_worker():
        Document.objects.filter(pk=page.document.pk).update(deleted_at=timezone.now())
    assert ask(company, who, QUESTIONS[0]).passages == ()
    assert PostgresRetriever(only(EMBEDDER)).fetch(getattr(company, who), [page.chunks[0].pk]) == []


def test_text_is_refused_by_the_database_where_the_ranking_let_it_through(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = write_page(company.handbook, ["annual leave"])
    write_page(company.salaries, ["annual leave of the board"])
    unpublished = write_page(company.handbook, ["annual leave to come"], in_force=None)

    def everything(*arguments: object, **keywords: object) -> VisibleSet:
        honest = visible_set(*arguments, **keywords)  # type: ignore[arg-type]
        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(DISTINCT uuid_send(version_id), '') FROM indexing_embedding")
            return replace(honest, versions=identifiers(cursor.fetchone()[0]))

    monkeypatch.setattr(retriever_module, "visible_set", everything)
    found = ask(company, "reader", QUESTIONS[0])
    assert found.trace.visible_chunks == 3
    assert documents_of(found) == {shown.document.pk}
    assert sum(found.probabilities) == pytest.approx(1)
    assert unpublished.document.pk not in documents_of(ask(company, "editor", QUESTIONS[0]))


def test_a_deleted_collection_is_not_searched(company: Company) -> None:
    write_page(company.handbook, ["annual leave"])
    with viewing(company.admin):
        assert Collection.objects.filter(pk=company.handbook.id).update(deleted_at=timezone.now())
    assert ask(company, "reader", QUESTIONS[0]).passages == ()
