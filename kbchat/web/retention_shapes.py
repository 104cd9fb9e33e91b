"""What goes over the wire of receipts, holds and rules."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kbchat.retention.receipts import ReceiptState
from kbchat.web.shapes import Shape


class DeletionReceipt(Shape):
    """`deleted_by` "": a source or a rule. `reason`: of the hold that keeps it. `removed`: how many of each kind;
    `vectors` by the number of the index."""

    document_id: UUID
    collection_id: UUID
    deleted_by: str
    deleted_at: datetime
    state: ReceiptState
    reason: str
    purged_at: datetime | None
    removed: dict[str, Any]


class LegalHold(Shape):
    """On a document, or on a person's conversations."""

    id: UUID
    document_id: UUID | None
    person_id: UUID | None
    person: str
    reason: str
    placed_by: str
    placed_at: datetime


class DocumentDays(Shape):
    """`removed_days`: until a deleted document is purged. `expired_days`: until one that has expired is deleted; null:
    never."""

    removed_days: int
    expired_days: int | None


class ConversationDays(Shape):
    """Since something was last asked in a conversation, until it is deleted; null: never."""

    days: int | None


class Erased(Shape):
    """How many of them are gone."""

    conversations: int
    questions: int
