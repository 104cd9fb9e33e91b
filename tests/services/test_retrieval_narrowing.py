"""What a search leaves out: what was excluded, another scope, another day."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from kbchat.documents.models import DocumentVersion
from kbchat.indexing.encoders import only
from kbchat.library.collections import CollectionRow
from kbchat.parsing.file_kinds import FileKind
from kbchat.retrieval.port import Scope
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company
from tests.servers import as_worker
from tests.services.retrieval_support import (
    EMBEDDER,
    QUESTIONS,
    documents_of,
    leg_scores,
    write_page,
)

pytestmark = pytest.mark.django_db

OPEN_SLIDES = "application/vnd.oasis.opendocument.presentation"


def page_of(collection: CollectionRow, text: str, **columns: object) -> UUID:
    """Its document's id."""
    page = write_page(collection, [text])
    with as_worker():
        DocumentVersion.objects.filter(pk=page.version.pk).update(**columns)
    return page.document.pk


def test_excluded_chunks_and_documents_do_not_come_and_change_no_score(
    company: Company, texts: dict[int, str]
) -> None:
    retriever = PostgresRetriever(only(EMBEDDER))
    pin = retriever.pin()
    before = retriever.retrieve(company.reader, QUESTIONS[0], pin, limit=5)
    known = [passage.chunk_id for passage in before.passages]
    after = retriever.retrieve(company.reader, QUESTIONS[0], pin, limit=50, exclude_chunks=known)
    assert len(after.passages) == len(texts) - 5
    assert not {passage.chunk_id for passage in after.passages} & set(known)
    remaining = {c: s for c, s in leg_scores(before, "lexical").items() if c not in known}
    assert leg_scores(after, "lexical") == remaining
    excluded = before.passages[0].document_id
    without = retriever.retrieve(company.reader, QUESTIONS[0], pin, limit=50, exclude_documents=[excluded])
    assert excluded not in documents_of(without)
    assert without.passages


def test_a_scope_narrows_to_collections_and_documents(company: Company) -> None:
    here = write_page(company.handbook, ["annual leave in Hamburg"])
    there = write_page(company.salaries, ["annual leave and pay"])
    other = write_page(company.handbook, ["annual leave in Shanghai"])
    retriever = PostgresRetriever(only(EMBEDDER))
    pin = retriever.pin()

    def found(scope: Scope) -> set[object]:
        return documents_of(retriever.retrieve(company.admin, "annual leave", pin, limit=9, scope=scope))

    assert found(Scope()) == {here.document.pk, there.document.pk, other.document.pk}
    assert found(Scope(collection_ids=(company.handbook.id,))) == {here.document.pk, other.document.pk}
    assert found(Scope(document_ids=(other.document.pk,))) == {other.document.pk}
    assert found(Scope((company.salaries.id,), (here.document.pk,))) == {here.document.pk, there.document.pk}


def test_a_scope_narrows_to_kinds_languages_and_days_within_its_places(company: Company) -> None:
    """Each one narrows what the others leave, and statistics are those of what is left."""
    pdf, sheet, slides = "application/pdf", "text/csv", OPEN_SLIDES
    old = page_of(company.handbook, "annual leave of old", media_type=pdf, effective_from=date(2021, 3, 1))
    new = page_of(company.handbook, "annual leave of new", media_type=pdf, effective_from=date(2026, 3, 1))
    chinese = page_of(company.handbook, "annual leave 年假可以结转五天", media_type=pdf)
    table = page_of(company.handbook, "annual leave in a table", media_type=sheet)
    shown = page_of(company.handbook, "annual leave on a slide", media_type=slides)
    elsewhere = page_of(company.salaries, "annual leave and pay", media_type=pdf)
    retriever = PostgresRetriever(only(EMBEDDER))
    pin = retriever.pin()

    def found(scope: Scope) -> set[object]:
        result = retriever.retrieve(company.admin, "annual leave", pin, limit=9, scope=scope)
        assert result.trace.visible_chunks == len(documents_of(result))
        return documents_of(result)

    assert found(Scope(kinds=(FileKind.PDF,))) == {old, new, chinese, elsewhere}
    assert found(Scope(kinds=(FileKind.SHEET, FileKind.SLIDES))) == {table, shown}
    assert found(Scope(kinds=(FileKind.MAIL,))) == set()
    assert found(Scope(languages=("zh",))) == {chinese}
    assert found(Scope(since=date(2021, 3, 1))) == {old, new}
    assert found(Scope(until=date(2021, 3, 1), kinds=(FileKind.PDF,))) == {old, chinese, elsewhere}
    assert found(Scope(since=date(2021, 3, 1), until=date(2026, 2, 28))) == {old}
    handbook = (company.handbook.id,)
    assert found(Scope(handbook, kinds=(FileKind.PDF,), languages=("en",))) == {old, new}
    assert found(Scope(document_ids=(table,), kinds=(FileKind.PDF,))) == set()
    everywhere, narrowed = (
        retriever.retrieve(company.admin, "annual leave", pin, limit=9, scope=scope)
        for scope in (Scope(), Scope(since=date(2021, 3, 1)))
    )
    weights = [set(leg_scores(each, "lexical").values()) for each in (everywhere, narrowed)]
    assert not weights[0] & weights[1], "BM25 counts what is left"


def test_only_versions_in_force_on_the_day_answer(company: Company) -> None:
    today = timezone.localdate()
    day = timedelta(days=1)
    past = write_page(company.handbook, ["annual leave until yesterday"], in_force=(today - 9 * day, today))
    now = write_page(company.handbook, ["annual leave from today"], in_force=(today, today + day))
    coming = write_page(company.handbook, ["annual leave from tomorrow"], in_force=(today + day, None))
    write_page(company.handbook, ["annual leave unpublished"], in_force=None)
    retriever = PostgresRetriever(only(EMBEDDER))
    pin = retriever.pin()
    for as_of, page in ((None, now), (today, now), (today - day, past), (today + day, coming)):
        found = retriever.retrieve(company.reader, "annual leave", pin, limit=9, as_of=as_of)
        assert documents_of(found) == {page.document.pk}
        assert found.trace.visible_chunks == 1
