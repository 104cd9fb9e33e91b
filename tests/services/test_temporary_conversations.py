"""A temporary conversation: answered like any other, and then nowhere."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.chat.conversations import conversation, delete_conversation, list_conversations
from kbchat.chat.feedback import Opinion, give_feedback
from kbchat.chat.history import find_conversations
from kbchat.chat.models import Citation, Conversation, Shown, Turn, TurnTerms
from kbchat.chat.redis_clients import client
from kbchat.chat.sharing import share_conversation
from kbchat.chat.turns import AcceptedTurn, Ask, open_turn
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.insights.reporting import Wish, report_gap
from kbchat.retention.holds import hold_person, lift_hold
from kbchat.retention.rules import expire_conversations
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company
from tests.servers import as_worker, everything_in_the_database
from tests.services.audit_support import recorded
from tests.services.chat_support import answering, followed

pytestmark = pytest.mark.django_db

QUESTION = "How many days of annual leave has a zanzibarist?"


def ask(viewer: Viewer, question: str = QUESTION, after: AcceptedTurn | None = None) -> AcceptedTurn:
    return open_turn(
        viewer,
        Ask(
            uuid4(),
            question,
            conversation_id=after and after.conversation_id,
            parent_turn_id=after and after.turn_id,
            is_temporary=after is None,
        ),
    )


def expired() -> int:
    with as_worker():
        return expire_conversations()


def hours_ago(viewer: Viewer, turn: AcceptedTurn, hours: int) -> None:
    with viewing(viewer):
        at = timezone.now() - timedelta(hours=hours)
        Conversation.objects.filter(pk=turn.conversation_id).update(updated_at=at)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("leave")
def test_it_is_answered_found_nowhere_and_leaves_no_word(company: Company) -> None:
    with answering():
        turn = ask(company.reader)
        assert followed(company.reader, turn)[-1].event.state == "done"
        again = ask(company.reader, "And for a zanzibarist in Hamburg?", after=turn)
        followed(company.reader, again)
    detail = conversation(company.reader, turn.conversation_id)
    assert (detail.is_temporary, len(detail.turns)) == (True, 2)
    assert list_conversations(company.reader) == []
    for words in ("zanzibarist", "annual leave", detail.title):
        assert find_conversations(company.reader, words) == []
    with viewing(company.reader):
        assert not TurnTerms.objects.exists()
        assert Shown.objects.exists()
    shown = recorded(AuditAction.PASSAGES_SHOWN)
    assert shown, "the trail says what was shown, as of every question"
    assert "zanzibarist" in everything_in_the_database().lower()
    keys = [f"turn:{each.turn_id}" for each in (turn, again)]
    assert client().exists(*keys) == 2
    delete_conversation(company.reader, turn.conversation_id)
    assert "zanzibarist" not in everything_in_the_database().lower()
    assert client().exists(*keys) == 0
    with viewing(company.reader):
        assert [model.objects.count() for model in (Conversation, Turn, Shown, Citation)] == [0, 0, 0, 0]
    assert recorded(AuditAction.PASSAGES_SHOWN) == shown


def shared(viewer: Viewer, turn: AcceptedTurn) -> object:
    return share_conversation(viewer, turn.conversation_id, turn_id=None, days=1)


def judged(viewer: Viewer, turn: AcceptedTurn) -> object:
    opinion = Opinion(is_helpful=True, is_handed_over=True)
    return give_feedback(viewer, turn.conversation_id, turn.turn_id, opinion)


def reported(viewer: Viewer, turn: AcceptedTurn) -> object:
    retriever = PostgresRetriever(only(HashEmbedder()))
    wish = Wish(comment="", may_be_named=True)
    return report_gap(viewer, turn.conversation_id, turn.turn_id, wish, retriever=retriever, encoders=None)


@pytest.mark.parametrize("hand_over", [shared, judged, reported])
def test_nothing_of_it_is_handed_over(
    company: Company, hand_over: Callable[[Viewer, AcceptedTurn], object]
) -> None:
    turn = ask(company.reader)
    with viewing(company.reader):
        Turn.objects.filter(pk=turn.turn_id).update(state="refused", finished_at=timezone.now())
    with pytest.raises(NotAllowed, match="conversation_temporary"):
        hand_over(company.reader, turn)
    with pytest.raises(NotFound):
        hand_over(company.editor, turn)


def test_what_nobody_closed_is_erased_a_day_after_its_last_question(company: Company) -> None:
    """Whatever the rule for conversations is: there is none here."""
    turn = ask(company.reader)
    kept = open_turn(company.reader, Ask(uuid4(), QUESTION))
    for each in (turn, kept):
        hours_ago(company.reader, each, 23)
    assert expired() == 0
    for each in (turn, kept):
        hours_ago(company.reader, each, 25)
    assert (expired(), expired()) == (1, 0)
    assert [row.id for row in list_conversations(company.reader)] == [kept.conversation_id]
    with pytest.raises(NotFound):
        conversation(company.reader, turn.conversation_id)


def test_a_held_person_has_none_and_what_he_had_is_kept_until_the_hold_is_lifted(company: Company) -> None:
    turn = ask(company.reader)
    hold = hold_person(company.admin, company.reader.user_id, "Case 12/2026")
    for again in (None, turn):
        with pytest.raises(NotAllowed, match="temporary_held"):
            ask(company.reader, after=again)
    open_turn(company.reader, Ask(uuid4(), QUESTION))
    with pytest.raises(NotAllowed, match="conversations_held"):
        delete_conversation(company.reader, turn.conversation_id)
    hours_ago(company.reader, turn, 25)
    assert expired() == 0
    lift_hold(company.admin, hold.id)
    assert expired() == 1


def test_what_was_begun_as_kept_stays_kept(company: Company) -> None:
    """Whatever a later question says of itself."""
    kept = open_turn(company.reader, Ask(uuid4(), QUESTION))
    open_turn(
        company.reader,
        Ask(uuid4(), QUESTION, kept.conversation_id, kept.turn_id, is_temporary=True),
    )
    assert [row.id for row in list_conversations(company.reader)] == [kept.conversation_id]
