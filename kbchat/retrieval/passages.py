"""Passages by chunk id, read under row-level security: the half of the permission check that no ranking can miss."""

from collections.abc import Sequence
from typing import Any, Final

from kbchat.core.text import Span
from kbchat.ingestion.models import Chunk
from kbchat.retrieval.port import Passage

# Columns and not objects: four models of fifty columns for each passage take longer than the database.
_COLUMNS: Final = {
    "chunk_id": "pk",
    "collection_id": "version__document__collection_id",
    "document_id": "version__document_id",
    "version_id": "version_id",
    "title": "version__document__title",
    "collection_name": "version__document__collection__name",
    "text": "text",
    "page": "page",
    "language": "version__language",
    "effective_from": "version__effective_from",
    "ordinal": "ordinal",
}


def passages_by_id(chunk_ids: Sequence[int]) -> dict[int, Passage]:
    """What the viewer may read of them now. Call it inside `viewing`; one statement, none for no ids.

    An editor may see the rows of a deleted document, and a version's text before it is published: neither answers.
    """
    if not chunk_ids:
        return {}
    rows = Chunk.objects.filter(
        pk__in=list(chunk_ids),
        version__in_force__isnull=False,
        version__document__deleted_at__isnull=True,
    ).values_list("section__path", "start", "end", *_COLUMNS.values())
    passages = (_passage(*row) for row in rows)
    return {passage.chunk_id: passage for passage in passages}


def _passage(heading_path: Sequence[str], start: int, end: int, *others: Any) -> Passage:
    named = dict(zip(_COLUMNS, others, strict=True))
    return Passage(heading_path=tuple(heading_path), span=Span(start, end), **named)
