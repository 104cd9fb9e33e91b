"""Rules decide how long what is deleted, expired or said stays (D9)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.chat.conversations import list_conversations
from kbchat.chat.models import Conversation
from kbchat.core.errors import Invalid, KbchatError, NotAllowed, NotFound
from kbchat.documents.models import Document
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.purging import delete_expired
from kbchat.library.reconciling import Fault, Finding, find_faults
from kbchat.library.uploading import replace
from kbchat.retention.holds import hold_document, hold_person
from kbchat.retention.receipts import list_receipts
from kbchat.retention.rules import (
    DocumentDays,
    conversation_days,
    document_days,
    expire_conversations,
    keep_conversations_for,
    keep_documents_for,
)
from tests.company import MAX_BYTES, PAGE, Company, add, ingest, markdown
from tests.servers import as_worker
from tests.services.chat_support import ask
from tests.services.retention_support import deleted_days_ago, expired_on, purged

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, PAGE)


class TestRules:
    def test_a_deleted_document_waits_for_its_days(self, company: Company, page: DocumentRow) -> None:
        keep_documents_for(company.admin, company.handbook.id, DocumentDays(removed_days=3))
        delete_document(company.editor, page.id)
        assert purged() == 0
        deleted_days_ago(page.id, 2)
        assert purged() == 0
        with as_worker():
            assert list(find_faults()) == []
        deleted_days_ago(page.id, 4)
        with as_worker():
            assert list(find_faults()) == [Finding(Fault.NOT_PURGED, str(page.id))]
        assert purged() == 1

    @pytest.mark.parametrize(("days", "is_deleted"), [(None, False), (10, False), (9, True)])
    def test_what_expired_is_deleted_after_its_days(
        self, company: Company, page: DocumentRow, days: int | None, is_deleted: bool
    ) -> None:
        stays = add(company.admin, company.handbook, PAGE, "stays.md")
        keep_documents_for(company.admin, company.handbook.id, DocumentDays(expired_days=days))
        expired_on(page.version_id, days_ago=9)
        with as_worker():
            assert delete_expired() == int(is_deleted)
            assert delete_expired() == 0
            deleted = set(Document.objects.exclude(deleted_at=None).values_list("pk", flat=True))
        assert deleted == ({page.id} if is_deleted else set())
        assert stays.id not in deleted
        assert [each.deleted_by for each in list_receipts(company.admin)] == [""] * len(deleted)

    def test_what_was_replaced_on_the_day_it_came_goes_with_what_took_its_place(
        self, company: Company, page: DocumentRow
    ) -> None:
        """The former version answers on no day, which is not for good."""
        replace(company.admin, page.id, markdown(PAGE.replace("28", "30")), max_bytes=MAX_BYTES)
        ingest()
        keep_documents_for(company.admin, company.handbook.id, DocumentDays(expired_days=5))
        with as_worker():
            assert delete_expired() == 0
        expired_on(document_row(company.admin, page.id).version_id, days_ago=9)
        with as_worker():
            assert delete_expired() == 1

    def test_what_is_held_does_not_expire(self, company: Company, page: DocumentRow) -> None:
        keep_documents_for(company.admin, company.handbook.id, DocumentDays(expired_days=0))
        hold_document(company.admin, page.id, "Case 12/2026")
        expired_on(page.version_id, days_ago=9)
        with as_worker():
            assert delete_expired() == 0

    def test_only_owners_see_and_change_it(self, company: Company) -> None:
        keep_documents_for(company.admin, company.handbook.id, DocumentDays(1, 2))
        assert document_days(company.admin, company.handbook.id) == DocumentDays(1, 2)
        for viewer, error in ((company.editor, NotAllowed), (company.stranger, NotFound)):
            with pytest.raises(error):
                document_days(viewer, company.handbook.id)
            with pytest.raises(error):
                keep_documents_for(viewer, company.handbook.id, DocumentDays())
        for unusable in (DocumentDays(-1), DocumentDays(0, -1), DocumentDays(40_000)):
            with pytest.raises(Invalid, match="days_unusable"):
                keep_documents_for(company.admin, company.handbook.id, unusable)

    def test_conversations_go_after_their_days_and_those_of_a_held_person_stay(
        self, company: Company
    ) -> None:
        old, young = ask(company.reader, "Old?"), ask(company.reader, "Young?")
        held = ask(company.editor, "Held?")
        hold_person(company.admin, company.editor.user_id, "Case 12/2026")
        for viewer, asked in ((company.reader, old), (company.editor, held)):
            with viewing(viewer):
                Conversation.objects.filter(pk=asked.conversation_id).update(
                    updated_at=timezone.now() - timedelta(days=31)
                )
        with as_worker():
            assert expire_conversations() == 0, "there is no rule"
        keep_conversations_for(company.admin, 30)
        assert conversation_days(company.reader) == 30
        with as_worker():
            assert expire_conversations() == 1
            assert expire_conversations() == 0
        assert [row.id for row in list_conversations(company.reader)] == [young.conversation_id]
        assert [row.id for row in list_conversations(company.editor)] == [held.conversation_id]

    @pytest.mark.parametrize(("days", "who", "error"), [(0, "admin", Invalid), (3, "reader", NotFound)])
    def test_only_administrators_rule_over_conversations(
        self, company: Company, days: int, who: str, error: type[KbchatError]
    ) -> None:
        with pytest.raises(error):
            keep_conversations_for(getattr(company, who), days)
