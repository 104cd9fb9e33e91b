"""Collections as a person sees them: those where he may read something, with what he may do there."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from kbchat.access.gate import roles_in_collections, visible_collections, visible_documents
from kbchat.access.granting import facts_of
from kbchat.access.models import Grant, Role
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import Invalid, NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Collection, Document

_MOST_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """`documents`: how many of them he may read."""

    id: UUID
    name: str
    description: str
    role: Role
    documents: int


def list_collections(viewer: Viewer) -> list[CollectionRow]:
    """By name."""
    with viewing(viewer):
        return collection_rows(
            visible_collections(viewer), visible_documents(viewer), roles_in_collections(viewer)
        )


def collection_rows(
    collections: QuerySet[Collection], documents: QuerySet[Document], roles: Mapping[UUID, Role]
) -> list[CollectionRow]:
    """Inside `viewing`. By name; `documents` are those that are counted."""
    counts = dict(
        documents.values_list("collection").annotate(count=Count("pk")).values_list("collection", "count")
    )
    return [
        CollectionRow(
            id=collection.pk,
            name=collection.name,
            description=collection.description,
            role=roles.get(collection.pk, Role.READER),
            documents=counts.get(collection.pk, 0),
        )
        for collection in collections.order_by("name", "pk")
    ]


def collection_named(viewer: Viewer, name: str) -> UUID:
    """By its name in any case. Raises NotFound where he may read none of that name."""
    with viewing(viewer):
        found = visible_collections(viewer).filter(name__iexact=name.strip()).order_by("pk").first()
    if found is None:
        raise NotFound
    return found.pk


def create_collection(viewer: Viewer, *, name: str, description: str = "") -> CollectionRow:
    """His own, from the first moment. Raises NotAllowed for anybody but administrators, or Invalid."""
    if not viewer.is_administrator:
        raise NotAllowed
    if viewer.collections is not None:
        raise NotAllowed("key_is_narrowed")
    name = name.strip()
    if not name:
        raise Invalid("name_missing")
    if len(name) > _MOST_CHARACTERS:
        raise Invalid("name_too_long", limit=_MOST_CHARACTERS)
    with viewing(viewer):
        if visible_collections(viewer).filter(name__iexact=name).exists():
            raise Invalid("collection_name_taken", name=name)
        collection = Collection(name=name, description=description.strip(), created_by_id=viewer.user_id)
        collection.save(force_insert=True)
        grant = Grant.objects.create(collection=collection, user_id=viewer.user_id, role=Role.OWNER)
        record(viewer.user_id, AuditAction.GRANT_GIVEN, before=None, **facts_of(grant))
    return CollectionRow(collection.pk, name, collection.description, Role.OWNER, 0)
