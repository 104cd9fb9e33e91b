"""What is deleted and what is left of it, seen as workers see it."""

from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.answering.events import TextAdded
from kbchat.chat.models import Citation, Shown, Turn
from kbchat.chat.record import numbered, to_stored
from kbchat.chat.turn_terms import keep_terms
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, DocumentVersion
from kbchat.library.documents import DocumentRow
from kbchat.library.purging import purge_deleted
from tests.servers import as_worker
from tests.services.chat_support import ask


def purged() -> int:
    with as_worker():
        return purge_deleted()


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def is_there(document_id: UUID) -> bool:
    with as_worker():
        return Document.objects.filter(pk=document_id).exists()


def answered(viewer: Viewer, row: DocumentRow, answer: str = "28 days, it says.") -> UUID:
    """The turn of a question whose answer rests on the document, and quotes it."""
    turn = ask(viewer, "How many days?").turn_id
    with viewing(viewer):
        section = DocumentVersion.objects.get(pk=row.version_id).sections[0]
        Turn.objects.filter(pk=turn).update(
            answer=answer, events=to_stored(numbered([TextAdded(text=answer)])), trace={"quote": answer}
        )
        Shown.objects.create(turn_id=turn, number=1, version_id=row.version_id, section_id=section)
        Citation.objects.create(
            turn_id=turn, number=1, at=0, version_id=row.version_id, start=0, end=5, quote=answer
        )
        keep_terms(turn, f"How many days?\n{answer}")
    return turn


def left_of(viewer: Viewer, turn: UUID) -> tuple[str, int]:
    """Its answer, with all that was kept with it, and its quotes."""
    with viewing(viewer):
        kept = Turn.objects.get(pk=turn)
        told = f"{kept.answer}{kept.events or ''}{kept.trace or ''}"
        return told, Citation.objects.filter(turn=turn).count()


def deleted_days_ago(document_id: UUID, days: int) -> None:
    with as_worker():
        Document.objects.filter(pk=document_id).update(deleted_at=timezone.now() - timedelta(days=days))


def expired_on(version_id: UUID, *, days_ago: int) -> None:
    today = timezone.localdate()
    day = today - timedelta(days=days_ago)
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE documents_documentversion SET effective_from = %s, expires_on = %s, in_force = daterange(%s, %s)"
            " WHERE id = %s",
            [day - timedelta(days=30), day, day - timedelta(days=30), day, version_id],
        )
