"""Taking documents away: invisible at once, with a receipt, and purged by workers."""

from uuid import UUID

from django.utils import timezone

from kbchat.access.gate import access_document
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import Fact, record
from kbchat.core.jobs import Job, ring_on_commit
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document
from kbchat.library.announcing import announce_document
from kbchat.retention.receipts import give_receipt


def delete_document(viewer: Viewer, document_id: UUID) -> None:
    """Nobody sees it from now on; workers remove what is left of it. Raises NotFound or NotAllowed."""
    with viewing(viewer):
        mark_deleted(access_document(viewer, document_id, role=Role.EDITOR), actor_id=viewer.user_id)


def mark_deleted(document: Document, *, actor_id: UUID | None, **more: Fact) -> None:
    """Of a document that may be edited; inside a transaction, last. `actor_id` None: a worker, for a source."""
    if not Document.objects.filter(pk=document.pk, deleted_at=None).update(deleted_at=timezone.now()):
        return
    give_receipt(document, actor_id)
    ring_on_commit(Job.PURGE_DELETED)
    announce_document(document.collection_id, document.pk)
    record(
        actor_id,
        AuditAction.DOCUMENT_DELETED,
        document=document.pk,
        collection=document.collection_id,
        **more,
    )
