"""Erasing a person: what he asked and all by which he was known is gone; the trail keeps his pseudonym."""

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.access.viewers import viewer_of
from kbchat.access.viewing import viewing
from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.models import ApiKey, DirectoryPerson, Membership, User
from kbchat.answering.events import OwnersNamed, TurnFinished, TurnStarted
from kbchat.audit.models import AuditAction, AuditEvent
from kbchat.chat.conversations import list_conversations
from kbchat.chat.feedback import Opinion, give_feedback
from kbchat.chat.models import Turn, TurnState
from kbchat.chat.record import NumberedEvent, from_stored, numbered, to_stored
from kbchat.core.errors import Conflict, Invalid, NotFound
from kbchat.library.collections import create_collection
from kbchat.library.sharing import give_grant
from kbchat.retention.erasing import erase_person, list_erasures
from kbchat.retention.holds import hold_person
from kbchat.retention.models import ErasureReceipt
from tests.company import Company, person
from tests.servers import as_owner, everything_in_the_database
from tests.services.chat_support import ask

pytestmark = pytest.mark.django_db


def call_erasure(company: Company) -> None:
    """Of the reader, past the use case."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kbchat_erase_person(%s)", [company.reader.user_id])


def test_nothing_is_left_of_him_but_a_pseudonym(company: Company) -> None:
    erased = User.objects.get(pk=company.reader.user_id)
    User.objects.filter(pk=erased.pk).update(name="Zacharias Quibble")
    DirectoryPerson.objects.create(user=erased, user_name="zquibble", family_name="Quibble")
    create_api_key(erased, "quibble's laptop")
    asked = ask(company.reader, "Where is quibblestone?")
    with viewing(company.reader):
        Turn.objects.update(state=TurnState.DONE, finished_at=timezone.now(), answer="The quibblestone.")
    opinion = Opinion(is_helpful=False, comment="quibblewise", is_handed_over=True)
    give_feedback(company.reader, asked.conversation_id, asked.turn_id, opinion)
    assert "quibble" in everything_in_the_database()

    receipt = erase_person(company.admin, erased.pk)
    assert (receipt.conversations, receipt.questions) == (1, 1)

    left = everything_in_the_database().lower()
    assert "quibble" not in left
    assert "reader@example.com" not in left
    erased.refresh_from_db()
    assert (erased.is_active, erased.name) == (False, f"#{erased.pk.hex[:8]}")
    assert not erased.has_usable_password()
    assert list_conversations(company.reader) == []
    for model in (Membership, Grant, ApiKey):
        assert not model.objects.filter(user=erased).exists()
    with as_owner():
        told = AuditEvent.objects.filter(action=AuditAction.PERSON_ERASED).get()
    assert (told.actor_id, told.subject["person"]) == (company.admin.user_id, str(erased.pk))


def test_a_refusal_that_named_him_names_him_no_more(company: Company) -> None:
    """It stands in somebody else's conversation."""
    asked = ask(company.editor, "Where is the lock?")
    User.objects.filter(pk=company.reader.user_id).update(name="Zacharias Quibble")
    events = numbered(
        [
            TurnStarted(strategy="quoting"),
            OwnersNamed(collection_name="Handbook", owners=["Zacharias Quibble", "Office"]),
            OwnersNamed(collection_name="Travel", owners=["Zacharias Quibble"]),
            TurnFinished(state="refused", reason="not_found"),
        ]
    )
    with viewing(company.editor):
        Turn.objects.filter(pk=asked.turn_id).update(
            state=TurnState.REFUSED, finished_at=timezone.now(), events=to_stored(events)
        )
    erase_person(company.admin, company.reader.user_id)
    with viewing(company.editor):
        left = Turn.objects.get(pk=asked.turn_id).events
    kept = [
        events[0],
        NumberedEvent(2, OwnersNamed(collection_name="Handbook", owners=["Office"])),
        events[3],
    ]
    assert from_stored(left) == kept
    assert "quibble" not in everything_in_the_database().lower()


def test_its_receipt_stays_as_it_is_and_is_told_to_administrators_alone(company: Company) -> None:
    ask(company.reader, "Where is the lock?")
    receipt = erase_person(company.admin, company.reader.user_id)
    assert list_erasures(company.admin) == [receipt]
    assert (receipt.person, receipt.erased_by) == (f"#{company.reader.user_id.hex[:8]}", "Admin")
    with pytest.raises(NotFound):
        list_erasures(company.editor)
    with viewing(company.editor):
        assert not ErasureReceipt.objects.exists()
    forged = {"person_id": company.stranger.user_id, "conversations": 0, "questions": 0}
    for viewer, by in ((company.editor, company.editor), (company.admin, company.editor)):
        with pytest.raises(DatabaseError), viewing(viewer):
            ErasureReceipt.objects.create(erased_by=by.user_id, **forged)
    for change in (
        "UPDATE retention_erasurereceipt SET questions = 9",
        "DELETE FROM retention_erasurereceipt",
    ):
        with pytest.raises(DatabaseError), viewing(company.admin), connection.cursor() as cursor:
            cursor.execute(change)


def test_nobody_else_s_is_touched(company: Company) -> None:
    ask(company.editor, "Where is the key?")
    ask(company.reader, "Where is the lock?")
    erase_person(company.admin, company.reader.user_id)
    assert len(list_conversations(company.editor)) == 1
    assert User.objects.get(pk=company.editor.user_id).is_active


def test_it_is_an_administrator_s_alone(company: Company) -> None:
    with pytest.raises(NotFound):
        erase_person(company.editor, company.reader.user_id)
    ask(company.reader, "Where is the lock?")
    with pytest.raises(DatabaseError, match="only administrators"), viewing(company.editor):
        call_erasure(company)
    assert len(list_conversations(company.reader)) == 1


def test_who_is_held_is_not_erased(company: Company) -> None:
    ask(company.reader, "Where is the lock?")
    hold_person(company.admin, company.reader.user_id, "Case 12/2026")
    with pytest.raises(Conflict, match="person_held"):
        erase_person(company.admin, company.reader.user_id)
    assert User.objects.get(pk=company.reader.user_id).is_active
    with pytest.raises(DatabaseError, match="held"), viewing(company.admin):
        call_erasure(company)


def test_the_last_owner_and_oneself_are_not_erased(company: Company) -> None:
    with pytest.raises(Invalid, match="erases_himself"):
        erase_person(company.admin, company.admin.user_id)
    second = viewer_of(person("second@example.com", is_administrator=True))
    alone = create_collection(second, name="Alone")
    with pytest.raises(Invalid, match="person_is_last_owner"):
        erase_person(company.admin, second.user_id)
    assert User.objects.get(pk=second.user_id).is_active
    give_grant(second, alone.id, Principal("user", company.admin.user_id), Role.OWNER)
    erase_person(company.admin, second.user_id)
