"""The library as somebody else sees it, for administrators and owners: they are shown what both may read, and that they
looked is recorded."""

from uuid import UUID

from kbchat.access.comparing import lesser_roles, other_person, shared_collections, shared_documents
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer
from kbchat.library.collections import CollectionRow, collection_rows
from kbchat.library.documents import DocumentRow, rows_for


def collections_as(viewer: Viewer, email: str) -> list[CollectionRow]:
    """By name. Raises NotFound or NotAllowed."""
    with viewing(viewer):
        other = other_person(viewer, email)
        rows = collection_rows(
            shared_collections(viewer, other), shared_documents(viewer, other), lesser_roles(viewer, other)
        )
        record(viewer.user_id, AuditAction.VIEWED_AS, person=other.user_id, collection=None, shown=len(rows))
    return rows


def documents_as(viewer: Viewer, email: str, collection_id: UUID) -> list[DocumentRow]:
    """By title. Raises NotFound or NotAllowed."""
    with viewing(viewer):
        other = other_person(viewer, email)
        if not shared_collections(viewer, other).filter(pk=collection_id).exists():
            raise NotFound
        documents = shared_documents(viewer, other).filter(collection=collection_id).order_by("title", "pk")
        rows = rows_for((viewer, other), documents)
        record(
            viewer.user_id,
            AuditAction.VIEWED_AS,
            person=other.user_id,
            collection=collection_id,
            shown=len(rows),
        )
    return rows
