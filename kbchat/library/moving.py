"""Moving a document to another collection: other people may read it from then on, and nothing that is indexed changes.

What was granted, denied or closed on the document itself goes with it; only the collection's own grants are exchanged.
"""

from uuid import UUID

from kbchat.access.gate import access_collection, access_document
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import Conflict
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document
from kbchat.library.announcing import announce_document
from kbchat.library.documents import DocumentRow, row_of


def move_document(viewer: Viewer, document_id: UUID, collection_id: UUID) -> DocumentRow:
    """For editors of both collections: who edits the document alone does not decide who else reads it. Moving it to
    where it is changes nothing.

    Raises NotFound or NotAllowed, and Conflict where somebody else moved it meanwhile.
    """
    with viewing(viewer):
        document = access_document(viewer, document_id, role=Role.EDITOR)
        before = document.collection_id
        for shelf in (before, collection_id):
            access_collection(viewer, shelf, role=Role.EDITOR)
        if collection_id != before:
            still_there = Document.objects.filter(pk=document_id, collection_id=before, deleted_at=None)
            if not still_there.update(collection_id=collection_id):
                raise Conflict
            for shelf in (before, collection_id):
                announce_document(shelf, document_id)
            record(
                viewer.user_id,
                AuditAction.DOCUMENT_MOVED,
                document=document_id,
                collection=collection_id,
                before=before,
            )
        return row_of(viewer, document_id)
