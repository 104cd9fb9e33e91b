"""What a rule would do is counted before it is put in force, and is what it then does."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.chat.conversations import list_conversations
from kbchat.chat.models import Conversation
from kbchat.core.errors import Invalid, KbchatError, NotAllowed, NotFound
from kbchat.library.deleting import delete_document
from kbchat.library.foreseeing import ForeseenDocuments, foresee_documents
from kbchat.library.purging import delete_expired, purge_deleted
from kbchat.retention.holds import hold_document, hold_person, lift_hold
from kbchat.retention.rules import (
    DocumentDays,
    ForeseenConversations,
    document_days,
    expire_conversations,
    foresee_conversations,
    keep_conversations_for,
    keep_documents_for,
    list_document_days,
)
from tests.company import PAGE, Company, add
from tests.servers import as_worker
from tests.services.chat_support import ask
from tests.services.retention_support import deleted_days_ago, expired_on

pytestmark = pytest.mark.django_db


def test_documents_that_would_go_are_the_ones_that_go(company: Company) -> None:
    keep_documents_for(company.admin, company.handbook.id, DocumentDays(removed_days=9))
    old, held, deleted = (
        add(company.admin, company.handbook, PAGE, f"{n}.md") for n in ("old", "held", "gone")
    )
    add(company.admin, company.handbook, PAGE, "stays.md")
    elsewhere = add(company.admin, company.salaries, PAGE, "elsewhere.md")
    for each in (old, held, elsewhere):
        expired_on(each.version_id, days_ago=9)
    delete_document(company.editor, deleted.id)
    deleted_days_ago(deleted.id, 4)
    hold = hold_document(company.admin, held.id, "Case 12/2026")
    wanted = DocumentDays(removed_days=3, expired_days=5)
    assert foresee_documents(company.admin, company.handbook.id, wanted) == ForeseenDocuments(1, 1, 1)
    for less in (DocumentDays(5, None), DocumentDays(5, 10)):
        assert foresee_documents(company.admin, company.handbook.id, less) == ForeseenDocuments(0, 0, 0)
    assert document_days(company.admin, company.handbook.id) == DocumentDays(removed_days=9)
    keep_documents_for(company.admin, company.handbook.id, wanted)
    with as_worker():
        assert (purge_deleted(), delete_expired()) == (1, 1)
    lift_hold(company.admin, hold.id)
    assert foresee_documents(company.admin, company.handbook.id, wanted) == ForeseenDocuments(1, 0, 0)


def test_conversations_that_would_go_are_the_ones_that_go(company: Company) -> None:
    old, _, held = ask(company.reader, "Old?"), ask(company.reader, "Young?"), ask(company.editor, "Held?")
    hold_person(company.admin, company.editor.user_id, "Case 12/2026")
    for viewer, asked in ((company.reader, old), (company.editor, held)):
        with viewing(viewer):
            Conversation.objects.filter(pk=asked.conversation_id).update(
                updated_at=timezone.now() - timedelta(days=31)
            )
    assert foresee_conversations(company.admin, 30) == ForeseenConversations(deleted=1, held=1)
    assert foresee_conversations(company.admin, 40) == ForeseenConversations(deleted=0, held=0)
    assert foresee_conversations(company.admin, None) == ForeseenConversations(deleted=0, held=0)
    assert len(list_conversations(company.reader)) == 2, "looking ahead deletes nothing"
    keep_conversations_for(company.admin, 30)
    with as_worker():
        assert expire_conversations() == 1


@pytest.mark.parametrize(("who", "error"), [("editor", NotAllowed), ("stranger", NotFound)])
def test_only_who_may_put_a_rule_in_force_is_told(
    company: Company, who: str, error: type[KbchatError]
) -> None:
    viewer = getattr(company, who)
    with pytest.raises(error):
        foresee_documents(viewer, company.handbook.id, DocumentDays())
    with pytest.raises(NotFound):
        foresee_conversations(viewer, 30)
    with pytest.raises(DatabaseError, match="only administrators"), viewing(viewer):
        connection.cursor().execute("SELECT * FROM kbchat_foresee_conversations(1)")
    assert list_document_days(viewer) == []
    assert {each.collection for each in list_document_days(company.admin)} == {"Handbook", "Salaries"}


def test_what_cannot_be_a_rule_is_not_foreseen(company: Company) -> None:
    with pytest.raises(Invalid, match="days_unusable"):
        foresee_documents(company.admin, company.handbook.id, DocumentDays(-1))
    with pytest.raises(Invalid, match="days_unusable"):
        foresee_conversations(company.admin, 0)
