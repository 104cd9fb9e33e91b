"""What can be given out of the library as files: the versions of documents, with all that is known of each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from kbchat.access.gate import roles_in_documents, visible_documents, withheld_versions
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, DocumentVersion, VersionState


@dataclass(frozen=True, slots=True)
class VersionToGive:
    """`uploaded_by`: his name; "" where nobody is known."""

    id: UUID
    document_id: UUID
    title: str
    collection_id: UUID
    collection_name: str
    source_path: str
    number: int
    filename: str
    effective_from: date
    expires_on: date | None
    in_force: bool
    state: str
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class VersionsToGive:
    """`without`: documents that have no such version."""

    versions: list[VersionToGive]
    without: int


def list_versions(
    viewer: Viewer, collection_ids: Collection[UUID] | None = None, *, all_versions: bool = False
) -> VersionsToGive:
    """Of these collections, or of all (None): the versions that answer today, or all that are ready, and of what he
    edits those that failed; none that was rejected. By collection and title, newest first. Files are given as a whole
    alone: whether he may have that of a version is asked where it is opened."""
    with viewing(viewer):
        documents = visible_documents(viewer)
        if collection_ids is not None:
            documents = documents.filter(collection__in=collection_ids)
        found = _of(viewer, documents, all_versions=all_versions)
        today = timezone.localdate()
        without = documents.exclude(pk__in=found.values("document")).count()
        rows = found.select_related("document__collection", "uploaded_by").order_by(
            "document__collection__name", "document__collection", "document__title", "document", "-number"
        )
        return VersionsToGive([_to_give(each, today) for each in rows], without)


def _of(viewer: Viewer, documents: QuerySet[Document], *, all_versions: bool) -> QuerySet[DocumentVersion]:
    versions = DocumentVersion.objects.filter(document__in=documents)
    versions = versions.exclude(pk__in=withheld_versions(viewer)).exclude(state=VersionState.REJECTED)
    if not all_versions:
        return versions.filter(in_force__contains=timezone.localdate())
    roles = roles_in_documents(viewer, set(documents.values_list("pk", flat=True)))
    edited = [pk for pk, role in roles.items() if role != Role.READER]
    return versions.filter(Q(state=VersionState.READY) | Q(document__in=edited))


def _to_give(version: DocumentVersion, today: date) -> VersionToGive:
    document = version.document
    return VersionToGive(
        id=version.pk,
        document_id=document.pk,
        title=document.title,
        collection_id=document.collection_id,
        collection_name=document.collection.name,
        source_path=document.source_path,
        number=version.number,
        filename=version.filename,
        effective_from=version.effective_from,
        expires_on=version.expires_on,
        in_force=version.in_force is not None and today in version.in_force,
        state=version.state,
        uploaded_by=version.uploaded_by.name if version.uploaded_by else "",
        uploaded_at=version.uploaded_at,
    )
