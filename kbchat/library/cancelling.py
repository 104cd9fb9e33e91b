"""Ending the work on files that nobody wants to have read any more: on the newest of a document, or on all of a
collection. What was in force before stays so, and whatever was cancelled may be tried again.

The version stays as it came, since the web may not say what a file is: with a scanner, one that was not looked at to
the end is sent to nobody. What a worker had stored of it goes with the next try or with the document, as where it
failed.
"""

from collections.abc import Collection
from uuid import UUID

from kbchat.access.gate import access_collection, access_document, roles_in_documents, visible_documents
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import Conflict
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion
from kbchat.ingestion.models import UNFINISHED, IngestionRun
from kbchat.ingestion.runs import cancel
from kbchat.library.announcing import announce_document
from kbchat.library.documents import DocumentRow, row_of


def cancel_document(viewer: Viewer, document_id: UUID) -> DocumentRow:
    """Of the newest version, which is the one that is shown under way. Raises NotFound, NotAllowed, or
    Conflict("run_ended") where nothing is."""
    with viewing(viewer):
        document = access_document(viewer, document_id, role=Role.EDITOR)
        newest = document.versions.order_by("-number").first()
        if newest is None or not cancel([newest.pk]):
            raise Conflict("run_ended")
        announce_document(document.collection_id, document.pk)
        record(
            viewer.user_id,
            AuditAction.READING_CANCELLED,
            document=document.pk,
            version=newest.pk,
            collection=document.collection_id,
        )
        return row_of(viewer, document.pk)


def cancel_collection(viewer: Viewer, collection_id: UUID) -> int:
    """Of every version of what he may edit there. Returns of how many; what ended meanwhile is passed by. Raises
    NotFound or NotAllowed."""
    with viewing(viewer):
        access_collection(viewer, collection_id, role=Role.EDITOR)
        cancelled = cancel(_under_way(viewer, collection_id))
        if not cancelled:
            return 0
        versions = DocumentVersion.objects.filter(pk__in=cancelled)
        for document_id in set(versions.values_list("document", flat=True)):
            announce_document(collection_id, document_id)
        record(
            viewer.user_id,
            AuditAction.READING_CANCELLED,
            collection=collection_id,
            versions=len(cancelled),
        )
        return len(cancelled)


def _under_way(viewer: Viewer, collection_id: UUID) -> Collection[UUID]:
    """Versions that wait or are worked on, of documents that he may edit."""
    here = visible_documents(viewer).filter(collection=collection_id)
    runs = IngestionRun.objects.filter(state__in=UNFINISHED, version__document__in=here)
    found = dict(runs.values_list("version", "version__document"))
    roles = roles_in_documents(viewer, set(found.values()))
    return [version for version, document in found.items() if roles.get(document, Role.READER) != Role.READER]
