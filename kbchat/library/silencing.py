"""Passages that search leaves out although their document answers: a table of contents, a legal notice, what misleads.
Their text stays as it is, and citations of them stay true."""

from uuid import UUID

from kbchat.access.gate import access_version
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import NotFound
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, SilencedPassage
from kbchat.indexing.silenced import hear_again, in_later_versions, silence
from kbchat.ingestion.models import Chunk


def silence_passage(viewer: Viewer, version_id: UUID, span: Span, *, is_silenced: bool) -> None:
    """From the next question on, in this version and in later ones that say the same; for owners of the collection.
    What is so already stays so. Raises NotFound, also where no passage has this span, or NotAllowed."""
    with viewing(viewer):
        version = access_version(viewer, version_id, role=Role.OWNER)
        place = {"version_id": version_id, "start": span.start, "end": span.end}
        if not Chunk.objects.filter(**place).exists():
            raise NotFound
        # What is published or cut at this moment is silenced by whoever comes second.
        Document.objects.select_for_update().get(pk=version.document_id)
        if SilencedPassage.objects.filter(**place).exists() == is_silenced:
            return
        for each, where in [(version_id, span), *in_later_versions(version, span)]:
            if is_silenced:
                silence(each, [where], by=viewer.user_id)
            else:
                hear_again(each, [where])
        action = AuditAction.PASSAGE_SILENCED if is_silenced else AuditAction.PASSAGE_HEARD_AGAIN
        record(viewer.user_id, action, version=version_id, start=span.start, end=span.end)
