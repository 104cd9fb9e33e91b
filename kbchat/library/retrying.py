"""Another attempt at what failed, or was rejected: a new run for the newest version of a document, or of many."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from kbchat.access.gate import access_document, roles_in_documents, visible_documents
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.core.errors import Invalid
from kbchat.core.viewer import Viewer
from kbchat.ingestion.models import IngestionRun, RunState
from kbchat.ingestion.runs import begin_again, call
from kbchat.library.announcing import announce_document
from kbchat.library.documents import DocumentRow, row_of

_MAY_BE_TRIED_AGAIN: Final = (RunState.FAILED, RunState.CANCELLED, RunState.REJECTED)


def retry_document(viewer: Viewer, document_id: UUID, *, in_bulk: bool = False) -> DocumentRow:
    """Another run for the newest version. What was rejected stays so until a scanner finds it clean. `in_bulk`: an
    import asks, and nobody waits for it. Raises NotFound, NotAllowed, or Invalid where the last run has not failed."""
    with viewing(viewer):
        document = access_document(viewer, document_id, role=Role.EDITOR)
        last = (
            IngestionRun.objects.select_related("version")
            .filter(version__document=document.pk)
            .order_by("-version__number", "-created_at")
            .first()
        )
        if last is None or last.state not in _MAY_BE_TRIED_AGAIN:
            raise Invalid("nothing_to_retry")
        if begin_again(last.version, encoding=last.encoding, in_bulk=in_bulk) is None:
            raise Invalid("nothing_to_retry")
        announce_document(document.collection_id, document.pk)
        return row_of(viewer, document.pk)


def retry_failed(viewer: Viewer, failed: Mapping[UUID, IngestionRun]) -> None:
    """As `retry_document` for thousands, by a few statements; inside `viewing`. `failed`: by document, the last run of
    its newest version. What he may not edit, and what somebody else tries again already, is passed by."""
    roles = roles_in_documents(viewer, failed.keys())
    edited = visible_documents(viewer).filter(
        pk__in=[pk for pk, role in roles.items() if role != Role.READER]
    )
    again = {
        document: IngestionRun(
            version_id=failed[document.pk].version_id, encoding=failed[document.pk].encoding, in_bulk=True
        )
        for document in edited
    }
    IngestionRun.objects.bulk_create(again.values(), ignore_conflicts=True)
    for document, run in again.items():
        call(run)
        announce_document(document.collection_id, document.pk)
