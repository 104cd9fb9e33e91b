"""Another attempt at what failed, or was rejected: a new run for the newest version of a document, or of many."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from kbchat.access.gate import access_document, roles_in_documents, visible_documents
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.core.errors import Invalid
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document
from kbchat.ingestion.models import IngestionRun, RunState
from kbchat.ingestion.runs import begin_again, call
from kbchat.library.announcing import announce_document
from kbchat.library.documents import DocumentRow, row_of

MAY_BE_TRIED_AGAIN: Final = (RunState.FAILED, RunState.CANCELLED, RunState.REJECTED)


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
        if last is None or last.state not in MAY_BE_TRIED_AGAIN:
            raise Invalid("nothing_to_retry")
        if begin_again(last.version, encoding=last.encoding, in_bulk=in_bulk) is None:
            raise Invalid("nothing_to_retry")
        announce_document(document.collection_id, document.pk)
        return row_of(viewer, document.pk)


@dataclass(frozen=True, slots=True)
class FailedDocument:
    """`code`: of the reason; of what was cancelled, its state."""

    id: UUID
    title: str
    collection_name: str
    code: str
    facts: Mapping[str, Any]


def list_failed(viewer: Viewer, collection_id: UUID | None = None) -> list[FailedDocument]:
    """The documents that he may edit and whose newest version failed, was rejected or cancelled, of this collection or
    of all; by collection and title."""
    with viewing(viewer):
        documents = visible_documents(viewer)
        if collection_id is not None:
            documents = documents.filter(collection=collection_id)
        runs = last_runs(documents, MAY_BE_TRIED_AGAIN).select_related("version__document__collection")
        edited = _edited(viewer, {run.version.document_id for run in runs})
        found = [_failed(run) for run in runs if run.version.document_id in edited]
    return sorted(found, key=lambda each: (each.collection_name, each.title, each.id))


def retry_documents(viewer: Viewer, document_ids: Collection[UUID]) -> None:
    """As `retry_document` for thousands; what he may not edit and what has not failed is passed by."""
    with viewing(viewer):
        documents = visible_documents(viewer).filter(pk__in=document_ids)
        retry_failed(
            viewer, {run.version.document_id: run for run in last_runs(documents, MAY_BE_TRIED_AGAIN)}
        )


def last_runs(
    documents: QuerySet[Document] | Collection[UUID], states: Collection[RunState]
) -> QuerySet[IngestionRun]:
    """Of the newest version of each of them the last run, where it is in one of these states; inside `viewing`."""
    last = (
        IngestionRun.objects.filter(version__document__in=documents)
        .order_by("version__document", "-version__number", "-created_at")
        .distinct("version__document")
    )
    return IngestionRun.objects.select_related("version").filter(pk__in=last.values("pk"), state__in=states)


def retry_failed(viewer: Viewer, failed: Mapping[UUID, IngestionRun]) -> None:
    """As `retry_document` for thousands, by a few statements; inside `viewing`. `failed`: by document, the last run of
    its newest version. What he may not edit, and what somebody else tries again already, is passed by."""
    edited = visible_documents(viewer).filter(pk__in=_edited(viewer, failed.keys()))
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


def _edited(viewer: Viewer, document_ids: Collection[UUID]) -> set[UUID]:
    roles = roles_in_documents(viewer, document_ids)
    return {pk for pk, role in roles.items() if role != Role.READER}


def _failed(run: IngestionRun) -> FailedDocument:
    document = run.version.document
    return FailedDocument(
        document.pk, document.title, document.collection.name, run.problem or run.state, run.problem_facts
    )
