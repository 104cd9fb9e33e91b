"""Whether the very bytes of a file are in the library already, as far as whoever sends it may know.

He is told of documents alone whose whole file he may read: of any other, saying that his file is the same would tell
him what is in it.
"""

from django.db.models import Q

from kbchat.access.gate import partly_closed_documents, visible_documents, withheld_versions
from kbchat.core.errors import Invalid
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion, VersionState
from kbchat.ingestion.models import UNFINISHED, IngestionRun


def require_unknown(viewer: Viewer, blob: str) -> None:
    """Inside `viewing`. Raises Invalid("already_there") where it is the file of a document's newest version that is
    ready, or of one that he sent himself and that is still worked on."""
    waiting = IngestionRun.objects.filter(state__in=UNFINISHED).values("version")
    known = (
        DocumentVersion.objects.filter(
            Q(state=VersionState.READY) | Q(uploaded_by=viewer.user_id, pk__in=waiting),
            document__in=visible_documents(viewer),
        )
        .exclude(document__in=partly_closed_documents(viewer))
        .exclude(pk__in=withheld_versions(viewer))
    )
    newest = known.order_by("document", "-number").distinct("document").values("pk")
    same = DocumentVersion.objects.filter(pk__in=newest, blob=blob).select_related("document__collection")
    if found := same.order_by("document__created_at").first():
        raise Invalid("already_there", title=found.document.title, collection=found.document.collection.name)
