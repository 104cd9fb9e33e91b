"""The board of knowledge gaps: what was reported, who looks after it, and what became of it.

For administrators, owners of a collection in which it was asked, and whoever it is given to; for everybody else there
is none. Of a document and a collection each of them is told what he may read himself.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.utils import timezone

from kbchat.access.gate import access_document, visible_collections, visible_documents
from kbchat.access.viewing import viewing
from kbchat.accounts.models import NoticeKind, User
from kbchat.accounts.notices import settle_gap, tell
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import Invalid, NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.insights.models import AskedAgain, Gap, GapState
from kbchat.insights.novelty import newest_by_collection
from kbchat.retrieval.port import Scope
from kbchat.retrieval.scopes import from_stored, visible_parts

MOST_LISTED: Final = 200
"""Of those that are settled, and of the others."""
SETTLED: Final = (GapState.ANSWERED, GapState.DISMISSED)

_REPORTS = """
    SELECT gap_id, question, comment, language, reported_at, name, asked_of FROM kbchat_gap_questions(%s)
"""
_ANSWERERS = "SELECT id, name FROM kbchat_gap_answerers(%s)"
_TELL = "SELECT kbchat_tell_askers(%s)"


@dataclass(frozen=True, slots=True)
class HandedQuestion:
    """`name`: "" where its asker does not want to be named. `scope`: what it was asked of, as far as the viewer sees
    it; None: of nothing that he sees. `document_titles`: of its documents."""

    question: str
    comment: str
    language: str
    reported_at: datetime
    name: str
    scope: Scope | None
    document_titles: list[str]


@dataclass(frozen=True, slots=True)
class Answerer:
    """Somebody who may add a document where it was asked."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """`reports`: the first is what the gap is called by. `collections`: names of those that the viewer sees; none: it
    was asked of everything. `has_news`: since the last report, and since he asked again himself, something that he may
    read became searchable there. `document_title`: "" where he may not read it."""

    id: UUID
    state: str
    reports: list[HandedQuestion]
    collections: list[str]
    is_everywhere: bool
    assignee: str
    document_id: UUID | None
    document_title: str
    has_news: bool


@dataclass(frozen=True, slots=True)
class GapChange:
    """`assignee_id`: of ASSIGNED. `document_id`: of ANSWERED."""

    state: GapState
    assignee_id: UUID | None = None
    document_id: UUID | None = None


def list_gaps(viewer: Viewer) -> list[GapRow]:
    """Those that are still to be settled first, the last reported of each first. Recorded."""
    with viewing(viewer):
        newest = Gap.objects.select_related("assignee").order_by("-changed_at")
        settled, unsettled = newest.filter(state__in=SETTLED), newest.exclude(state__in=SETTLED)
        rows = _rows(viewer, [*unsettled[:MOST_LISTED], *settled[:MOST_LISTED]])
        if rows:
            record(viewer.user_id, AuditAction.GAPS_READ, questions=sum(len(row.reports) for row in rows))
    return sorted(rows, key=lambda row: (row.state not in SETTLED, row.reports[-1].reported_at), reverse=True)


def list_answerers(viewer: Viewer, gap_id: UUID) -> list[Answerer]:
    """Raises NotFound."""
    with viewing(viewer):
        return _answerers(_access(gap_id))


def change_gap(viewer: Viewer, gap_id: UUID, change: GapChange) -> GapRow:
    """Assign it, settle it by a document or without, or open it again. Who is given it is told; so are its askers, of a
    document that they may read. Raises NotFound, NotAllowed for whoever was given it and gives it on, Invalid."""
    with viewing(viewer):
        gap = _access(gap_id)
        settle_gap(gap.pk)
        match change.state:
            case GapState.ASSIGNED:
                _assign(viewer, gap, change.assignee_id)
            case GapState.ANSWERED:
                gap.document_id = access_document(viewer, _given(change.document_id)).pk
            case GapState.OPEN:
                gap.assignee_id = _kept_by_assignee(viewer, gap, None)
        if change.state != GapState.ANSWERED:
            gap.document_id = None
        gap.state, gap.changed_at = change.state, timezone.now()
        gap.save(update_fields=["state", "assignee", "document_id", "changed_at"])
        if gap.state == GapState.ANSWERED:
            with connection.cursor() as cursor:
                cursor.execute(_TELL, [gap.pk])
        (row,) = _rows(viewer, [gap])
        record(
            viewer.user_id,
            AuditAction.GAP_CHANGED,
            gap=gap.pk,
            state=gap.state,
            assignee=gap.assignee_id,
            document=gap.document_id,
        )
    return row


def handed_questions(viewer: Viewer, gap_id: UUID) -> tuple[Gap, list[HandedQuestion]]:
    """The oldest first. Inside `viewing`. Raises NotFound."""
    gap = Gap.objects.filter(pk=gap_id).first()
    reports = _reports(viewer, [gap]).get(gap_id) if gap else None
    if gap is None or not reports:
        raise NotFound
    return gap, reports


def _access(gap_id: UUID) -> Gap:
    gap = Gap.objects.select_for_update().filter(pk=gap_id).first()
    if gap is None:
        raise NotFound
    return gap


def _given(document_id: UUID | None) -> UUID:
    if document_id is None:
        raise Invalid("invalid_request", missing="document_id")
    return document_id


def _assign(viewer: Viewer, gap: Gap, assignee_id: UUID | None) -> None:
    if assignee_id is None:
        raise Invalid("invalid_request", missing="assignee_id")
    if assignee_id not in {each.id for each in _answerers(gap)}:
        raise Invalid("gap_assignee_unfit")
    gap.assignee_id = _kept_by_assignee(viewer, gap, assignee_id)
    if assignee_id != viewer.user_id:
        tell(User.objects.get(pk=assignee_id), NoticeKind.GAP_ASSIGNED, about=gap.pk)


def _kept_by_assignee(viewer: Viewer, gap: Gap, assignee_id: UUID | None) -> UUID | None:
    """Whoever sees a gap because it is his gives it to nobody else: he would no longer see what he did."""
    if gap.assignee_id == viewer.user_id != assignee_id:
        with connection.cursor() as cursor:
            cursor.execute("SELECT kbchat_sees_gap(NULL, %s)", [gap.collections])
            [sees_it_anyway] = cursor.fetchone()
        if not sees_it_anyway:
            raise NotAllowed
    return assignee_id


def _answerers(gap: Gap) -> list[Answerer]:
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERERS, [gap.pk])
        return [Answerer(*row) for row in cursor.fetchall()]


def _reports(viewer: Viewer, gaps: Sequence[Gap]) -> Mapping[UUID, list[HandedQuestion]]:
    """By gap, the oldest first."""
    collections = {gap.pk: tuple(gap.collections) for gap in gaps}
    with connection.cursor() as cursor:
        cursor.execute(_REPORTS, [list(collections)])
        rows = cursor.fetchall()
    asked = [_scope(row[-1], collections[row[0]]) for row in rows]
    seen = visible_parts(viewer, asked)
    named = {each for scope in seen for each in scope.document_ids}
    titles = dict(visible_documents(viewer).filter(pk__in=named).values_list("pk", "title"))
    found = defaultdict[UUID, list[HandedQuestion]](list)
    for (gap_id, question, comment, language, at, name, _), whole, part in zip(
        rows, asked, seen, strict=True
    ):
        is_hidden = _is_somewhere(whole) and not _is_somewhere(part)
        scope, shown = None if is_hidden else part, [titles[each] for each in part.document_ids]
        found[gap_id].append(HandedQuestion(question, comment, language, at, name, scope, shown))
    return found


def _scope(stored: str, collections: tuple[UUID, ...]) -> Scope:
    kept = json.loads(stored)
    return from_stored(kept) if kept else Scope(collections)


def _is_somewhere(scope: Scope) -> bool:
    return bool(scope.collection_ids or scope.document_ids)


def _rows(viewer: Viewer, gaps: Sequence[Gap]) -> list[GapRow]:
    reports = _reports(viewer, gaps)
    shown = [gap for gap in gaps if gap.pk in reports]
    names = dict(visible_collections(viewer).values_list("pk", "name"))
    titles = dict(
        visible_documents(viewer).filter(pk__in={gap.document_id for gap in shown}).values_list("pk", "title")
    )
    asked = AskedAgain.objects.filter(gap__in=shown, person=viewer.user_id)
    since = dict(asked.values_list("gap_id", "at"))
    news = newest_by_collection()

    def row_of(gap: Gap) -> GapRow:
        told = reports[gap.pk]
        newest = max(
            (at for shelf, at in news.items() if not gap.collections or shelf in gap.collections),
            default=None,
        )
        looked = max(told[-1].reported_at, since.get(gap.pk, told[-1].reported_at))
        return GapRow(
            id=gap.pk,
            state=gap.state,
            reports=told,
            collections=sorted(names[shelf] for shelf in gap.collections if shelf in names),
            is_everywhere=not gap.collections,
            assignee=gap.assignee.name if gap.assignee else "",
            document_id=gap.document_id if gap.document_id in titles else None,
            document_title=titles.get(gap.document_id, "") if gap.document_id else "",
            has_news=gap.state not in SETTLED and newest is not None and newest > looked,
        )

    return [row_of(gap) for gap in shown]
