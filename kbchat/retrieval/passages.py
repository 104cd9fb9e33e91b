"""Passages by chunk id, read under row-level security: the half of the permission check that no ranking can miss."""

from collections.abc import Sequence
from typing import Any, Final

from kbchat.core.prepared import prepared_cursor
from kbchat.core.text import Span
from kbchat.retrieval.port import Passage

# Columns and not objects: four models of fifty columns for each passage take longer than the database.
_READ: Final = """
SELECT s.path::text[], c.start, c."end",
       c.id, d.collection_id, d.id, v.id, d.title::text, k.name::text,
       c.text, c.page, v.language::text, v.effective_from, c.ordinal
FROM ingestion_chunk c
JOIN documents_section s ON s.id = c.section_id
JOIN documents_documentversion v ON v.id = c.version_id
JOIN documents_document d ON d.id = v.document_id
JOIN documents_collection k ON k.id = d.collection_id
WHERE c.id = ANY(%(chunks)s::int8[]) AND v.in_force IS NOT NULL AND d.deleted_at IS NULL
"""
_NAMES: Final = (
    *("chunk_id", "collection_id", "document_id", "version_id", "title", "collection_name"),
    *("text", "page", "language", "effective_from", "ordinal"),
)


def passages_by_id(chunk_ids: Sequence[int]) -> dict[int, Passage]:
    """What the viewer may read of them now. Call it inside `viewing`; one statement, none for no ids.

    An editor may see the rows of a deleted document, and a version's text before it is published: neither answers.
    """
    if not chunk_ids:
        return {}
    with prepared_cursor() as cursor:
        cursor.execute(_READ, {"chunks": list(chunk_ids)})
        passages = [_passage(*row) for row in cursor.fetchall()]
    return {passage.chunk_id: passage for passage in passages}


def _passage(heading_path: Sequence[str], start: int, end: int, *others: Any) -> Passage:
    named = dict(zip(_NAMES, others, strict=True))
    return Passage(heading_path=tuple(heading_path), span=Span(start, end), **named)
