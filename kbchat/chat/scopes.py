"""What a question was narrowed to, as JSON in a row and as retrieval's `Scope`; and what there is to choose from."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, get_args
from uuid import UUID

from django.db import connection
from django.utils import timezone

from kbchat.access.gate import visible_collections, visible_documents
from kbchat.access.viewing import viewing
from kbchat.analysis import Language
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.viewer import Viewer
from kbchat.parsing.file_kinds import KIND_OF, FileKind
from kbchat.retrieval.port import Scope

_MOST_IDS = 200
_LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)


@dataclass(frozen=True, slots=True)
class ScopeChoices:
    """What the documents are that somebody may be answered with today. `earliest`, `latest`: the days on which the
    first and the last of them took effect; None where there is none."""

    kinds: list[FileKind]
    languages: list[Language]
    earliest: date | None
    latest: date | None


def scope_choices(viewer: Viewer) -> ScopeChoices:
    """Kinds and languages in the order in which people are told of them."""
    with viewing(viewer), connection.cursor() as cursor:
        cursor.execute(
            "SELECT media_type, language, earliest, latest FROM kbchat_versions_to_choose(%s, %s)",
            [viewer.user_id, timezone.localdate()],
        )
        rows = cursor.fetchall()
    kinds, languages = {KIND_OF.get(row[0]) for row in rows}, {row[1] for row in rows}
    return ScopeChoices(
        kinds=[kind for kind in FileKind if kind in kinds],
        languages=[language for language in _LANGUAGES if language in languages],
        earliest=min((row[2] for row in rows), default=None),
        latest=max((row[3] for row in rows), default=None),
    )


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
    require_days(scope)
    unique = replace(
        scope,
        collection_ids=tuple(dict.fromkeys(scope.collection_ids)),
        document_ids=tuple(dict.fromkeys(scope.document_ids)),
        kinds=tuple(dict.fromkeys(scope.kinds)),
        languages=tuple(dict.fromkeys(scope.languages)),
    )
    if len(unique.collection_ids) + len(unique.document_ids) > _MOST_IDS:
        raise Invalid("scope_too_long", most=_MOST_IDS)
    if visible_part(viewer, unique) != unique:
        raise NotFound
    return unique


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
