"""What is deleted goes when nothing keeps it, a receipt says what went, and holds keep what they name (D9, T57)."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import override_settings

from kbchat.access.viewing import viewing
from kbchat.chat.conversations import conversation, delete_conversation, list_conversations
from kbchat.chat.models import Turn
from kbchat.core.errors import Conflict, Invalid, NotAllowed, NotFound
from kbchat.indexing.models import IndexGeneration
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.purging import forget_answers
from kbchat.library.uploading import replace
from kbchat.retention.holds import hold_document, hold_person, lift_hold, list_holds
from kbchat.retention.models import DeletionReceipt
from kbchat.retention.receipts import list_receipts
from tests.company import MAX_BYTES, PAGE, Company, add, ingest, markdown
from tests.servers import as_worker, everything_in_the_database
from tests.services.retention_support import answered, execute, is_there, left_of, purged

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, PAGE)


class TestReceipts:
    def test_it_says_who_deleted_it_when_and_what_was_removed(
        self, company: Company, page: DocumentRow
    ) -> None:
        asked = answered(company.reader, page)
        delete_document(company.editor, page.id)
        (waiting,) = list_receipts(company.admin)
        assert (waiting.document_id, waiting.collection_id) == (page.id, company.handbook.id)
        assert (waiting.state, waiting.deleted_by, waiting.removed) == ("waiting", "Editor", {})
        assert purged() == 1
        (receipt,) = list_receipts(company.admin)
        with as_worker():
            generation = str(IndexGeneration.objects.get().pk)
        assert receipt.state == "purged"
        assert receipt.purged_at
        assert receipt.removed.pop("terms") > 0
        assert receipt.removed == {
            "versions": 1,
            "passages": 2,
            "vectors": {generation: 2},
            "files": 1,
            "files_of_others": 0,
            "answers": 1,
            "answers_held": 0,
        }
        assert left_of(company.reader, asked) == ("", 0)

    def test_what_quoted_it_is_forgotten_and_stays_masked(self, company: Company, page: DocumentRow) -> None:
        other = add(company.admin, company.handbook, PAGE.replace("28", "30"), "other.md")
        asked, kept = answered(company.reader, page), answered(company.reader, other)
        delete_document(company.admin, page.id)
        purged()
        assert left_of(company.reader, asked) == ("", 0)
        assert left_of(company.reader, kept)[1] == 1, "another document's answers stay"
        for turn, is_masked in ((asked, True), (kept, False)):
            with viewing(company.reader):
                of = Turn.objects.get(pk=turn).conversation_id
            (shown,) = conversation(company.reader, of).turns
            assert (shown.masked, shown.question) == (is_masked, "How many days?")

    def test_nobody_but_administrators_reads_them_and_nobody_changes_them(
        self, company: Company, page: DocumentRow
    ) -> None:
        delete_document(company.editor, page.id)
        for viewer in (company.editor, company.stranger):
            with pytest.raises(NotFound):
                list_receipts(viewer)
            with viewing(viewer):
                assert not DeletionReceipt.objects.exists()
        for change in ("UPDATE {} SET purged_at = now()", "DELETE FROM {}"):
            with pytest.raises(DatabaseError), viewing(company.admin):
                execute(change.format("retention_deletionreceipt"))

    def test_nobody_makes_one_of_what_he_may_not_delete(self, company: Company, page: DocumentRow) -> None:
        receipt = DeletionReceipt(
            document_id=page.id, collection_id=company.handbook.id, deleted_by=company.reader.user_id
        )
        with pytest.raises(DatabaseError), viewing(company.reader):
            receipt.save(force_insert=True)


def test_no_word_of_it_stands_anywhere(company: Company, tmp_path: Path) -> None:
    """T57: in a dump of the database, or in a file."""
    with override_settings(MEDIA_ROOT=tmp_path):
        text = "# Zanzibarism\n\nThe zanzibarist is in the cellar.\n\n## Zanzibarist notes\n\nSecret.\n"
        row = add(company.admin, company.handbook, text, "zanzibar.md")
        replace(company.admin, row.id, markdown(f"{text}More.\n", "zanzibar.md"), max_bytes=MAX_BYTES)
        ingest()
        answered(company.reader, document_row(company.admin, row.id), "The zanzibarist is in the cellar.")
        assert everything_in_the_database().lower().count("zanzibar") > 20
        delete_document(company.admin, row.id)
        purged()
        assert "zanzibar" not in everything_in_the_database().lower()
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


class TestHolds:
    def test_what_is_held_is_hidden_and_not_purged_until_it_is_lifted(
        self, company: Company, page: DocumentRow
    ) -> None:
        hold = hold_document(company.admin, page.id, "Case 12/2026")
        delete_document(company.editor, page.id)
        assert purged() == 0
        (receipt,) = list_receipts(company.admin)
        assert (receipt.state, receipt.reason) == ("held", "Case 12/2026")
        lift_hold(company.admin, hold.id)
        assert purged() == 1
        assert not is_there(page.id)

    def test_what_was_deleted_can_still_be_held(self, company: Company, page: DocumentRow) -> None:
        delete_document(company.editor, page.id)
        hold_document(company.admin, page.id, "Case 12/2026")
        assert purged() == 0
        assert is_there(page.id)

    def test_the_database_itself_keeps_a_held_document(self, company: Company, page: DocumentRow) -> None:
        hold_document(company.admin, page.id, "Case 12/2026")
        tables = (
            *("ingestion_ingestionrun", "indexing_embedding", "ingestion_chunk"),
            *("documents_versioncontent", "documents_documentversion", "documents_section"),
            "documents_document",
        )
        everything = "; ".join(f"DELETE FROM {table}" for table in tables)
        with pytest.raises(IntegrityError, match="retention_legalhold"), as_worker(), transaction.atomic():
            execute(f"{everything}; SET CONSTRAINTS ALL IMMEDIATE")

    def test_a_held_person_s_conversations_stay_whoever_deletes_them(
        self, company: Company, page: DocumentRow
    ) -> None:
        asked = answered(company.reader, page)
        with viewing(company.reader):
            of = Turn.objects.get(pk=asked).conversation_id
        hold = hold_person(company.admin, company.reader.user_id, "Case 12/2026")
        with pytest.raises(NotAllowed, match="conversations_held"):
            delete_conversation(company.reader, of)
        for table in ("chat_conversation", "chat_turn"):
            with pytest.raises(DatabaseError, match="held"), viewing(company.reader):
                execute(f"DELETE FROM {table}")
        delete_document(company.editor, page.id)
        assert purged() == 1
        (receipt,) = list_receipts(company.admin)
        assert (receipt.removed["answers"], receipt.removed["answers_held"]) == (0, 1)
        assert left_of(company.reader, asked)[1] == 1

        lift_hold(company.admin, hold.id)
        with as_worker():
            assert forget_answers() == (1, 0)
            assert forget_answers() == (0, 0)
        assert left_of(company.reader, asked) == ("", 0)
        delete_conversation(company.reader, of)
        assert list_conversations(company.reader) == []

    def test_nobody_but_administrators_places_sees_or_lifts_one(
        self, company: Company, page: DocumentRow
    ) -> None:
        hold = hold_document(company.admin, page.id, "Case 12/2026")
        assert [each.id for each in list_holds(company.admin)] == [hold.id]
        tried: list[Callable[[], object]] = [
            lambda: list_holds(company.editor),
            lambda: hold_person(company.editor, company.reader.user_id, "Mine"),
            lambda: hold_document(company.editor, page.id, "Mine"),
            lambda: lift_hold(company.editor, hold.id),
        ]
        for attempt in tried:
            with pytest.raises(NotFound):
                attempt()

    @pytest.mark.parametrize("reason", ["", "  \n", "x" * 501])
    def test_it_has_a_reason(self, company: Company, page: DocumentRow, reason: str) -> None:
        with pytest.raises(Invalid, match="hold_reason"):
            hold_document(company.admin, page.id, reason)

    def test_what_is_held_twice_or_hidden_or_gone_is_refused(
        self, company: Company, page: DocumentRow
    ) -> None:
        hold_document(company.admin, page.id, "Case 12/2026")
        with pytest.raises(Conflict, match="already_held"):
            hold_document(company.admin, page.id, "Case 13/2026")
        with pytest.raises(NotFound):
            hold_document(company.admin, UUID(int=1), "Case 14/2026")
        with pytest.raises(NotFound):
            hold_person(company.admin, UUID(int=1), "Case 14/2026")
