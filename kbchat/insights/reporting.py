"""Reporting a gap: an asker hands over a question that was refused, and takes it back as he likes.

Administrators and owners of the collections in which it was asked read the question, what it was narrowed to, its day
and what he adds; nothing of the conversation, and his name only where he allows it. The database keeps to that
(0002_policies).
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection

from kbchat.access.gate import visible_documents
from kbchat.access.viewing import viewing
from kbchat.chat.conversations import access_kept_conversation
from kbchat.chat.models import Turn, TurnState
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.typed_text import storable
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import Encoders
from kbchat.insights.likeness import NEAR, SHARED, likeness_of
from kbchat.insights.models import GapReport
from kbchat.retrieval.port import Retriever, Scope
from kbchat.retrieval.scopes import from_stored, to_stored, visible_parts

MOST_COMMENT_CHARACTERS: Final = 500

_GAP_FOR = "SELECT kbchat_gap_for(%s, %s, %s, %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Wish:
    """`comment`: what he adds. `may_be_named`: whoever reads it is told his name."""

    comment: str = ""
    may_be_named: bool = False


@dataclass(frozen=True, slots=True)
class OwnReport:
    turn_id: UUID
    comment: str
    may_be_named: bool
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of his own, and what it was asked of, as far as he still sees it."""

    question: str
    scope: Scope


def report_gap(
    viewer: Viewer,
    conversation_id: UUID,
    turn_id: UUID,
    wish: Wish,
    *,
    retriever: Retriever,
    encoders: Encoders | None,
) -> OwnReport:
    """In place of what he said of it before. `encoders` None: they are still loaded. Blocking. Raises NotFound;
    NotAllowed in a temporary conversation; Invalid for a question that was not refused, or too long a comment."""
    comment = " ".join(storable(wish.comment).split())
    if len(comment) > MOST_COMMENT_CHARACTERS:
        raise Invalid("gap_comment_too_long", most=MOST_COMMENT_CHARACTERS)
    with viewing(viewer):
        access_kept_conversation(conversation_id)
        turn = _access_refused(conversation_id, turn_id)
    likeness = likeness_of(turn.question, retriever, encoders)
    with viewing(viewer):
        turn = _access_refused(conversation_id, turn_id)
        known = GapReport.objects.filter(turn=turn).first()
        if known is not None:
            known.comment, known.may_be_named = comment, wish.may_be_named
            known.save(update_fields=["comment", "may_be_named"])
            return _own(known)
        vector = None if likeness.vector is None else str(likeness.vector.tolist())
        with connection.cursor() as cursor:
            cursor.execute(
                _GAP_FOR,
                [_collections(viewer, turn), likeness.words, likeness.encoder, vector, NEAR, SHARED],
            )
            [gap] = cursor.fetchone()
        return _own(
            GapReport.objects.create(
                turn=turn,
                owner_id=viewer.user_id,
                gap_id=gap,
                question=turn.question,
                asked_of=to_stored(_scope(turn)),
                comment=comment,
                language=likeness.language,
                may_be_named=wish.may_be_named,
                words=likeness.words,
                encoder=likeness.encoder,
                vector=likeness.vector,
            )
        )


def withdraw_gap(viewer: Viewer, conversation_id: UUID, turn_id: UUID) -> None:
    """Raises NotFound."""
    with viewing(viewer):
        deleted, _ = GapReport.objects.filter(turn=turn_id, turn__conversation=conversation_id).delete()
        if not deleted:
            raise NotFound


def own_reports(viewer: Viewer) -> list[OwnReport]:
    with viewing(viewer):
        return [_own(report) for report in GapReport.objects.order_by("-reported_at")]


def asked_questions(viewer: Viewer, turn_ids: AbstractSet[UUID]) -> Mapping[UUID, Asked]:
    """Those of them that are his, with what they were asked of."""
    if not turn_ids:
        return {}
    with viewing(viewer):
        turns = list(Turn.objects.filter(pk__in=turn_ids))
        scopes = visible_parts(viewer, [from_stored(turn.scope) for turn in turns])
        return {turn.pk: Asked(turn.question, scope) for turn, scope in zip(turns, scopes, strict=True)}


def _access_refused(conversation_id: UUID, turn_id: UUID) -> Turn:
    """Inside `viewing`: his own. Until the transaction ends it is reported by nobody else of his."""
    turn = Turn.objects.select_for_update().filter(pk=turn_id, conversation=conversation_id).first()
    if turn is None:
        raise NotFound
    if turn.state != TurnState.REFUSED:
        raise Invalid("gap_not_refused")
    return turn


def _collections(viewer: Viewer, turn: Turn) -> list[UUID]:
    """In which it was asked, in order; those of its documents as far as he still sees them."""
    scope = _scope(turn)
    of_documents = visible_documents(viewer).filter(pk__in=scope.document_ids)
    named = {*scope.collection_ids, *of_documents.values_list("collection_id", flat=True)}
    return sorted(named or turn.within or ())


def _scope(turn: Turn) -> Scope:
    """What it was asked of; a key that narrowed its asker said where, if he did not."""
    scope = from_stored(turn.scope)
    if scope.collection_ids or scope.document_ids:
        return scope
    return replace(scope, collection_ids=tuple(turn.within or ()))


def _own(report: GapReport) -> OwnReport:
    return OwnReport(report.turn_id, report.comment, report.may_be_named, report.reported_at)
