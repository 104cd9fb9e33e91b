"""What a collection's rule would do if it were in force now: by the very questions that purging asks."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from kbchat.access.gate import access_collection
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document
from kbchat.library.purging import expired_documents
from kbchat.retention.holds import without_held
from kbchat.retention.rules import DocumentDays, require_usable


@dataclass(frozen=True, slots=True)
class ForeseenDocuments:
    """How many would be deleted because they have expired, how many that are deleted would be removed for good, and how
    many of both a legal hold keeps. Holds are the administrators' to know: for others there are none."""

    deleted: int
    purged: int
    held: int


def foresee_documents(viewer: Viewer, collection_id: UUID, wanted: DocumentDays) -> ForeseenDocuments:
    """What `keep_documents_for` would lead to. For owners. Raises NotFound, NotAllowed or Invalid."""
    require_usable(wanted)
    with viewing(viewer):
        access_collection(viewer, collection_id, role=Role.OWNER)
        none = Document.objects.none()
        expired = (
            none if wanted.expired_days is None else expired_documents(collection_id, wanted.expired_days)
        )
        removed = Document.objects.filter(
            collection=collection_id, deleted_at__lte=timezone.now() - timedelta(days=wanted.removed_days)
        )
        deleted, purged = without_held(expired).count(), without_held(removed).count()
        return ForeseenDocuments(deleted, purged, expired.count() + removed.count() - deleted - purged)
