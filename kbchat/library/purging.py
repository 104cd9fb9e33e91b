"""Removing what was deleted: text, chunks, vectors, terms and bytes. Run by workers; hidden it was at once."""

from uuid import UUID

from django.db import transaction

from kbchat.access.models import Grant
from kbchat.documents.models import Document, DocumentVersion, Section, VersionContent
from kbchat.documents.storage import drop_blob
from kbchat.indexing.writing import erase
from kbchat.ingestion.models import Chunk, IngestionRun


def purge_deleted() -> int:
    """Purge every document that is marked as deleted. Returns how many."""
    documents = list(Document.objects.exclude(deleted_at=None).values_list("pk", flat=True))
    for document in documents:
        _purge(document)
    return len(documents)


def _purge(document_id: UUID) -> None:
    versions = DocumentVersion.objects.filter(document=document_id)
    blobs = set(versions.values_list("blob", flat=True))
    with transaction.atomic():
        for version in versions.values_list("pk", flat=True):
            erase(version)
        Chunk.objects.filter(version__document=document_id).delete()
        IngestionRun.objects.filter(version__document=document_id).delete()
        VersionContent.objects.filter(version__document=document_id).delete()
        versions.delete()
        Grant.objects.filter(section__document=document_id).delete()
        Grant.objects.filter(document=document_id).delete()
        Section.objects.filter(document=document_id).delete()
        Document.objects.filter(pk=document_id).delete()
    for blob in sorted(blobs):
        with transaction.atomic():
            drop_blob(blob, DocumentVersion.objects.filter(blob=blob).exists)
