"""Legal holds, placed and lifted by administrators: what is held is not purged, whoever deletes it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from kbchat.access.gate import visible_documents
from kbchat.access.viewing import viewing
from kbchat.accounts.managing import administrator
from kbchat.accounts.models import User
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Conflict, Invalid, NotFound
from kbchat.core.typed_text import storable
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document
from kbchat.retention.models import MOST_REASON_CHARACTERS, DeletionReceipt, LegalHold


@dataclass(frozen=True, slots=True)
class HoldRow:
    """On a document or on a person's conversations. `person`: his name. `document`: its title, where the administrator
    is one who may read it, else ""."""

    id: UUID
    document_id: UUID | None
    document: str
    person_id: UUID | None
    person: str
    reason: str
    placed_by: str
    placed_at: datetime


def list_holds(viewer: Viewer) -> list[HoldRow]:
    """Newest first. Raises NotFound for whoever is no administrator."""
    administrator(viewer)
    with viewing(viewer):
        return _rows(_holds().order_by("-placed_at"))


def hold_document(viewer: Viewer, document_id: UUID, reason: str) -> HoldRow:
    """A document that he may read, or of which he has a receipt and which is not purged yet. Raises NotFound, Invalid,
    or Conflict("already_held")."""
    administrator(viewer)
    with viewing(viewer):
        is_deleted = DeletionReceipt.objects.filter(pk=document_id, purged_at=None).exists()
        if not is_deleted and not visible_documents(viewer).filter(pk=document_id).exists():
            raise NotFound
        return _place(viewer, reason, document_id=document_id)


def hold_person(viewer: Viewer, person_id: UUID, reason: str) -> HoldRow:
    """Raises NotFound, Invalid, or Conflict("already_held")."""
    administrator(viewer)
    with viewing(viewer):
        if not User.objects.filter(pk=person_id).exists():
            raise NotFound
        return _place(viewer, reason, person_id=person_id)


def lift_hold(viewer: Viewer, hold_id: UUID) -> None:
    """What was deleted meanwhile is purged the next time. Raises NotFound."""
    actor = administrator(viewer)
    with viewing(viewer):
        hold = LegalHold.objects.filter(pk=hold_id).first()
        if hold is None:
            raise NotFound
        hold.delete()
        actor.record(AuditAction.HOLD_LIFTED, hold=hold_id, document=hold.document_id, person=hold.person_id)


def is_held(document_id: UUID) -> bool:
    """A worker's to ask, while it holds the document's row: nobody places a hold on it meanwhile."""
    return LegalHold.objects.filter(document=document_id).exists()


def without_held(documents: QuerySet[Document]) -> QuerySet[Document]:
    """A worker's to ask, or an administrator's."""
    return documents.exclude(pk__in=LegalHold.objects.exclude(document=None).values("document"))


def titles_of(document_ids: Collection[UUID]) -> dict[UUID, str]:
    """Of those that the viewer may read, or edited until they were deleted; inside `viewing`."""
    return dict(Document.objects.filter(pk__in=document_ids).values_list("pk", "title"))


def viewer_is_held() -> bool:
    """Whether his conversations are kept; inside `viewing`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kbchat_viewer_is_held()")
        return bool(cursor.fetchone()[0])


def _place(viewer: Viewer, reason: str, **on: UUID) -> HoldRow:
    words = storable(reason).strip()
    if not words:
        raise Invalid("hold_reason_missing")
    if len(words) > MOST_REASON_CHARACTERS:
        raise Invalid("hold_reason_too_long", most=MOST_REASON_CHARACTERS)
    hold = LegalHold(reason=words, placed_by_id=viewer.user_id, **on)
    try:
        with transaction.atomic():
            hold.save(force_insert=True)
            # Now, and not at the end of the transaction: a purge that was first has taken the document.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        raise Conflict("already_held") from error
    administrator(viewer).record(AuditAction.HOLD_PLACED, hold=hold.pk, **on)
    [row] = _rows(_holds().filter(pk=hold.pk))
    return row


def _holds() -> QuerySet[LegalHold]:
    return LegalHold.objects.select_related("person", "placed_by")


def _rows(holds: QuerySet[LegalHold]) -> list[HoldRow]:
    titles = titles_of({hold.document_id for hold in holds if hold.document_id})
    return [
        HoldRow(
            id=hold.pk,
            document_id=hold.document_id,
            document=titles.get(hold.document_id, "") if hold.document_id else "",
            person_id=hold.person_id,
            person=hold.person.name if hold.person else "",
            reason=hold.reason,
            placed_by=hold.placed_by.name if hold.placed_by else "",
            placed_at=hold.placed_at,
        )
        for hold in holds
    ]
