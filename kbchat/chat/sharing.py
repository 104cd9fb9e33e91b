"""A conversation, as it is now, shown to colleagues by a link: to each as far as he may read what its answers rest on.

Whoever opens a link is signed in. He sees the questions, which are the words of whoever shared them, and of the
answers those that neither he nor the one who shared them is kept from. Knows no HTTP.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.chat.auditing import record_passages
from kbchat.chat.branches import branch_to
from kbchat.chat.conversations import TurnDetail, access_conversation, access_kept_conversation
from kbchat.chat.models import Share
from kbchat.chat.record import from_stored, sources_of, unranked
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.secret_tokens import digest_of, new_secret
from kbchat.core.viewer import Viewer

MOST_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class ShareRow:
    """`turns`: how many questions it shows."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    turns: int


@dataclass(frozen=True, slots=True)
class NewShare:
    """`token`: the link's secret, which cannot be shown again."""

    share: ShareRow
    token: str


@dataclass(frozen=True, slots=True)
class SharedConversation:
    title: str
    shared_by: str
    expires_at: datetime
    turns: list[TurnDetail]


def share_conversation(viewer: Viewer, conversation_id: UUID, *, turn_id: UUID | None, days: int) -> NewShare:
    """Share the questions up to `turn_id` (None: to the newest), for so many days.

    Raises NotFound, NotAllowed for a temporary one, Invalid("nothing_to_share") where none of them is finished,
    Invalid("share_days").
    """
    if not 1 <= days <= MOST_DAYS:
        raise Invalid("share_days", most=MOST_DAYS)
    token = new_secret()
    with viewing(viewer):
        found = access_kept_conversation(conversation_id)
        turns = [turn for turn in branch_to(found, turn_id) if turn.finished_at is not None]
        if not turns:
            raise Invalid("nothing_to_share")
        share = Share.objects.create(
            conversation=found,
            owner_id=viewer.user_id,
            digest=digest_of(token),
            expires_at=timezone.now() + timedelta(days=days),
        )
        share.turns.set(turns)
        record(
            viewer.user_id,
            AuditAction.SHARE_MADE,
            share=share.pk,
            conversation=found.pk,
            turns=[turn.pk for turn in turns],
            days=days,
        )
    return NewShare(ShareRow(share.pk, share.created_at, share.expires_at, len(turns)), token)


def list_shares(viewer: Viewer, conversation_id: UUID) -> list[ShareRow]:
    """Those that still open, newest first. Raises NotFound."""
    with viewing(viewer):
        live = access_conversation(conversation_id).shares.filter(
            revoked_at=None, expires_at__gt=timezone.now()
        )
        found = live.annotate(shown=Count("turns")).order_by("-created_at")
        return [ShareRow(share.pk, share.created_at, share.expires_at, share.shown) for share in found]


def revoke_share(viewer: Viewer, share_id: UUID) -> None:
    """From here on its link leads nowhere. Raises NotFound."""
    with viewing(viewer):
        if not Share.objects.filter(pk=share_id, revoked_at=None).update(revoked_at=timezone.now()):
            raise NotFound
        record(viewer.user_id, AuditAction.SHARE_REVOKED, share=share_id)


def shared_conversation(viewer: Viewer, token: str) -> SharedConversation:
    """What the link shows to him, oldest first. Raises NotFound."""
    with viewing(viewer):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM kbchat_shared_turns(%s)", [digest_of(token)])
            rows = cursor.fetchall()
        if not rows:
            raise NotFound
        title, shared_by, expires_at = rows[0][:3]
        turns = [_turn(row[3:]) for row in rows]
        for turn in turns:
            record_passages(viewer, turn.question, sources_of(turn.events), turn_id=turn.id)
    return SharedConversation(title, shared_by, expires_at, turns)


def _turn(row: Sequence[Any]) -> TurnDetail:
    turn_id, parent_id, question, state, created_at, masked, events = row
    return TurnDetail(
        turn_id, parent_id, question, state, created_at, masked, unranked(from_stored(json.loads(events)))
    )
