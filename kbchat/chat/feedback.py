"""What somebody says of an answer of his: changed and taken back as he likes, and read by nobody else.

Administrators are told counts and reasons of all of it, and a question and comment only where its author hands them
over; of whom they are is never told. The database keeps to that (0009_feedback).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.accounts.managing import administrator
from kbchat.audit.models import AuditAction
from kbchat.chat.conversations import access_kept_conversation
from kbchat.chat.models import Feedback, FeedbackReason, Turn
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.typed_text import storable
from kbchat.core.viewer import Viewer

MOST_COMMENT_CHARACTERS: Final = 2000
MOST_LISTED: Final = 500

_COUNTS = "SELECT is_helpful, reason, answers FROM kbchat_feedback_counts()"
_HANDED_OVER = """
    SELECT changed_at, is_helpful, reasons, question, comment FROM kbchat_feedback_handed_over(%s)
"""


@dataclass(frozen=True, slots=True)
class Opinion:
    """`reasons`: of an answer that did not help. `is_handed_over`: administrators may read question and comment."""

    is_helpful: bool
    reasons: Sequence[str] = ()
    comment: str = ""
    is_handed_over: bool = False


@dataclass(frozen=True, slots=True)
class HandedOver:
    """An opinion with its question, as administrators read it."""

    changed_at: datetime
    is_helpful: bool
    reasons: list[str]
    question: str
    comment: str


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """`reasons`: how many answers each is given for. `handed_over`: newest first."""

    helpful: int
    unhelpful: int
    reasons: dict[str, int]
    handed_over: list[HandedOver]


def give_feedback(viewer: Viewer, conversation_id: UUID, turn_id: UUID, opinion: Opinion) -> Feedback:
    """In place of what he said before. Raises NotFound; NotAllowed in a temporary conversation; Invalid for an answer
    that is still being written, or a comment that is too long."""
    comment = storable(opinion.comment).strip()
    if len(comment) > MOST_COMMENT_CHARACTERS:
        raise Invalid("feedback_too_long", most=MOST_COMMENT_CHARACTERS)
    known = set(FeedbackReason.values)
    with viewing(viewer):
        access_kept_conversation(conversation_id)
        turn = _access_turn(conversation_id, turn_id)
        if turn.finished_at is None:
            raise Invalid("feedback_too_early")
        given, _ = Feedback.objects.update_or_create(
            turn=turn,
            defaults={
                "owner_id": viewer.user_id,
                "is_helpful": opinion.is_helpful,
                "reasons": []
                if opinion.is_helpful
                else [each for each in dict.fromkeys(opinion.reasons) if each in known],
                "comment": comment,
                "is_handed_over": opinion.is_handed_over,
                "changed_at": timezone.now(),
            },
        )
        return given


def take_feedback_back(viewer: Viewer, conversation_id: UUID, turn_id: UUID) -> None:
    """Raises NotFound."""
    with viewing(viewer):
        given = Feedback.objects.filter(turn=_access_turn(conversation_id, turn_id)).first()
        if given is None:
            raise NotFound
        given.delete()


def read_feedback(viewer: Viewer) -> FeedbackReport:
    """Recorded. Raises NotFound for whoever is no administrator."""
    with viewing(viewer), connection.cursor() as cursor:
        actor = administrator(viewer)
        cursor.execute(_COUNTS)
        counts = {(is_helpful, reason): answers for is_helpful, reason, answers in cursor.fetchall()}
        cursor.execute(_HANDED_OVER, [MOST_LISTED])
        handed_over = [HandedOver(*row) for row in cursor.fetchall()]
        actor.record(AuditAction.FEEDBACK_READ, questions=len(handed_over))
    return FeedbackReport(
        helpful=counts.get((True, ""), 0),
        unhelpful=counts.get((False, ""), 0),
        reasons={reason: counts.get((False, reason), 0) for reason in FeedbackReason.values},
        handed_over=handed_over,
    )


def _access_turn(conversation_id: UUID, turn_id: UUID) -> Turn:
    """Inside `viewing`: his own."""
    turn = Turn.objects.filter(pk=turn_id, conversation=conversation_id).first()
    if turn is None:
        raise NotFound
    return turn
