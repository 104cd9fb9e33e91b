"""Passages by chunk id, read under row-level security: the half of the permission check that no ranking can miss."""

from collections.abc import Sequence

from kbchat.core.text import Span
from kbchat.ingestion.models import Chunk
from kbchat.retrieval.port import Passage


def passages_by_id(chunk_ids: Sequence[int]) -> dict[int, Passage]:
    """What the viewer may read of them now. Call it inside `viewing`; one statement, none for no ids.

    An editor may see the rows of a deleted document, and a version's text before it is published: neither answers.
    """
    if not chunk_ids:
        return {}
    chunks = Chunk.objects.filter(
        pk__in=list(chunk_ids),
        version__in_force__isnull=False,
        version__document__deleted_at__isnull=True,
    ).select_related("section", "version__document__collection")
    return {chunk.pk: _passage(chunk) for chunk in chunks}


def _passage(chunk: Chunk) -> Passage:
    version, document = chunk.version, chunk.version.document
    return Passage(
        chunk_id=chunk.pk,
        collection_id=document.collection_id,
        document_id=document.pk,
        version_id=version.pk,
        title=document.title,
        collection_name=document.collection.name,
        heading_path=tuple(chunk.section.path),
        text=chunk.text,
        span=Span(chunk.start, chunk.end),
        page=chunk.page,
        language=version.language,
        effective_from=version.effective_from,
        ordinal=chunk.ordinal,
    )
