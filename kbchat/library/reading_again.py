"""The newest file of a document, read in the encoding that a person names: where it could not be told, or was told
wrong."""

from uuid import UUID

from django.db.models import Max

from kbchat.access.gate import access_document
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.core.errors import Invalid
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, DocumentVersion, VersionState
from kbchat.ingestion.models import UNFINISHED, IngestionRun
from kbchat.ingestion.runs import begin_again
from kbchat.library.announcing import announce_document
from kbchat.library.documents import DocumentRow, row_of
from kbchat.library.uploading import require_encoding
from kbchat.parsing.encoding import canonical


def read_again(viewer: Viewer, document_id: UUID, encoding: str) -> DocumentRow:
    """What was read before stays as it is, since citations point there: the same bytes become another version. A
    version that failed is tried again. Raises NotFound, NotAllowed, or Invalid where the newest version is still worked
    on, has no encoding to choose, or is read in this one already."""
    require_encoding(encoding)
    with viewing(viewer):
        access_document(viewer, document_id, role=Role.EDITOR)
        document = Document.objects.select_for_update().get(pk=document_id)
        newest = document.versions.order_by("-number").first()
        if newest is None or newest.state == VersionState.REJECTED:
            raise Invalid("nothing_to_retry")
        if IngestionRun.objects.filter(version=newest, state__in=UNFINISHED).exists():
            raise Invalid("still_reading")
        version = newest
        if newest.state == VersionState.READY:
            _require_other(newest, encoding)
            version = successor(viewer, newest)
        if begin_again(version, encoding=encoding) is None:
            raise Invalid("still_reading")
        announce_document(document.collection_id, document.pk)
        return row_of(viewer, document.pk)


def successor(viewer: Viewer, former: DocumentVersion) -> DocumentVersion:
    """Another version of the same bytes, to be read anew: it takes the former one's place on all of its days. Inside a
    transaction that holds the document."""
    last = DocumentVersion.objects.filter(document=former.document_id).aggregate(Max("number"))
    version = DocumentVersion(
        document_id=former.document_id,
        number=last["number__max"] + 1,
        blob=former.blob,
        size=former.size,
        filename=former.filename,
        media_type=former.media_type,
        effective_from=former.effective_from,
        expires_on=former.expires_on,
        uploaded_by_id=viewer.user_id,
    )
    version.save(force_insert=True)
    return version


def _require_other(former: DocumentVersion, encoding: str) -> None:
    """Raises Invalid."""
    read_in = former.report.get("encoding")
    if read_in is None:
        raise Invalid("encoding_fixed")
    if read_in == canonical(encoding):
        raise Invalid("encoding_same")
