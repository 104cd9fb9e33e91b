"""What was parsed and chunked, into rows: the version's text, its sections and its chunks, all or nothing."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from kbchat.analysis import language_of
from kbchat.documents.models import DocumentVersion, Section, VersionContent
from kbchat.ingestion.chunking import ChunkDraft
from kbchat.parsing import ParsedDocument, to_json

# A path is a key in an index, which takes at most 2,700 bytes.
_MOST_HEADINGS = 8
_MOST_HEADING_CHARACTERS = 80
_BATCH = 500
# What stands in no row that is written over below. By foreign keys, vectors go with their chunks.
_CLEAR = """
WITH pages AS (DELETE FROM ingestion_scannedpage WHERE version_id = %(version)s)
DELETE FROM ingestion_chunk WHERE version_id = %(version)s
"""
# By columns: to make a row of each chunk takes longer than to store it.
_CHUNKS = """
INSERT INTO ingestion_chunk
    (version_id, chunking_policy, ordinal, start, "end", section_id, page, prefix, text)
SELECT %(version)s, %(policy)s, %(first)s + place - 1, start, until, section, page, prefix, text
FROM unnest(%(starts)s::int[], %(ends)s::int[], %(sections)s::uuid[], %(pages)s::int[], %(prefixes)s::text[],
            %(texts)s::text[]) WITH ORDINALITY AS cut (start, until, section, page, prefix, text, place)
ORDER BY place
"""

DraftsByPolicy = Mapping[str, Sequence[ChunkDraft]]
"""Chunks by chunking policy, that of the active generation first."""


def store_parsed(version: DocumentVersion, document: ParsedDocument, drafts: DraftsByPolicy) -> None:
    """Replace whatever an earlier attempt left, and the pages that the text was recognised on. To be called in a
    transaction that holds the run."""
    # Another version of the document may be stored at this moment; they share their section rows.
    _hold(version.document_id)
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR, {"version": version.pk})
    structure = _structure(document)
    VersionContent.objects.bulk_create(
        [VersionContent(version=version, text=document.text, structure=structure)],
        update_conflicts=True,
        unique_fields=["version"],
        update_fields=["text", "structure"],
    )
    sections = _sections(version.document_id, document)
    for policy, of_policy in drafts.items():
        _store_chunks(version, document, policy, of_policy, sections)
    DocumentVersion.objects.filter(pk=version.pk).update(
        media_type=document.media_type,
        language=language_of(document.text),
        pages=document.pages,
        passages=len(next(iter(drafts.values()))),
        sections=[section.pk for section in sections],
        report=structure["report"] | {"title": document.title} | _kept(version.report),
    )


def store_chunks(
    version: DocumentVersion, document: ParsedDocument, policy: str, drafts: Sequence[ChunkDraft]
) -> None:
    """Chunks by one more policy, of a version that is stored already. To be called in a transaction."""
    _hold(version.document_id)
    _store_chunks(version, document, policy, drafts, _sections(version.document_id, document))


def _store_chunks(
    version: DocumentVersion,
    document: ParsedDocument,
    policy: str,
    drafts: Sequence[ChunkDraft],
    sections: Sequence[Section],
) -> None:
    with connection.cursor() as cursor:
        for first in range(0, len(drafts), _BATCH):
            batch = drafts[first : first + _BATCH]
            about: dict[str, Any] = {
                "version": version.pk,
                "policy": policy,
                "first": first,
                "starts": [draft.span.start for draft in batch],
                "ends": [draft.span.end for draft in batch],
                "sections": [sections[draft.section].pk for draft in batch],
                "pages": [draft.page for draft in batch],
                "prefixes": [draft.prefix for draft in batch],
                "texts": [document.text_of(draft.span) for draft in batch],
            }
            cursor.execute(_CHUNKS, about)


def _hold(document_id: UUID) -> None:
    """To the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM documents_document WHERE id = %s FOR UPDATE", [document_id])


def _kept(report: Mapping[str, Any]) -> dict[str, Any]:
    """What is not said of the file, and stays when it is read anew."""
    return {name: told for name, told in report.items() if name == "not_carried"}


def _structure(document: ParsedDocument) -> dict[str, Any]:
    """The document as JSON without its text, which stands in a column of its own."""
    told: dict[str, Any] = json.loads(to_json(document))
    del told["text"]
    return told


def _sections(document_id: UUID, document: ParsedDocument) -> list[Section]:
    """The row of each of the document's sections, in order. Rows stay the same from version to version, so that what
    was closed in one is closed in the next.
    """
    known = {tuple(section.path): section for section in Section.objects.filter(document=document_id)}
    missing: list[Section] = []
    rows: list[Section] = []
    for section in document.sections:
        path = _key(section.path)
        if path not in known:
            parent = None if section.parent is None else rows[section.parent]
            known[path] = Section(document_id=document_id, parent=parent, path=list(path))
            missing.append(known[path])
        rows.append(known[path])
    Section.objects.bulk_create(missing, batch_size=_BATCH)
    return rows


def _key(path: Sequence[str]) -> tuple[str, ...]:
    return tuple(heading[:_MOST_HEADING_CHARACTERS] for heading in path[:_MOST_HEADINGS])
