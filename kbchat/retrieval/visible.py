"""What a viewer can be answered with: the explicit half of the permission check, asked of the database anew each time.

The index tables stand outside row-level security, so every ranking starts from the set made here and from nothing
else: statistics, both legs and counts. Text is fetched later under row-level security, which refuses whatever a
mistake here let through.
"""

from collections.abc import Collection as AbstractCollection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import numpy as np

from kbchat.core.prepared import prepared_cursor
from kbchat.core.viewer import Viewer
from kbchat.parsing.file_kinds import media_types_of
from kbchat.retrieval.packed import Identifiers, identifiers, integers
from kbchat.retrieval.port import Scope

# Every set comes as one value: a row for each of ten thousand versions would take longer than the search.
_VISIBLE: Final = """
WITH searchable AS MATERIALIZED (
    SELECT v.id FROM kbchat_searchable_versions(
        %(person)s, %(as_of)s, %(collections)s::uuid[], %(documents)s::uuid[],
        %(media_types)s::text[], %(languages)s::text[], %(since)s::date, %(until)s::date) AS v(id)
)
SELECT
    (SELECT string_agg(uuid_send(id), '') FROM searchable),
    (SELECT string_agg(uuid_send(c.id), '') FROM kbchat_closed_sections(%(person)s) AS c(id)),
    (SELECT string_agg(int8send(c.id), '') FROM searchable s JOIN documents_silencedpassage x ON x.version_id = s.id
        JOIN ingestion_chunk c ON c.version_id = x.version_id AND c.start = x.start AND c."end" = x."end"),
    {excluded}"""
_EXCLUDED: Final = """(SELECT string_agg(uuid_send(s.id), '') FROM searchable s
        JOIN documents_documentversion dv ON dv.id = s.id WHERE dv.document_id = ANY(%(excluded_documents)s))"""


@dataclass(frozen=True, slots=True)
class VisibleSet:
    """Versions in force that the viewer may read, and the sections that are closed to him.

    `excluded_versions` and `excluded_chunks` may not be returned, and still count in BM25's statistics: the second
    round of a turn weighs words as the first did. What an editor has silenced is among the chunks.
    """

    versions: Identifiers
    closed_sections: Identifiers
    excluded_versions: Identifiers
    excluded_chunks: np.ndarray[tuple[int], np.dtype[np.int64]]


def visible_set(
    viewer: Viewer,
    *,
    scope: Scope,
    as_of: date,
    exclude_documents: AbstractCollection[UUID],
    exclude_chunks: AbstractCollection[int],
) -> VisibleSet:
    """Of the versions in force on `as_of`. A scope of collections and documents is their union. Call it inside
    `viewing`."""
    is_somewhere = bool(scope.collection_ids or scope.document_ids)
    sql = _VISIBLE.format(excluded=_EXCLUDED if exclude_documents else "NULL")
    with prepared_cursor() as cursor:
        cursor.execute(
            sql,
            {
                "person": viewer.user_id,
                "as_of": as_of,
                "collections": list(scope.collection_ids) if is_somewhere else None,
                "documents": list(scope.document_ids),
                "media_types": media_types_of(scope.kinds) if scope.kinds else None,
                "languages": list(scope.languages) or None,
                "since": scope.since,
                "until": scope.until,
                "excluded_documents": list(exclude_documents),
            },
        )
        versions, closed, silenced, excluded = cursor.fetchone()
    return VisibleSet(
        versions=identifiers(versions),
        closed_sections=identifiers(closed),
        excluded_versions=identifiers(excluded),
        excluded_chunks=np.union1d(integers(silenced), np.array(list(exclude_chunks), dtype=np.int64)),
    )
