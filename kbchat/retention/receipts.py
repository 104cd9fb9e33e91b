"""Receipts of deleted documents: written by whoever deletes and by whoever purges, read by administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.accounts.managing import administrator
from kbchat.accounts.models import User
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document
from kbchat.retention.holds import without_held
from kbchat.retention.models import REMOVED_DAYS, CollectionRule, DeletionReceipt, LegalHold

MOST_LISTED: Final = 200

ReceiptState = Literal["waiting", "held", "purged"]


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """`deleted_by` "": a source or a rule. `reason`: of the hold that keeps it. `removed`: counts by kind."""

    document_id: UUID
    collection_id: UUID
    deleted_by: str
    deleted_at: datetime
    state: ReceiptState
    reason: str
    purged_at: datetime | None
    removed: dict[str, Any]


def give_receipt(document: Document, deleted_by: UUID | None) -> None:
    """In the transaction that marks it as deleted."""
    receipt = DeletionReceipt(
        document_id=document.pk, collection_id=document.collection_id, deleted_by=deleted_by
    )
    receipt.save(force_insert=True)


def complete_receipt(document: Document, removed: Mapping[str, int | Mapping[str, int]]) -> None:
    """In the transaction that purges it; `removed` is not empty. A worker's to do."""
    done = {"purged_at": timezone.now(), "removed": dict(removed)}
    of_deletion = {"collection_id": document.collection_id, "deleted_at": document.deleted_at}
    DeletionReceipt.objects.update_or_create(
        document_id=document.pk, defaults=done, create_defaults=of_deletion | done
    )


def due_for_purging() -> list[UUID]:
    """Documents that were deleted and that neither a hold nor a rule keeps. A worker's to ask."""
    waiting = without_held(Document.objects.exclude(deleted_at=None))
    days = dict(CollectionRule.objects.values_list("collection_id", "removed_days"))
    now = timezone.now()
    return [
        document
        for document, collection, deleted_at in waiting.values_list("pk", "collection_id", "deleted_at")
        if deleted_at and deleted_at + timedelta(days=days.get(collection, REMOVED_DAYS)) <= now
    ]


def list_receipts(viewer: Viewer, *, before: datetime | None = None) -> list[ReceiptRow]:
    """Newest first, at most `MOST_LISTED`; the next ones are those deleted `before` the last. Raises NotFound for
    whoever is no administrator."""
    administrator(viewer)
    with viewing(viewer):
        found = DeletionReceipt.objects.order_by("-deleted_at", "pk")
        receipts = list((found.filter(deleted_at__lt=before) if before else found)[:MOST_LISTED])
        held = dict(
            LegalHold.objects.filter(document__in=[each.pk for each in receipts]).values_list(
                "document_id", "reason"
            )
        )
        names = dict(
            User.objects.filter(pk__in={each.deleted_by for each in receipts}).values_list("pk", "name")
        )
    return [_row(each, held.get(each.pk), names) for each in receipts]


def _row(receipt: DeletionReceipt, held: str | None, names: Mapping[UUID, str]) -> ReceiptRow:
    return ReceiptRow(
        document_id=receipt.document_id,
        collection_id=receipt.collection_id,
        deleted_by=names.get(receipt.deleted_by, "") if receipt.deleted_by else "",
        deleted_at=receipt.deleted_at,
        state="purged" if receipt.purged_at else "held" if held is not None else "waiting",
        reason=held or "",
        purged_at=receipt.purged_at,
        removed=receipt.removed,
    )
