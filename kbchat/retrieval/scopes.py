"""What a search was narrowed to: as JSON in a row, as the part of it that somebody sees, and as what he owns of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from kbchat.access.gate import visible_collections, visible_documents
from kbchat.access.owning import access_whole_collections
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion
from kbchat.parsing.file_kinds import KIND_OF, FileKind
from kbchat.retrieval.port import Scope

_MOST_IDS: Final = 200


def to_stored(scope: Scope) -> dict[str, Any]:
    return {
        "collection_ids": [str(item) for item in scope.collection_ids],
        "document_ids": [str(item) for item in scope.document_ids],
        "kinds": list(scope.kinds),
        "languages": list(scope.languages),
        "since": scope.since and scope.since.isoformat(),
        "until": scope.until and scope.until.isoformat(),
    }


def from_stored(stored: dict[str, Any]) -> Scope:
    """What was stored before there was more to choose has less."""
    since, until = stored.get("since"), stored.get("until")
    return Scope(
        tuple(UUID(item) for item in stored.get("collection_ids", ())),
        tuple(UUID(item) for item in stored.get("document_ids", ())),
        tuple(FileKind(item) for item in stored.get("kinds", ())),
        tuple(stored.get("languages", ())),
        date.fromisoformat(since) if since else None,
        date.fromisoformat(until) if until else None,
    )


def access_scope(viewer: Viewer, scope: Scope) -> Scope:
    """The scope without repetitions. Inside `viewing`. Raises NotFound where a part of it is hidden or absent, Invalid
    where it is too long or ends before it begins."""
    unique = _unique(scope)
    if len(unique.collection_ids) + len(unique.document_ids) > _MOST_IDS:
        raise Invalid("scope_too_long", most=_MOST_IDS)
    return _accessed(viewer, unique)


@dataclass(frozen=True, slots=True)
class OwnedScope:
    """`collections`: those that it searches, all of them or some of their documents."""

    scope: Scope
    collections: tuple[UUID, ...]


def access_owned_scope(viewer: Viewer, scope: Scope) -> OwnedScope:
    """In collections that are his as a whole; all of these where it names none, and no document. Inside `viewing`.
    Raises NotFound where a part of it is hidden or absent, NotAllowed as access_whole_collections, Invalid where it
    names too many documents or ends before it begins."""
    unique = _unique(scope)
    if len(unique.document_ids) > _MOST_IDS:
        raise Invalid("scope_too_long", most=_MOST_IDS)
    unique = _accessed(viewer, unique)
    found = visible_documents(viewer).filter(pk__in=unique.document_ids)
    named = dict.fromkeys((*unique.collection_ids, *found.values_list("collection_id", flat=True)))
    collections = tuple(access_whole_collections(viewer, list(named)))
    return OwnedScope(unique if named else replace(unique, collection_ids=collections), collections)


def covers(scope: Scope, version: DocumentVersion) -> bool:
    """As search asks it of a version in force (kbchat_searchable_versions)."""
    return (
        (not scope.kinds or KIND_OF.get(version.media_type) in scope.kinds)
        and (not scope.languages or version.language in scope.languages)
        and (scope.since is None or version.effective_from >= scope.since)
        and (scope.until is None or version.effective_from <= scope.until)
    )


def require_days(scope: Scope) -> None:
    """Raises Invalid("scope_days_reversed")."""
    if scope.since and scope.until and scope.until < scope.since:
        raise Invalid("scope_days_reversed")


def visible_part(viewer: Viewer, scope: Scope) -> Scope:
    """What of it he can still see. Inside `viewing`."""
    [part] = visible_parts(viewer, [scope])
    return part


def visible_parts(viewer: Viewer, scopes: Iterable[Scope]) -> list[Scope]:
    """As `visible_part`, of each: two statements at most, however many."""
    scopes = list(scopes)
    named = {item for scope in scopes for item in scope.collection_ids}
    collections = set(
        visible_collections(viewer).filter(pk__in=named).values_list("pk", flat=True) if named else ()
    )
    named = {item for scope in scopes for item in scope.document_ids}
    documents = set(
        visible_documents(viewer).filter(pk__in=named).values_list("pk", flat=True) if named else ()
    )
    return [
        replace(
            scope,
            collection_ids=tuple(item for item in scope.collection_ids if item in collections),
            document_ids=tuple(item for item in scope.document_ids if item in documents),
        )
        for scope in scopes
    ]


def collections_in(viewer: Viewer, scope: Scope) -> int:
    """How many collections a search in this scope looks through. Inside `viewing`."""
    if not scope.collection_ids and not scope.document_ids:
        return visible_collections(viewer).count()
    of_documents = visible_documents(viewer).filter(pk__in=scope.document_ids).values("collection_id")
    both = visible_collections(viewer).filter(pk__in=scope.collection_ids).values("pk").union(of_documents)
    return both.count()


def _unique(scope: Scope) -> Scope:
    require_days(scope)
    return replace(
        scope,
        collection_ids=tuple(dict.fromkeys(scope.collection_ids)),
        document_ids=tuple(dict.fromkeys(scope.document_ids)),
        kinds=tuple(dict.fromkeys(scope.kinds)),
        languages=tuple(dict.fromkeys(scope.languages)),
    )


def _accessed(viewer: Viewer, scope: Scope) -> Scope:
    if visible_part(viewer, scope) != scope:
        raise NotFound
    return scope
