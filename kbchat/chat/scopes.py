"""What a question was narrowed to, as JSON in a row and as retrieval's `Scope`."""

from typing import Any
from uuid import UUID

from kbchat.access.gate import visible_collections, visible_documents
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.viewer import Viewer
from kbchat.retrieval.port import Scope

_MOST_IDS = 200


def to_stored(scope: Scope) -> dict[str, list[str]]:
    return {
        "collection_ids": [str(item) for item in scope.collection_ids],
        "document_ids": [str(item) for item in scope.document_ids],
    }


def from_stored(stored: dict[str, Any]) -> Scope:
    return Scope(
        tuple(UUID(item) for item in stored.get("collection_ids", ())),
        tuple(UUID(item) for item in stored.get("document_ids", ())),
    )


def access_scope(viewer: Viewer, scope: Scope) -> Scope:
    """The scope without repetitions. Inside `viewing`. Raises NotFound where a part of it is hidden or absent, Invalid
    where it is too long."""
    unique = Scope(tuple(dict.fromkeys(scope.collection_ids)), tuple(dict.fromkeys(scope.document_ids)))
    if len(unique.collection_ids) + len(unique.document_ids) > _MOST_IDS:
        raise Invalid("scope_too_long", most=_MOST_IDS)
    if visible_part(viewer, unique) != unique:
        raise NotFound
    return unique


def visible_part(viewer: Viewer, scope: Scope) -> Scope:
    """What of it he can still see. Inside `viewing`."""
    collections = set(
        visible_collections(viewer).filter(pk__in=scope.collection_ids).values_list("pk", flat=True)
        if scope.collection_ids
        else ()
    )
    documents = set(
        visible_documents(viewer).filter(pk__in=scope.document_ids).values_list("pk", flat=True)
        if scope.document_ids
        else ()
    )
    return Scope(
        tuple(item for item in scope.collection_ids if item in collections),
        tuple(item for item in scope.document_ids if item in documents),
    )


def collections_in(viewer: Viewer, scope: Scope) -> int:
    """How many collections a search in this scope looks through. Inside `viewing`."""
    if not scope.collection_ids and not scope.document_ids:
        return visible_collections(viewer).count()
    of_documents = visible_documents(viewer).filter(pk__in=scope.document_ids).values("collection_id")
    both = visible_collections(viewer).filter(pk__in=scope.collection_ids).values("pk").union(of_documents)
    return both.count()
