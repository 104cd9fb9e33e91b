"""Asking and stopping: a turn's row is made, or marked, and the doorbell rung. Nothing is answered here."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.answering.events import TurnFinished
from kbchat.chat.doorbell import ring_new, ring_stop
from kbchat.chat.models import Conversation, Turn, TurnState
from kbchat.chat.record import numbered
from kbchat.chat.record import to_stored as events_to_stored
from kbchat.chat.spending import seconds_to_a_new_day, tokens_used_today
from kbchat.core.errors import Busy, Conflict, NotAllowed, NotFound
from kbchat.core.limits import Limit, reached
from kbchat.core.question_text import question_text
from kbchat.core.viewer import Viewer
from kbchat.retention.holds import viewer_is_held
from kbchat.retrieval.port import EVERYTHING, Scope
from kbchat.retrieval.scopes import access_scope, to_stored

UNFINISHED = (TurnState.QUEUED, TurnState.RUNNING)
_TITLE_CHARACTERS = 80
_AN_ANSWER_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Ask:
    """`client_message_id`: made by the client, so that asking again is not asking twice. `conversation_id` None: a new
    one. `parent_turn_id`: the turn that this one follows. `quotes_only`: no model is to be asked. `is_temporary`: of a
    new conversation; one that is there stays as it was begun."""

    client_message_id: UUID
    question: str
    conversation_id: UUID | None = None
    parent_turn_id: UUID | None = None
    scope: Scope = EVERYTHING
    quotes_only: bool = False
    is_temporary: bool = False


@dataclass(frozen=True, slots=True)
class AcceptedTurn:
    conversation_id: UUID
    turn_id: UUID


def open_turn(viewer: Viewer, ask: Ask) -> AcceptedTurn:
    """Accept a question; the same `client_message_id` gives the same turn.

    Raises Invalid, NotFound (conversation, parent or scope), Busy("too_many_turns"), Busy("tokens_used_up"),
    NotAllowed("temporary_held") where a legal hold keeps what he asks, and Conflict where the id was used for another
    question or in another conversation.
    """
    question = question_text(ask.question)
    with viewing(viewer):
        _one_at_a_time(viewer)
        known = Turn.objects.filter(owner_id=viewer.user_id, client_message_id=ask.client_message_id).first()
        if known is not None:
            if known.question != question or ask.conversation_id not in (None, known.conversation_id):
                raise Conflict("message_id_taken")
            return AcceptedTurn(known.conversation_id, known.pk)
        _require_room(viewer, ask)
        scope = to_stored(access_scope(viewer, ask.scope))
        conversation = _conversation(viewer, ask, question, scope)
        turn = Turn.objects.create(
            conversation=conversation,
            owner_id=viewer.user_id,
            parent=_parent(ask, conversation),
            client_message_id=ask.client_message_id,
            question=question,
            scope=scope,
            quotes_only=ask.quotes_only,
            within=_within(viewer),
        )
        transaction.on_commit(ring_new)
    return AcceptedTurn(conversation.pk, turn.pk)


def request_stop(viewer: Viewer, turn_id: UUID) -> None:
    """Ask for the end of an answer; nothing happens to one that has ended. Raises NotFound."""
    with viewing(viewer):
        mine = Turn.objects.filter(pk=turn_id)
        if not mine.exists():
            raise NotFound
        now = timezone.now()
        # A turn that waits is nobody's yet: it ends here. If a process takes it meanwhile, it is told.
        ended = mine.filter(state=TurnState.QUEUED).update(
            state=TurnState.STOPPED,
            stop_requested_at=now,
            finished_at=now,
            events=events_to_stored(numbered([TurnFinished(state="stopped")])),
        )
        if not ended:
            mine.filter(state=TurnState.RUNNING, stop_requested_at=None).update(stop_requested_at=now)
        transaction.on_commit(partial(ring_stop, turn_id))


def title_of(question: str) -> str:
    """The first line of a question, shortened at a blank where there is one near."""
    line = " ".join(question.strip().splitlines()[0].split())
    if len(line) <= _TITLE_CHARACTERS:
        return line
    cut = line[: _TITLE_CHARACTERS - 1]
    at_blank = cut.rpartition(" ")[0]
    return (at_blank if len(at_blank) > _TITLE_CHARACTERS // 2 else cut).rstrip() + "…"


def _one_at_a_time(viewer: Viewer) -> None:
    """One person's questions are accepted one after another: doubled frames and the limit are counted right."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ask {viewer.user_id}"])


def _require_room(viewer: Viewer, ask: Ask) -> None:
    """Whatever he came by. Raises Busy where he has as many unfinished questions as are allowed, or has used up his
    day's tokens, and Conflict where the id is that of a question which an API key must not see."""
    with viewing(viewer.in_all_collections):
        mine = Turn.objects.filter(owner_id=viewer.user_id)
        if mine.filter(client_message_id=ask.client_message_id).exists():
            raise Conflict("message_id_taken")
        unfinished, tokens = mine.filter(state__in=UNFINISHED).count(), tokens_used_today(viewer)
    most = settings.LIMITS.most_answers_at_once
    if unfinished >= most:
        busy = Busy("too_many_turns", most=most, wait_seconds=_AN_ANSWER_SECONDS)
        raise reached(Limit.ANSWERS_AT_ONCE, busy)
    if tokens >= settings.LIMITS.most_tokens_a_day:
        raise reached(Limit.TOKENS_A_DAY, Busy("tokens_used_up", wait_seconds=seconds_to_a_new_day()))


def _conversation(viewer: Viewer, ask: Ask, question: str, scope: dict[str, Any]) -> Conversation:
    """The one asked in, touched; or a new one."""
    if ask.conversation_id is None:
        if ask.parent_turn_id is not None:
            raise NotFound
        if ask.is_temporary:
            _require_erasable()
        return Conversation.objects.create(
            owner_id=viewer.user_id,
            title=title_of(question),
            scope=scope,
            within=_within(viewer),
            is_temporary=ask.is_temporary,
        )
    conversation = Conversation.objects.filter(pk=ask.conversation_id).first()
    if conversation is None:
        raise NotFound
    if conversation.is_temporary:
        _require_erasable()
    conversation.scope, conversation.updated_at = scope, timezone.now()
    conversation.save(update_fields=["scope", "updated_at"])
    return conversation


def _require_erasable() -> None:
    """Nothing is called temporary that would be kept."""
    if viewer_is_held():
        raise NotAllowed("temporary_held")


def _within(viewer: Viewer) -> list[UUID] | None:
    return None if viewer.collections is None else sorted(viewer.collections)


def _parent(ask: Ask, conversation: Conversation) -> Turn | None:
    if ask.parent_turn_id is None:
        return None
    parent = Turn.objects.filter(pk=ask.parent_turn_id, conversation=conversation).first()
    if parent is None:
        raise NotFound
    return parent
