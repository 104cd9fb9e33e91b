"""Receipts of deleted documents: written by whoever deletes and by whoever purges, read by administrators."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from django.utils import timezone

from kbchat.access.gate import roles_in_collections
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.accounts.managing import administrator
from kbchat.accounts.models import User
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Collection, Document
from kbchat.retention.holds import titles_of, without_held
from kbchat.retention.models import REMOVED_DAYS, CollectionRule, DeletionReceipt, LegalHold

MOST_LISTED: Final = 200

ReceiptState = Literal["waiting", "held", "purged"]


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """`title` and `collection`: where the administrator is one who may read them, else ""; what is purged has no title.
    `deleted_by` "": a source or a rule. `reason`: of the hold that keeps it. `due_at`: when it may be purged; None: it
    is, or he does not know the rule of its collection. `removed`: counts by kind."""

    document_id: UUID
    title: str
    collection_id: UUID
    collection: str
    deleted_by: str
    deleted_at: datetime
    state: ReceiptState
    reason: str
    due_at: datetime | None
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
        return _rows(viewer, list((found.filter(deleted_at__lt=before) if before else found)[:MOST_LISTED]))


def _rows(viewer: Viewer, receipts: Sequence[DeletionReceipt]) -> list[ReceiptRow]:
    documents = {each.document_id for each in receipts}
    shelves = {each.collection_id for each in receipts}
    titles = titles_of(documents)
    collections = dict(Collection.objects.filter(pk__in=shelves).values_list("pk", "name"))
    people = {each.deleted_by for each in receipts if each.deleted_by}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    held = dict(LegalHold.objects.filter(document__in=documents).values_list("document_id", "reason"))
    kept_for = _known_days(viewer, shelves)
    return [
        ReceiptRow(
            document_id=each.document_id,
            title=titles.get(each.document_id, ""),
            collection_id=each.collection_id,
            collection=collections.get(each.collection_id, ""),
            deleted_by=names.get(each.deleted_by, "") if each.deleted_by else "",
            deleted_at=each.deleted_at,
            state="purged" if each.purged_at else "held" if each.document_id in held else "waiting",
            reason=held.get(each.document_id, ""),
            due_at=(
                each.deleted_at + timedelta(days=kept_for[each.collection_id])
                if each.purged_at is None and each.collection_id in kept_for
                else None
            ),
            purged_at=each.purged_at,
            removed=each.removed,
        )
        for each in receipts
    ]


def _known_days(viewer: Viewer, collections: AbstractSet[UUID]) -> dict[UUID, int]:
    """Between deleting and purging; of those in which he edits."""
    roles = roles_in_collections(viewer)
    edited = {pk for pk in collections if roles.get(pk, Role.READER) != Role.READER}
    ruled = CollectionRule.objects.filter(pk__in=edited).values_list("collection_id", "removed_days")
    return dict.fromkeys(edited, REMOVED_DAYS) | dict(ruled)
