"""Whether database and storage agree, both ways, and every generation that is kept holds what it should. Run with the
worker's rights, which see every version and nothing of conversations.

What is under way is no fault: bytes come before their row, and rows go before their bytes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from kbchat.core.jobs import Job, ring
from kbchat.documents.models import Document, DocumentVersion, VersionContent
from kbchat.documents.storage import (
    StoredFile,
    drop_blob,
    drop_unfinished,
    is_kept,
    is_whole,
    stored_files,
)
from kbchat.indexing.models import GenerationState, IndexGeneration
from kbchat.indexing.writing import drop_strays
from kbchat.ingestion.models import Step
from kbchat.ingestion.runs import begin_again, chosen_encoding
from kbchat.retention.receipts import due_for_purging

YOUNG: Final = timedelta(hours=1)
"""For which a file without a row, and a deleted document, may be on their way."""


class Fault(StrEnum):
    FILE_WITHOUT_VERSION = "file_without_version"
    UNFINISHED_FILE = "unfinished_file"
    VERSION_WITHOUT_FILE = "version_without_file"
    WRONG_BYTES = "wrong_bytes"
    NOT_PURGED = "not_purged"
    VERSION_WITHOUT_PASSAGES = "version_without_passages"
    PASSAGE_WITHOUT_VERSION = "passage_without_version"
    PASSAGES_NOT_INDEXED = "passages_not_indexed"
    VECTOR_WITHOUT_PASSAGE = "vector_without_passage"
    TERMS_WITHOUT_VECTOR = "terms_without_vector"


_OF_THE_INDEX: Final = (Fault.VECTOR_WITHOUT_PASSAGE, Fault.TERMS_WITHOUT_VECTOR)
_LACKS_PASSAGES: Final = (Fault.VERSION_WITHOUT_PASSAGES, Fault.PASSAGES_NOT_INDEXED)


@dataclass(frozen=True, slots=True)
class Finding:
    """`subject`: a file's name, or the id of a version or document, or "". `count`: of rows in `generation`, or 1."""

    fault: Fault
    subject: str
    count: int = 1
    generation: int | None = None


# By statements over whole tables: each tells which versions, or how many rows, and for which generation.
_LOST_CONTENT: Final = """
SELECT v.id, 1 FROM documents_documentversion v
WHERE v.state = 'ready' AND (NOT EXISTS (SELECT 1 FROM documents_versioncontent t WHERE t.version_id = v.id)
    OR v.passages > 0 AND NOT EXISTS (SELECT 1 FROM ingestion_chunk c WHERE c.version_id = v.id))"""
_LOST_VERSION: Final = """
SELECT c.version_id, count(*) FROM ingestion_chunk c
WHERE NOT EXISTS (SELECT 1 FROM documents_documentversion v WHERE v.id = c.version_id) GROUP BY c.version_id"""
_NOT_INDEXED: Final = """
SELECT c.version_id, count(*) FROM ingestion_chunk c
JOIN documents_documentversion v ON v.id = c.version_id AND v.state = 'ready'
WHERE c.chunking_policy = %(policy)s AND NOT EXISTS (
    SELECT 1 FROM indexing_embedding e WHERE e.generation_id = %(generation)s AND e.chunk_id = c.id)
GROUP BY c.version_id
UNION ALL
SELECT v.id, v.passages FROM documents_documentversion v WHERE v.state = 'ready' AND v.passages > 0
AND EXISTS (SELECT 1 FROM ingestion_chunk c WHERE c.version_id = v.id)
AND NOT EXISTS (SELECT 1 FROM ingestion_chunk c WHERE c.version_id = v.id AND c.chunking_policy = %(policy)s)"""
_LOST_PASSAGE: Final = """
SELECT e.version_id, count(*) FROM indexing_embedding e WHERE e.generation_id = %(generation)s
AND NOT EXISTS (SELECT 1 FROM ingestion_chunk c WHERE c.id = e.chunk_id) GROUP BY e.version_id"""
_LOST_VECTOR: Final = """
SELECT '', count(DISTINCT p.chunk_id) FROM indexing_posting p WHERE p.generation_id = %(generation)s
AND NOT EXISTS (SELECT 1 FROM indexing_embedding e
                WHERE e.generation_id = p.generation_id AND e.chunk_id = p.chunk_id)
HAVING count(*) > 0"""

_OF_VERSIONS: Final = {
    Fault.VERSION_WITHOUT_PASSAGES: _LOST_CONTENT,
    Fault.PASSAGE_WITHOUT_VERSION: _LOST_VERSION,
}
_OF_GENERATIONS: Final = {
    Fault.PASSAGES_NOT_INDEXED: _NOT_INDEXED,
    Fault.VECTOR_WITHOUT_PASSAGE: _LOST_PASSAGE,
    Fault.TERMS_WITHOUT_VECTOR: _LOST_VECTOR,
}


def count_steps() -> int:
    """How often `find_faults` tells that it came further."""
    return DocumentVersion.objects.values("blob").distinct().count() + 1


def find_faults(further: Callable[[], None] = lambda: None) -> Iterator[Finding]:
    """Reads the bytes of every version once. What was repaired or removed meanwhile is not told."""
    yield from _stray_files()
    yield from _unpurged()
    versions = DocumentVersion.objects.order_by("blob").values_list("blob", flat=True).distinct()
    for blob in list(versions):
        if not is_whole(blob):
            yield from _spoiled(blob)
        further()
    for fault, sql in _OF_VERSIONS.items():
        yield from _found(fault, sql)
    for generation in IndexGeneration.objects.filter(state=GenerationState.READY).order_by("pk"):
        for fault, sql in _OF_GENERATIONS.items():
            yield from _found(fault, sql, generation)
    further()


def mend(found: Sequence[Finding]) -> list[Finding]:
    """Removes what nobody points to, and queues for another run what lacks a part. Returns what only a person mends:
    bytes that are lost come back when the same file is uploaded again."""
    strays = {each.name: each for each in _old_files()}
    left = []
    for finding in found:
        if finding.fault is Fault.UNFINISHED_FILE and finding.subject in strays:
            drop_unfinished(strays[finding.subject])
        elif finding.fault is Fault.FILE_WITHOUT_VERSION and finding.subject in strays:
            _drop(strays[finding.subject].blob)
        elif finding.fault is Fault.NOT_PURGED:
            ring(Job.PURGE_DELETED)
        elif finding.fault in _OF_THE_INDEX and finding.generation is not None:
            drop_strays(finding.generation)
        elif finding.fault not in _LACKS_PASSAGES or not _queued(UUID(finding.subject)):
            left.append(finding)
    return left


def _old_files() -> Iterator[StoredFile]:
    until = timezone.now() - YOUNG
    return (each for each in stored_files() if each.changed_at < until)


def _stray_files() -> Iterator[Finding]:
    pointed_to = set(DocumentVersion.objects.values_list("blob", flat=True))
    for file in _old_files():
        if not file.blob:
            yield Finding(Fault.UNFINISHED_FILE, file.name)
        # Asked again: a version may have come since with bytes that were there.
        elif file.blob not in pointed_to and not _is_used(file.blob):
            yield Finding(Fault.FILE_WITHOUT_VERSION, file.name)


@transaction.atomic
def _spoiled(blob: str) -> list[Finding]:
    """Every version that the bytes are of; none where a purge took the bytes, which is waited for."""
    versions = DocumentVersion.objects.select_for_update().filter(blob=blob).order_by("pk")
    fault = Fault.WRONG_BYTES if is_kept(blob) else Fault.VERSION_WITHOUT_FILE
    return [Finding(fault, str(version)) for version in versions.values_list("pk", flat=True)]


def _found(fault: Fault, sql: str, generation: IndexGeneration | None = None) -> Iterator[Finding]:
    parameters: dict[str, int | str] = {}
    if generation:
        parameters = {"generation": generation.pk, "policy": generation.chunking_policy}
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    for subject, count in rows:
        yield Finding(fault, str(subject), count, generation.pk if generation else None)


def _unpurged() -> Iterator[Finding]:
    """Deleted, neither kept by a hold nor by a rule, and still there."""
    since = timezone.now() - YOUNG
    late = Document.objects.filter(pk__in=due_for_purging(), deleted_at__lt=since)
    for document in late.order_by("pk").values_list("pk", flat=True):
        yield Finding(Fault.NOT_PURGED, str(document))


def _is_used(blob: str) -> bool:
    return DocumentVersion.objects.filter(blob=blob).exists()


@transaction.atomic
def _drop(blob: str) -> None:
    drop_blob(blob, lambda: _is_used(blob))


@transaction.atomic
def _queued(version_id: UUID) -> bool:
    """Another run for a version, from where it has to begin; False where it is gone."""
    version = DocumentVersion.objects.select_for_update().filter(pk=version_id).first()
    if version is None:
        return False
    has_passages = VersionContent.objects.filter(pk=version_id).exists() and version.chunks.exists()
    step = Step.EMBEDDING if has_passages else Step.RECEIVED
    # Where one is under way, that one does it.
    begin_again(version, step=step, encoding=chosen_encoding(version), in_bulk=True)
    return True
