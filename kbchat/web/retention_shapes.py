"""What goes over the wire of receipts, holds and rules."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kbchat.retention.receipts import ReceiptState
from kbchat.web.shapes import Shape


class DeletionReceipt(Shape):
    """`title`, `collection`: "" if not the reader's to know, or gone. `deleted_by` "": a source or a rule.
    `reason`: of the hold that keeps it. `due_at`: when it may be purged, as far as he knows the rule. `removed`: how
    many of each kind; `vectors` by the number of the index."""

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


class LegalHold(Shape):
    """On a document, or on a person's conversations. `document`: its title, "" where the reader may not read it."""

    id: UUID
    document_id: UUID | None
    document: str
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


class CollectionDays(DocumentDays):
    collection_id: UUID
    collection: str


class ForeseenDocuments(Shape):
    """What a rule would do now. `deleted`: because they have expired; `purged`: of those that are deleted; `held`: kept
    by a legal hold, told to administrators alone."""

    deleted: int
    purged: int
    held: int


class ForeseenConversations(Shape):
    """What a rule would do now, and how many more a legal hold keeps."""

    deleted: int
    held: int


class ErasureReceipt(Shape):
    """`person`: his pseudonym. `conversations`, `questions`: how many of them are gone."""

    id: UUID
    person_id: UUID
    person: str
    erased_by: str
    erased_at: datetime
    conversations: int
    questions: int
