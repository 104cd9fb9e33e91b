"""Other days for a version: from when and until when it answers. Its bytes and its text stay as they are."""

from datetime import date
from uuid import UUID

from kbchat.access.gate import access_version, withheld_versions
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import Invalid, NotAllowed
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, DocumentVersion
from kbchat.documents.publishing import arrange
from kbchat.library.announcing import announce_document
from kbchat.library.documents import DocumentRow, row_of


def set_days(
    viewer: Viewer, version_id: UUID, *, effective_from: date, expires_on: date | None
) -> DocumentRow:
    """It answers from `effective_from` until the day before `expires_on` (None: for good). That counts from the next
    question on; one that is not ready keeps its days until it is. For editors.

    Raises NotFound, NotAllowed (also where another version is withheld from him, whose days would change with these),
    or Invalid("expires_before_effective").
    """
    if expires_on is not None and expires_on <= effective_from:
        raise Invalid("expires_before_effective")
    with viewing(viewer):
        version = access_version(viewer, version_id, role=Role.EDITOR)
        # What is published at this moment gets its days from whoever comes second.
        document = Document.objects.select_for_update().get(pk=version.document_id)
        versions = DocumentVersion.objects.filter(document=document)
        if versions.filter(pk__in=withheld_versions(viewer)).exists():
            raise NotAllowed
        versions.filter(pk=version_id).update(effective_from=effective_from, expires_on=expires_on)
        arrange(document.pk)
        announce_document(document.collection_id, document.pk)
        record(
            viewer.user_id,
            AuditAction.VERSION_DATED,
            version=version_id,
            effective_from=effective_from.isoformat(),
            expires_on=expires_on.isoformat() if expires_on else None,
        )
        return row_of(viewer, document.pk)
