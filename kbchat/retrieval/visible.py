"""Which indexed chunks a viewer can be answered with: the explicit half of the permission check, as SQL.

The index tables stand outside row-level security, so every ranking starts from the set made here and from nothing
else: statistics, both legs and counts. Text is fetched later under row-level security, which refuses whatever a
mistake here let through.
"""

from collections.abc import Collection as AbstractCollection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from kbchat.core.viewer import Viewer
from kbchat.retrieval.dense import DISTANCE
from kbchat.retrieval.port import Scope

# `eligible`: may be returned. What the caller excludes still counts in BM25's statistics, so that the second round
# of a turn weighs words as the first did.
_VISIBLE = """
closed AS MATERIALIZED (SELECT kbchat_closed_sections(%(person)s) AS id),
visible AS MATERIALIZED (
    SELECT e.chunk_id, e.terms, {distance} AS distance, {eligible} AS eligible
    FROM kbchat_searchable_versions(%(person)s, %(as_of)s) AS v(id)
    JOIN indexing_embedding e ON e.version_id = v.id
    WHERE e.generation_id = %(generation)s AND e.section_id NOT IN (SELECT id FROM closed) {scope}
)"""
_IN_SCOPE = """AND e.version_id IN (
        SELECT dv.id FROM documents_documentversion dv JOIN documents_document d ON d.id = dv.document_id
        WHERE d.collection_id = ANY(%(collections)s) OR d.id = ANY(%(documents)s))"""
_NOT_EXCLUDED_CHUNK = "e.chunk_id <> ALL(%(excluded_chunks)s)"
_NOT_EXCLUDED_DOCUMENT = """e.version_id NOT IN (
        SELECT dv.id FROM documents_documentversion dv WHERE dv.document_id = ANY(%(excluded_documents)s))"""


@dataclass(frozen=True, slots=True)
class VisibleSet:
    """The tables `closed` and `visible(chunk_id, terms, distance, eligible)` of a WITH clause, and their parameters."""

    sql: str
    parameters: dict[str, Any]


def visible_set(
    viewer: Viewer,
    generation_id: int,
    *,
    scope: Scope,
    as_of: date,
    exclude_documents: AbstractCollection[UUID],
    exclude_chunks: AbstractCollection[int],
) -> VisibleSet:
    """Chunks of the generation in versions in force on `as_of` that the viewer may read, outside of sections closed
    to him. A scope of collections and documents is their union."""
    conditions = []
    if exclude_chunks:
        conditions.append(_NOT_EXCLUDED_CHUNK)
    if exclude_documents:
        conditions.append(_NOT_EXCLUDED_DOCUMENT)
    is_narrowed = bool(scope.collection_ids or scope.document_ids)
    sql = _VISIBLE.format(
        distance=DISTANCE, eligible=" AND ".join(conditions) or "true", scope=_IN_SCOPE if is_narrowed else ""
    )
    return VisibleSet(
        sql,
        {
            "person": viewer.user_id,
            "as_of": as_of,
            "generation": generation_id,
            "collections": list(scope.collection_ids),
            "documents": list(scope.document_ids),
            "excluded_chunks": list(exclude_chunks),
            "excluded_documents": list(exclude_documents),
        },
    )
