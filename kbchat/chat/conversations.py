"""A person's conversations: listed, read with masks, renamed, pinned, deleted. Row-level security keeps them to
their owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.chat.attendance import was_read
from kbchat.chat.doorbell import ring_stop
from kbchat.chat.masking import masked_turns
from kbchat.chat.models import Conversation, Feedback, Turn, TurnState
from kbchat.chat.record import NumberedEvent, from_stored
from kbchat.chat.turn_log import forget, glance
from kbchat.chat.turns import title_of
from kbchat.core.errors import Invalid, NotAllowed, NotFound
from kbchat.core.typed_text import storable
from kbchat.core.viewer import Viewer
from kbchat.retention.holds import viewer_is_held
from kbchat.retrieval.port import Scope
from kbchat.retrieval.scopes import from_stored as scope_from_stored
from kbchat.retrieval.scopes import visible_part, visible_parts

_MOST_LISTED = 500
_MOST_TITLE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class ConversationRow:
    id: UUID
    title: str
    updated_at: datetime
    is_pinned: bool


@dataclass(frozen=True, slots=True)
class TurnDetail:
    """`masked`: a passage that the answer rests on is no longer available to its reader; then `events` is empty. The
    question stays: it is the reader's own words. A running turn has the events so far. `feedback`: what he said of the
    answer, `scope`: what he asked it of, as far as he still sees it; both None in what somebody else shares."""

    id: UUID
    parent_id: UUID | None
    question: str
    state: str
    created_at: datetime
    masked: bool
    events: list[NumberedEvent]
    feedback: Feedback | None = None
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class ConversationDetail:
    id: UUID
    title: str
    updated_at: datetime
    is_temporary: bool
    scope: Scope
    turns: list[TurnDetail]


def list_conversations(viewer: Viewer) -> list[ConversationRow]:
    """Pinned ones first, each kind newest first; no temporary ones."""
    with viewing(viewer):
        found = Conversation.objects.filter(is_temporary=False).order_by(
            F("pinned_at").desc(nulls_last=True), "-updated_at"
        )
        return [row_of(conversation) for conversation in found[:_MOST_LISTED]]


def conversation(viewer: Viewer, conversation_id: UUID) -> ConversationDetail:
    """Its turns, oldest first. Raises NotFound."""
    with viewing(viewer):
        found = access_conversation(conversation_id)
        # The trace is never sent, and as large as the rest.
        rows = Turn.objects.filter(conversation=found).order_by("created_at").defer("trace")
        turns = details_of(viewer, list(rows))
        scope = visible_part(viewer, scope_from_stored(found.scope))
    return ConversationDetail(
        id=found.pk,
        title=found.title,
        updated_at=found.updated_at,
        is_temporary=found.is_temporary,
        scope=scope,
        turns=turns,
    )


def conversation_turn(viewer: Viewer, conversation_id: UUID, turn_id: UUID) -> TurnDetail:
    """One turn of a conversation. Raises NotFound."""
    with viewing(viewer):
        turn = Turn.objects.filter(pk=turn_id, conversation=conversation_id).first()
        if turn is None:
            raise NotFound
        if turn.state == TurnState.RUNNING:
            was_read(turn.pk)
        return details_of(viewer, [turn])[0]


def details_of(viewer: Viewer, turns: Sequence[Turn]) -> list[TurnDetail]:
    """What he may be sent of these turns of his. Inside `viewing(viewer)`, and after they were read: whatever is closed
    by then is masked."""
    ids = [turn.pk for turn in turns]
    masked, said = masked_turns(viewer, ids), Feedback.objects.in_bulk(ids)
    scopes = visible_parts(viewer, [scope_from_stored(turn.scope) for turn in turns])
    return [
        _turn(turn, said.get(turn.pk), scope, masked=turn.pk in masked)
        for turn, scope in zip(turns, scopes, strict=True)
    ]


def change_conversation(
    viewer: Viewer, conversation_id: UUID, *, title: str | None = None, is_pinned: bool | None = None
) -> ConversationRow:
    """None: as it is. Pinned ones stand above the others. Raises NotFound, Invalid."""
    wanted = None if title is None else _named(title)
    with viewing(viewer):
        found = access_conversation(conversation_id)
        if wanted is not None:
            found.title = wanted
        if is_pinned is not None and is_pinned != (found.pinned_at is not None):
            found.pinned_at = timezone.now() if is_pinned else None
        found.save(update_fields=["title", "pinned_at"])
    return row_of(found)


def delete_conversation(viewer: Viewer, conversation_id: UUID) -> None:
    """With all of its turns, at once; an answer that runs is stopped. Raises NotFound, or NotAllowed where his
    conversations are kept by a legal hold."""
    with viewing(viewer):
        found = access_conversation(conversation_id)
        if viewer_is_held():
            raise NotAllowed("conversations_held")
        turns = list(Turn.objects.filter(conversation=found).values_list("pk", "state"))
        found.delete()
        for turn_id, state in turns:
            if state == TurnState.RUNNING:
                transaction.on_commit(partial(ring_stop, turn_id))
        transaction.on_commit(partial(forget, [turn_id for turn_id, _ in turns]))


def access_kept_conversation(conversation_id: UUID) -> Conversation:
    """As `access_conversation`. Raises NotAllowed("conversation_temporary") for one of which nothing is handed over."""
    found = access_conversation(conversation_id)
    if found.is_temporary:
        raise NotAllowed("conversation_temporary")
    return found


def access_conversation(conversation_id: UUID) -> Conversation:
    """Inside `viewing`: his own. Raises NotFound."""
    found = Conversation.objects.filter(pk=conversation_id).first()
    if found is None:
        raise NotFound
    return found


def _named(title: str) -> str:
    words = storable(title).strip()
    if not words:
        raise Invalid("title_empty")
    if len(words) > _MOST_TITLE_CHARACTERS:
        raise Invalid("title_too_long", most=_MOST_TITLE_CHARACTERS)
    return title_of(words) if "\n" in words else words


def row_of(found: Conversation) -> ConversationRow:
    return ConversationRow(found.pk, found.title, found.updated_at, found.pinned_at is not None)


def _turn(turn: Turn, feedback: Feedback | None, scope: Scope, *, masked: bool) -> TurnDetail:
    events: list[NumberedEvent] = []
    if not masked:
        stored = from_stored(turn.events)
        events = max(stored, glance(turn.pk), key=len) if turn.state == TurnState.RUNNING else stored
    return TurnDetail(
        id=turn.pk,
        parent_id=turn.parent_id,
        question=turn.question,
        state=turn.state,
        created_at=turn.created_at,
        masked=masked,
        events=events,
        feedback=feedback,
        scope=scope,
    )
