"""The gate: `visible_*` are querysets already filtered, `access_*` give the object or raise NotFound.

To be used inside `viewing(viewer)`: what is not visible is then hidden by the database itself, and hidden and absent
look the same. These functions add the role: whoever may read a thing and not change it gets NotAllowed.
"""

from collections.abc import Collection as AbstractCollection
from collections.abc import Mapping
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from kbchat.access.models import Role
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Collection, Document, DocumentVersion

_RANK = {Role.READER: 0, Role.EDITOR: 1, Role.OWNER: 2}


def visible_collections(viewer: Viewer) -> QuerySet[Collection]:
    """Where he may read at least one document or has a grant on the collection itself."""
    return Collection.objects.filter(deleted_at=None)


def visible_documents(viewer: Viewer) -> QuerySet[Document]:
    return Document.objects.filter(deleted_at=None)


def roles_in_collections(viewer: Viewer) -> Mapping[UUID, Role]:
    """His role in each collection that is granted to him; elsewhere he is a reader of single documents."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT collection_id, role FROM kbchat_collections_of(%s)", [viewer.user_id])
        return {collection: Role(role) for collection, role in cursor.fetchall()}


def roles_in_documents(viewer: Viewer, document_ids: AbstractCollection[UUID]) -> Mapping[UUID, Role]:
    """His role in each of them that reaches him."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT document_id, role FROM kbchat_roles_in(%s, %s)", [viewer.user_id, list(document_ids)]
        )
        return {document: Role(role) for document, role in cursor.fetchall()}


def role_in_document(viewer: Viewer, document: Document) -> Role:
    """Raises NotFound where nothing reaches him."""
    role = roles_in_documents(viewer, [document.pk]).get(document.pk)
    if role is None:
        raise NotFound
    return role


def access_collection(viewer: Viewer, collection_id: UUID, *, role: Role = Role.READER) -> Collection:
    """Raises NotFound, or NotAllowed where he may read and `role` is more than that."""
    collection = visible_collections(viewer).filter(pk=collection_id).first()
    if collection is None:
        raise NotFound
    _require(roles_in_collections(viewer).get(collection_id, Role.READER), role)
    return collection


def access_document(viewer: Viewer, document_id: UUID, *, role: Role = Role.READER) -> Document:
    """Raises NotFound, or NotAllowed where he may read and `role` is more than that."""
    document = visible_documents(viewer).select_related("collection").filter(pk=document_id).first()
    if document is None:
        raise NotFound
    if role != Role.READER:
        _require(role_in_document(viewer, document), role)
    return document


def access_version(viewer: Viewer, version_id: UUID, *, role: Role = Role.READER) -> DocumentVersion:
    """A version that he may read, of a document that he may read. Raises as `access_document`."""
    # One statement: for a version that is there and not for him the database does what it does for none (T4).
    found = DocumentVersion.objects.select_related("document__collection").filter(
        pk=version_id, document__deleted_at=None
    )
    version = found.exclude(pk__in=withheld_versions(viewer)).first()
    if version is None:
        raise NotFound
    if role != Role.READER:
        _require(role_in_document(viewer, version.document), role)
    return version


def has_closed_section(viewer: Viewer, document_id: UUID) -> bool:
    """Whether a part of the document is closed to him: then its original file and whole text are, too."""
    return bool(documents_with_closed_sections(viewer, [document_id]))


def documents_with_closed_sections(viewer: Viewer, document_ids: AbstractCollection[UUID]) -> set[UUID]:
    """Those of which a part is closed to him."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM kbchat_documents_with_closed_sections(%s) AS c(id) WHERE id = ANY (%s)",
            [viewer.user_id, list(document_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def partly_closed_documents(viewer: Viewer) -> RawSQL:
    """As a subquery of the documents of which a part is closed to him."""
    return RawSQL("SELECT kbchat_documents_with_closed_sections(%s)", [viewer.user_id])


def closed_sections(viewer: Viewer) -> RawSQL:
    """As a subquery of the sections that are closed to him."""
    return RawSQL("SELECT kbchat_closed_sections(%s)", [viewer.user_id])


def withheld_versions(viewer: Viewer) -> RawSQL:
    """As a subquery of version ids."""
    return RawSQL("SELECT kbchat_withheld_versions(%s)", [viewer.user_id])


def _require(held: Role, wanted: Role) -> None:
    if _RANK[held] < _RANK[wanted]:
        raise NotAllowed
