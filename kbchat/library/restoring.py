"""Taking a deletion back: as long as a document is not purged, nothing of it was touched, and all of it is there again
at once, with who may read it, what is indexed and what cites it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kbchat.access.gate import access_collection
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.accounts.models import User
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document
from kbchat.library.announcing import announce_document
from kbchat.library.documents import DocumentRow, row_of
from kbchat.retention.restorable import removed_days, restorable_documents, withdraw_receipt


@dataclass(frozen=True, slots=True)
class DeletedDocument:
    id: UUID
    title: str
    deleted_by: str
    deleted_at: datetime
    restorable_until: datetime


@dataclass(frozen=True, slots=True)
class DeletedDocuments:
    """`days`: for how many one can be restored; 0: not at all. `documents`: the last deleted comes first."""

    days: int
    documents: list[DeletedDocument]


def list_deleted(viewer: Viewer, collection_id: UUID) -> DeletedDocuments:
    """Those that he may restore. Raises NotFound, or NotAllowed for readers."""
    with viewing(viewer):
        access_collection(viewer, collection_id, role=Role.EDITOR)
        restorable = restorable_documents(viewer)
        names = dict(
            User.objects.filter(pk__in={each.deleted_by for each in restorable.values()}).values_list(
                "pk", "name"
            )
        )
        found = Document.objects.filter(pk__in=restorable, collection=collection_id).order_by(
            "-deleted_at", "pk"
        )
        documents = [
            DeletedDocument(
                id=document.pk,
                title=document.title,
                deleted_by=names.get(restorable[document.pk].deleted_by, ""),
                deleted_at=document.deleted_at,
                restorable_until=restorable[document.pk].until,
            )
            for document in found
            if document.deleted_at
        ]
        return DeletedDocuments(removed_days(collection_id), documents)


def restore_document(viewer: Viewer, document_id: UUID) -> DocumentRow:
    """For whoever may delete it. One that was not deleted stays as it is. Raises NotFound where it is gone for good."""
    with viewing(viewer):
        # A purge holds this row, too: it is either over, or finds the document restored.
        document = Document.objects.select_for_update().filter(pk=document_id).first()
        if document is None:
            raise NotFound
        if document.deleted_at is not None:
            if document_id not in restorable_documents(viewer):
                raise NotFound
            document.deleted_at = None
            document.save(update_fields=["deleted_at"])
            withdraw_receipt(document_id)
            announce_document(document.collection_id, document_id)
            record(
                viewer.user_id,
                AuditAction.DOCUMENT_RESTORED,
                document=document_id,
                collection=document.collection_id,
            )
        return row_of(viewer, document_id)
