"""Passages that search leaves out although their document answers: a table of contents, a legal notice, what misleads.
Their text stays as it is, and citations of them stay true."""

from dataclasses import dataclass
from uuid import UUID

from kbchat.access.gate import access_version
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import NotFound
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.documents.models import SilencedPassage
from kbchat.indexing.generations import policy_that_answers
from kbchat.ingestion.models import Chunk


@dataclass(frozen=True, slots=True)
class PassageRow:
    """As the index that answers has it."""

    start: int
    end: int
    page: int | None
    heading_path: list[str]
    text: str
    is_silenced: bool


def list_passages(viewer: Viewer, version_id: UUID) -> list[PassageRow]:
    """Of a version, in order, for owners of its collection; without what is closed to him. Raises NotFound or
    NotAllowed."""
    with viewing(viewer):
        access_version(viewer, version_id, role=Role.OWNER)
        silenced = set(SilencedPassage.objects.filter(version=version_id).values_list("start", "end"))
        chunks = Chunk.objects.filter(version=version_id, chunking_policy__in=policy_that_answers())
        return [
            PassageRow(
                start=chunk.start,
                end=chunk.end,
                page=chunk.page,
                heading_path=list(chunk.section.path),
                text=chunk.text,
                is_silenced=(chunk.start, chunk.end) in silenced,
            )
            for chunk in chunks.select_related("section").order_by("ordinal")
        ]


def silence_passage(viewer: Viewer, version_id: UUID, span: Span, *, is_silenced: bool) -> None:
    """From the next question on; for owners of the collection. What is so already stays so. Raises NotFound, also where
    no passage has this span, or NotAllowed."""
    with viewing(viewer):
        access_version(viewer, version_id, role=Role.OWNER)
        place = {"version_id": version_id, "start": span.start, "end": span.end}
        if not Chunk.objects.filter(**place).exists():
            raise NotFound
        if is_silenced:
            by = {"silenced_by_id": viewer.user_id}
            _, is_changed = SilencedPassage.objects.get_or_create(**place, defaults=by)
            action = AuditAction.PASSAGE_SILENCED
        else:
            gone, _ = SilencedPassage.objects.filter(**place).delete()
            action, is_changed = AuditAction.PASSAGE_HEARD_AGAIN, bool(gone)
        if is_changed:
            record(viewer.user_id, action, version=version_id, start=span.start, end=span.end)
