"""Removing what was deleted: text, chunks, vectors, terms, bytes, and the answers that quote it. A receipt tells how
much of each. Run by workers; hidden it was at once."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from kbchat.access.models import Grant
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.documents.models import Document, DocumentVersion, Section, VersionContent, VersionState
from kbchat.documents.storage import drop_blob
from kbchat.indexing.models import Embedding
from kbchat.indexing.writing import erase
from kbchat.ingestion.models import UNFINISHED, Chunk, IngestionRun
from kbchat.library.deleting import mark_deleted
from kbchat.retention.holds import is_held, without_held
from kbchat.retention.receipts import complete_receipt, due_for_purging
from kbchat.retention.rules import expiring_collections

logger = logging.getLogger(__name__)


def purge_deleted() -> int:
    """Purge every document that is marked as deleted and that nothing keeps. Returns how many; one that fails waits
    for the next time."""
    return sum(_try_to_purge(document) for document in due_for_purging())


def delete_expired() -> int:
    """Delete what its collection lets go so many days after its last version has expired. Returns how many."""
    deleted = 0
    for collection, days in expiring_collections().items():
        for document in without_held(expired_documents(collection.pk, days)).order_by("pk"):
            with transaction.atomic():
                mark_deleted(document, actor_id=None, expired_days=days)
            deleted += 1
    return deleted


def expired_documents(collection_id: UUID, days: int) -> QuerySet[Document]:
    """Those whose last version expired so many days ago, held ones too. A worker's to ask, or an owner's."""
    until = timezone.localdate() - timedelta(days=days)
    # Not "without an end": that is also what answers on no day, because the next one took over on the same day.
    answers = Q(in_force__endswith__gt=until) | Q(in_force__upper_inf=True)
    stays = DocumentVersion.objects.filter(
        answers | Q(runs__state__in=UNFINISHED),
        document__collection=collection_id,
    )
    over = DocumentVersion.objects.filter(state=VersionState.READY, document__collection=collection_id)
    return Document.objects.filter(
        collection=collection_id, deleted_at=None, pk__in=over.values("document")
    ).exclude(pk__in=stays.values("document"))


def forget_answers(versions: Sequence[UUID] | None = None) -> tuple[int, int]:
    """Take the answers out of turns that rest on these versions of deleted documents; None: on any that is purged. How
    many, and how many stay because their askers are held."""
    with connection.cursor() as cursor:
        those = None if versions is None else list(versions)
        cursor.execute("SELECT forgotten, held FROM kbchat_forget_answers(%s)", [those])
        forgotten, held = cursor.fetchone()
    return int(forgotten), int(held)


def _try_to_purge(document_id: UUID) -> bool:
    try:
        return _purge(document_id)
    except Exception:
        # Any storage backend raises what it likes.
        logger.exception("document not purged", extra={"document": str(document_id)})
        return False


@transaction.atomic
def _purge(document_id: UUID) -> bool:
    # Whoever adds a version, places a hold or restores it holds this row: none of them comes after it was looked at.
    document = Document.objects.select_for_update().exclude(deleted_at=None).filter(pk=document_id).first()
    if document is None or is_held(document_id):
        # Two workers at once purge it once, and what was restored meanwhile stays.
        return False
    versions = DocumentVersion.objects.filter(document=document_id)
    blobs = sorted(set(versions.values_list("blob", flat=True)))
    version_ids = list(versions.values_list("pk", flat=True))
    chunks = Chunk.objects.filter(version__document=document_id)
    vectors = Embedding.objects.filter(version__in=version_ids).values_list("generation_id")
    in_generations = {str(pk): count for pk, count in vectors.annotate(count=Count("chunk"))}
    passages = chunks.count()
    answers, answers_held = forget_answers(version_ids)
    terms = sum(map(erase, version_ids))
    chunks.delete()
    IngestionRun.objects.filter(version__document=document_id).delete()
    VersionContent.objects.filter(version__document=document_id).delete()
    versions.delete()
    Grant.objects.filter(section__document=document_id).delete()
    Grant.objects.filter(document=document_id).delete()
    Section.objects.filter(document=document_id).delete()
    Document.objects.filter(pk=document_id).delete()
    # Before the commit: rows without bytes are purged again, bytes without rows would stay for ever.
    files = sum(drop_blob(blob, DocumentVersion.objects.filter(blob=blob).exists) for blob in blobs)
    removed: dict[str, int | dict[str, int]] = {
        "versions": len(version_ids),
        "passages": passages,
        "vectors": in_generations,
        "terms": terms,
        "files": files,
        "files_of_others": len(blobs) - files,
        "answers": answers,
        "answers_held": answers_held,
    }
    complete_receipt(document, removed)
    record(None, AuditAction.DOCUMENT_PURGED, document=document_id, **removed)
    return True
