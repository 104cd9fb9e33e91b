"""A shared conversation is read under the rights of its reader and of whoever shared it, and by its link alone (T20,
T21, D10)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewing import no_viewer, viewing
from kbchat.accounts.models import User
from kbchat.audit.models import AuditAction
from kbchat.chat.conversations import delete_conversation
from kbchat.chat.models import Share
from kbchat.chat.sharing import (
    NewShare,
    SharedConversation,
    list_shares,
    revoke_share,
    share_conversation,
    shared_conversation,
)
from kbchat.chat.turns import AcceptedTurn
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.viewer import Viewer
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow
from kbchat.library.sections import close_section, list_sections
from kbchat.library.sharing import give_grant
from tests.company import Company
from tests.security.answers import QUESTION
from tests.services.audit_support import subjects
from tests.services.chat_support import answering, ask, followed, withdraw_grants

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def answered(company: Company, leave: DocumentRow) -> AcceptedTurn:
    """A question of the editor's, answered from the handbook."""
    with answering():
        turn = ask(company.editor, QUESTION)
        followed(company.editor, turn)
    return turn


def shared(viewer: Viewer, turn: AcceptedTurn, *, days: int = 30) -> NewShare:
    return share_conversation(viewer, turn.conversation_id, turn_id=turn.turn_id, days=days)


def check_hidden(found: SharedConversation) -> None:
    """The questions, and of the answers nothing."""
    assert [(turn.question, turn.masked, turn.events) for turn in found.turns] == [(QUESTION, True, [])]
    assert "28 days" not in repr(found)


def check_gone(viewer: Viewer, token: str) -> None:
    """As if there had never been one."""
    for guessed in (token, f"x{uuid4().hex}", ""):
        with pytest.raises(NotFound) as caught:
            shared_conversation(viewer, guessed)
        assert (caught.value.code, caught.value.facts) == ("not_found", {})


def test_whoever_may_read_its_sources_reads_a_shared_answer(company: Company, answered: AcceptedTurn) -> None:
    link = shared(company.editor, answered)
    found = shared_conversation(company.reader, link.token)
    assert (found.title, found.shared_by) == (QUESTION, "Editor")
    assert [turn.masked for turn in found.turns] == [False]
    assert "28 days" in repr(found.turns[0].events)
    shown = subjects(AuditAction.PASSAGES_SHOWN)
    assert shown[-1]["turn"] == str(answered.turn_id)
    assert len(shown) == 2, "to him, too"


def test_whoever_may_not_read_its_sources_sees_the_questions_alone(
    company: Company, answered: AcceptedTurn
) -> None:
    link = shared(company.editor, answered)
    check_hidden(shared_conversation(company.stranger, link.token))
    withdraw_grants(company.admin, company.handbook)
    check_hidden(shared_conversation(company.reader, link.token))
    assert len(subjects(AuditAction.PASSAGES_SHOWN)) == 1


def test_what_the_sharer_may_no_longer_read_he_no_longer_shares(
    company: Company, answered: AcceptedTurn
) -> None:
    link = shared(company.editor, answered)
    withdraw_grants(company.admin, company.handbook)
    give_grant(company.admin, company.handbook.id, Principal("user", company.reader.user_id), Role.READER)
    check_hidden(shared_conversation(company.reader, link.token))
    check_hidden(shared_conversation(company.admin, link.token))


def test_a_closed_section_is_closed_by_a_link_too(
    company: Company, leave: DocumentRow, answered: AcceptedTurn
) -> None:
    link = shared(company.editor, answered)
    section = next(row for row in list_sections(company.admin, leave.id) if row.path == ["Annual leave"])
    close_section(company.admin, section.id, Principal("group", company.staff.pk))
    check_hidden(shared_conversation(company.reader, link.token))
    assert not shared_conversation(company.admin, link.token).turns[0].masked
    delete_document(company.admin, leave.id)
    check_hidden(shared_conversation(company.admin, link.token))


def test_later_questions_and_other_branches_are_not_in_it(company: Company, answered: AcceptedTurn) -> None:
    with answering():
        beside = ask(company.editor, "What expires on 31 March?", after=answered)
        followed(company.editor, beside)
        link = share_conversation(company.editor, answered.conversation_id, turn_id=None, days=1)
        other = ask(company.editor, "How many days may be carried over?", after=answered)
        followed(company.editor, other)
    shown = [turn.id for turn in shared_conversation(company.reader, link.token).turns]
    assert shown == [answered.turn_id, beside.turn_id]
    assert list_shares(company.editor, answered.conversation_id)[0].turns == 2


def test_a_link_ends(company: Company, answered: AcceptedTurn) -> None:
    first, second, third, fourth = (shared(company.editor, answered) for _ in range(4))
    revoke_share(company.editor, first.share.id)
    check_gone(company.reader, first.token)
    with viewing(company.editor):
        Share.objects.filter(pk=second.share.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    check_gone(company.reader, second.token)
    live = {third.share.id, fourth.share.id}
    assert {row.id for row in list_shares(company.editor, answered.conversation_id)} == live
    User.objects.filter(pk=company.editor.user_id).update(is_active=False)
    check_gone(company.reader, third.token)
    User.objects.filter(pk=company.editor.user_id).update(is_active=True)
    assert shared_conversation(company.reader, third.token)
    delete_conversation(company.editor, answered.conversation_id)
    check_gone(company.reader, third.token)
    assert [subject["share"] for subject in subjects(AuditAction.SHARE_REVOKED)] == [str(first.share.id)]
    assert len(subjects(AuditAction.SHARE_MADE)) == 4


def test_somebody_who_has_left_opens_nothing(company: Company, answered: AcceptedTurn) -> None:
    link = shared(company.editor, answered)
    User.objects.filter(pk=company.reader.user_id).update(is_active=False)
    check_gone(company.reader, link.token)
    with no_viewer(), connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM chat_share")
        assert cursor.fetchall() == [], "nobody in particular sees no link"


def test_a_link_opens_no_table(company: Company, answered: AcceptedTurn) -> None:
    """What it shows comes through one function; row-level security stays as it was."""
    link = shared(company.editor, answered)
    for viewer in (company.reader, company.admin):
        shared_conversation(viewer, link.token)
        with viewing(viewer), connection.cursor() as cursor:
            for table in ("chat_conversation", "chat_turn", "chat_shown", "chat_share", "chat_share_turns"):
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone() == (0,), table
        for attempt in (
            lambda: revoke_share(viewer, link.share.id),  # noqa: B023 (called at once)
            lambda: list_shares(viewer, answered.conversation_id),  # noqa: B023
            lambda: shared(viewer, answered),  # noqa: B023
        ):
            with pytest.raises(NotFound):
                attempt()


def test_nobody_guesses_a_link_or_finds_it_in_the_database(company: Company, answered: AcceptedTurn) -> None:
    links = [shared(company.editor, answered) for _ in range(3)]
    assert len({link.token for link in links}) == 3
    assert all(len(link.token) >= 43 for link in links), "256 bits"
    with viewing(company.editor):
        kept = repr(list(Share.objects.values()))
    assert not any(link.token in kept for link in links)


def test_what_cannot_be_shared_is_refused(company: Company, leave: DocumentRow) -> None:
    waiting = ask(company.reader, QUESTION)
    for days in (0, 366):
        with pytest.raises(Invalid, match="share_days"):
            shared(company.reader, waiting, days=days)
    with pytest.raises(Invalid, match="nothing_to_share"):
        shared(company.reader, waiting)
    with pytest.raises(NotFound):
        share_conversation(company.reader, waiting.conversation_id, turn_id=uuid4(), days=1)
    with pytest.raises(NotFound):
        share_conversation(company.reader, uuid4(), turn_id=None, days=1)
