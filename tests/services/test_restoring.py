"""A deletion is taken back by whoever may delete, until the days of its collection are over, and nothing was lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.chat.conversations import conversation
from kbchat.core.errors import KbchatError, NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, DocumentVersion
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library import purging
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.purging import delete_expired, purge_deleted
from kbchat.library.restoring import list_deleted, restore_document
from kbchat.library.sharing import give_grant
from kbchat.retention.holds import hold_document
from kbchat.retention.receipts import list_receipts
from kbchat.retention.rules import DocumentDays, keep_documents_for
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import PAGE, Company, add
from tests.servers import as_worker
from tests.services.audit_support import subjects
from tests.services.chat_support import answering, ask, followed

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(company: Company) -> DocumentRow:
    row = add(company.admin, company.handbook, PAGE)
    keep_documents_for(company.admin, company.handbook.id, DocumentDays())
    return row


def finds(viewer: Viewer) -> set[UUID]:
    retriever = PostgresRetriever(only(HashEmbedder()))
    found = retriever.retrieve(viewer, "annual leave", retriever.pin(), limit=5)
    return {passage.document_id for passage in found.passages}


def purged() -> int:
    with as_worker():
        return purge_deleted()


def deleted_ago(document_id: UUID, **ago: int) -> None:
    with as_worker():
        Document.objects.filter(pk=document_id).update(deleted_at=timezone.now() - timedelta(**ago))


@pytest.mark.django_db(transaction=True)
def test_it_is_gone_at_once_and_back_at_once_with_what_cites_it(company: Company, page: DocumentRow) -> None:
    with answering():
        turn = ask(company.reader, "How many days of annual leave has everybody?")
        followed(company.reader, turn)

    def shown() -> tuple[bool, bool]:
        [told] = conversation(company.reader, turn.conversation_id).turns
        return told.masked, "28 days" in str(told.events)

    assert (finds(company.reader), shown()) == ({page.id}, (False, True))
    delete_document(company.editor, page.id)
    assert (finds(company.reader), shown()) == (set(), (True, False))
    with pytest.raises(NotFound):
        document_row(company.admin, page.id)
    assert purged() == 0
    [listed] = list_deleted(company.editor, company.handbook.id).documents
    assert (listed.id, listed.title, listed.deleted_by) == (page.id, page.title, "Editor")
    assert timedelta(days=6) < listed.restorable_until - timezone.now() < timedelta(days=7)
    assert restore_document(company.editor, page.id) == page
    assert (finds(company.reader), shown()) == ({page.id}, (False, True))
    assert (list_receipts(company.admin), list_deleted(company.editor, company.handbook.id).documents) == (
        [],
        [],
    )
    [told] = subjects(AuditAction.DOCUMENT_RESTORED)
    assert told["document"] == str(page.id)
    assert restore_document(company.editor, page.id) == page, "restoring it again changes nothing"
    assert len(subjects(AuditAction.DOCUMENT_RESTORED)) == 1


def test_a_purge_that_had_begun_to_look_finds_it_restored(
    company: Company,
    page: DocumentRow,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    delete_document(company.editor, page.id)
    restore_document(company.editor, page.id)
    monkeypatch.setattr(purging, "due_for_purging", lambda: [page.id])
    assert (purged(), caplog.messages) == (0, []), "it was not even tried"
    assert finds(company.reader) == {page.id}


def test_what_was_restored_can_be_deleted_again_and_is_purged_when_its_days_are_over(
    company: Company, page: DocumentRow
) -> None:
    for _ in range(2):
        delete_document(company.editor, page.id)
        restore_document(company.editor, page.id)
    delete_document(company.editor, page.id)
    deleted_ago(page.id, days=7)
    assert list_deleted(company.editor, company.handbook.id).documents == []
    assert purged() == 1
    with pytest.raises(NotFound):
        restore_document(company.editor, page.id)
    [receipt] = list_receipts(company.admin)
    assert receipt.state == "purged"


def over(company: Company, page: DocumentRow) -> None:
    """A hold keeps it from being purged, and nobody gets it back."""
    hold_document(company.admin, page.id, "Case 12/2026")
    delete_document(company.editor, page.id)
    deleted_ago(page.id, days=8)


def no_days(company: Company, page: DocumentRow) -> None:
    keep_documents_for(company.admin, company.handbook.id, DocumentDays(removed_days=0))
    delete_document(company.editor, page.id)


def expired(company: Company, page: DocumentRow) -> None:
    keep_documents_for(company.admin, company.handbook.id, DocumentDays(expired_days=0))
    with as_worker(), connection.cursor() as cursor:
        day = timezone.localdate() - timedelta(days=3)
        DocumentVersion.objects.filter(pk=page.version_id).update(
            effective_from=day - timedelta(days=3), expires_on=day
        )
        cursor.execute(
            "UPDATE documents_documentversion SET in_force = daterange(effective_from, expires_on)"
        )
        assert delete_expired() == 1


@pytest.mark.parametrize("delete", [over, no_days, expired])
def test_what_a_rule_lets_go_is_not_restored(
    company: Company, page: DocumentRow, delete: Callable[[Company, DocumentRow], None]
) -> None:
    delete(company, page)
    assert list_deleted(company.admin, company.handbook.id).documents == []
    with pytest.raises(NotFound):
        restore_document(company.admin, page.id)
    assert len(list_receipts(company.admin)) == 1


def test_only_whoever_may_delete_it_sees_it_and_restores_it(company: Company, page: DocumentRow) -> None:
    delete_document(company.admin, page.id)
    elsewhere = replace(company.admin, collections=frozenset([company.salaries.id]))
    lists: list[tuple[Viewer, type[KbchatError]]] = [
        (company.reader, NotAllowed),
        (company.stranger, NotFound),
        (elsewhere, NotFound),
    ]
    for viewer, error in lists:
        with pytest.raises(error):
            list_deleted(viewer, company.handbook.id)
        with pytest.raises(NotFound):
            restore_document(viewer, page.id)
        with viewing(viewer), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM kbchat_restorable_documents(%s, 7)", [viewer.user_id])
            assert cursor.fetchone() == (0,)
    assert list_deleted(company.admin, company.salaries.id).documents == []
    give_grant(company.admin, company.handbook.id, Principal("user", company.stranger.user_id), Role.EDITOR)
    restore_document(company.stranger, page.id)


def test_a_receipt_goes_with_the_deletion_alone(company: Company, page: DocumentRow) -> None:
    delete_document(company.editor, page.id)
    for viewer in (company.editor, company.reader):
        with viewing(viewer), connection.cursor() as cursor:
            cursor.execute("SELECT kbchat_withdraw_receipt(%s)", [page.id])
    assert [receipt.document_id for receipt in list_receipts(company.admin)] == [page.id]
