"""What is kept and for how long, what became of what was deleted, and erasing a person."""

from datetime import datetime
from uuid import UUID

from ninja import Query, Router, Status

from kbchat.library.foreseeing import ForeseenDocuments, foresee_documents
from kbchat.retention import erasing, holds, receipts, rules
from kbchat.web import retention_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest

router = Router()


class HoldWish(shapes.Body):
    reason: str


class DocumentDaysWish(shapes.Body):
    removed_days: int = rules.DocumentDays().removed_days
    expired_days: int | None = None


class ConversationDaysWish(shapes.Body):
    days: int | None = None


@router.get("/deletion-receipts", response=list[retention_shapes.DeletionReceipt])
def read_receipts(request: ViewerRequest, until: datetime | None = None) -> list[receipts.ReceiptRow]:
    """The newest deletions, at most 200; further ones before the last of them by `until`. For administrators."""
    return receipts.list_receipts(request.auth, before=until)


@router.get("/erasure-receipts", response=list[retention_shapes.ErasureReceipt])
def read_erasures(request: ViewerRequest) -> list[erasing.Erasure]:
    """Of every person who was erased, the last first. For administrators."""
    return erasing.list_erasures(request.auth)


@router.get("/legal-holds", response=list[retention_shapes.LegalHold])
def read_holds(request: ViewerRequest) -> list[holds.HoldRow]:
    return holds.list_holds(request.auth)


@router.post("/documents/{uuid:document_id}/legal-holds", response={201: retention_shapes.LegalHold})
def hold_document(request: ViewerRequest, document_id: UUID, wish: HoldWish) -> Status[holds.HoldRow]:
    """From now on nothing of it is purged, whoever deletes it."""
    return Status(201, holds.hold_document(request.auth, document_id, wish.reason))


@router.post("/people/{uuid:person_id}/legal-holds", response={201: retention_shapes.LegalHold})
def hold_person(request: ViewerRequest, person_id: UUID, wish: HoldWish) -> Status[holds.HoldRow]:
    """From now on neither he himself nor a rule deletes his conversations."""
    return Status(201, holds.hold_person(request.auth, person_id, wish.reason))


@router.delete("/legal-holds/{uuid:hold_id}", response={204: None})
def lift_hold(request: ViewerRequest, hold_id: UUID) -> Status[None]:
    holds.lift_hold(request.auth, hold_id)
    return Status(204, None)


@router.get("/collection-retention", response=list[retention_shapes.CollectionDays])
def read_all_document_days(request: ViewerRequest) -> list[rules.CollectionDays]:
    """Of every collection that the caller owns."""
    return rules.list_document_days(request.auth)


@router.get("/collections/{uuid:collection_id}/retention", response=retention_shapes.DocumentDays)
def read_document_days(request: ViewerRequest, collection_id: UUID) -> rules.DocumentDays:
    """For its owners."""
    return rules.document_days(request.auth, collection_id)


@router.put("/collections/{uuid:collection_id}/retention", response=retention_shapes.DocumentDays)
def keep_documents_for(
    request: ViewerRequest, collection_id: UUID, wish: DocumentDaysWish
) -> rules.DocumentDays:
    wanted = rules.DocumentDays(wish.removed_days, wish.expired_days)
    rules.keep_documents_for(request.auth, collection_id, wanted)
    return wanted


@router.get(
    "/collections/{uuid:collection_id}/retention/foreseen", response=retention_shapes.ForeseenDocuments
)
def foresee_documents_kept_for(
    request: ViewerRequest, collection_id: UUID, wish: Query[DocumentDaysWish]
) -> ForeseenDocuments:
    """What such a rule would do now. Nothing changes."""
    wanted = rules.DocumentDays(wish.removed_days, wish.expired_days)
    return foresee_documents(request.auth, collection_id, wanted)


@router.get("/conversation-retention", response=retention_shapes.ConversationDays)
def read_conversation_days(request: ViewerRequest) -> retention_shapes.ConversationDays:
    """Everybody may know how long conversations stay."""
    return retention_shapes.ConversationDays(days=rules.conversation_days(request.auth))


@router.put("/conversation-retention", response=retention_shapes.ConversationDays)
def keep_conversations_for(
    request: ViewerRequest, wish: ConversationDaysWish
) -> retention_shapes.ConversationDays:
    """For administrators. What is older goes within the hour."""
    rules.keep_conversations_for(request.auth, wish.days)
    return retention_shapes.ConversationDays(days=wish.days)


@router.get("/conversation-retention/foreseen", response=retention_shapes.ForeseenConversations)
def foresee_conversations_kept_for(
    request: ViewerRequest, wish: Query[ConversationDaysWish]
) -> rules.ForeseenConversations:
    """What such a rule would do now. Nothing changes. For administrators."""
    return rules.foresee_conversations(request.auth, wish.days)


@router.post("/people/{uuid:person_id}/erasure", response=retention_shapes.ErasureReceipt)
def erase_person(request: ViewerRequest, person_id: UUID) -> erasing.Erasure:
    """For good, with a receipt: conversations, questions that were handed over, sessions, keys, name and address."""
    return erasing.erase_person(request.auth, person_id)
