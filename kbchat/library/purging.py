"""Removing what was deleted: text, chunks, vectors, terms and bytes. Run by workers; hidden it was at once."""

import logging
from uuid import UUID

from django.db import transaction

from kbchat.access.models import Grant
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.documents.models import Document, DocumentVersion, Section, VersionContent
from kbchat.documents.storage import drop_blob
from kbchat.indexing.writing import erase
from kbchat.ingestion.models import Chunk, IngestionRun

logger = logging.getLogger(__name__)


def purge_deleted() -> int:
    """Purge every document that is marked as deleted. Returns how many; one that fails waits for the next time."""
    documents = Document.objects.exclude(deleted_at=None).values_list("pk", flat=True)
    return sum(_try_to_purge(document) for document in list(documents))


def _try_to_purge(document_id: UUID) -> bool:
    try:
        _purge(document_id)
    except Exception:
        # Any storage backend raises what it likes.
        logger.exception("document not purged", extra={"document": str(document_id)})
        return False
    return True


@transaction.atomic
def _purge(document_id: UUID) -> None:
    # Whoever adds a version holds this row: none comes after the blobs were listed.
    Document.objects.select_for_update().filter(pk=document_id).first()
    versions = DocumentVersion.objects.filter(document=document_id)
    blobs = sorted(set(versions.values_list("blob", flat=True)))
    version_ids = list(versions.values_list("pk", flat=True))
    for version in version_ids:
        erase(version)
    Chunk.objects.filter(version__document=document_id).delete()
    IngestionRun.objects.filter(version__document=document_id).delete()
    VersionContent.objects.filter(version__document=document_id).delete()
    versions.delete()
    Grant.objects.filter(section__document=document_id).delete()
    Grant.objects.filter(document=document_id).delete()
    Section.objects.filter(document=document_id).delete()
    purged, _ = Document.objects.filter(pk=document_id).delete()
    # Before the commit: rows without bytes are purged again, bytes without rows would stay for ever.
    for blob in blobs:
        drop_blob(blob, DocumentVersion.objects.filter(blob=blob).exists)
    # Two workers at once purge it once.
    if purged:
        record(None, AuditAction.DOCUMENT_PURGED, document=document_id, versions=len(version_ids))
