"""Which deleted documents a person may restore, and until when. The database says it: receipts are the
administrators'."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from kbchat.core.viewer import Viewer
from kbchat.retention.models import REMOVED_DAYS, CollectionRule


@dataclass(frozen=True, slots=True)
class Restorable:
    deleted_by: UUID
    until: datetime


def restorable_documents(viewer: Viewer) -> dict[UUID, Restorable]:
    """By document. Inside `viewing`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT document_id, deleted_by, restorable_until FROM kbchat_restorable_documents(%s, %s)",
            [viewer.user_id, REMOVED_DAYS],
        )
        return {document: Restorable(deleted_by, until) for document, deleted_by, until in cursor.fetchall()}


def removed_days(collection_id: UUID) -> int:
    """For how many days its deleted documents can be restored. Inside `viewing` of an editor or owner
    of it."""
    days = CollectionRule.objects.filter(pk=collection_id).values_list("removed_days", flat=True).first()
    return REMOVED_DAYS if days is None else days


def withdraw_receipt(document_id: UUID) -> None:
    """In the transaction that restores it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kbchat_withdraw_receipt(%s)", [document_id])
