"""Documents in force read by today's parsers: after an upgrade, or since something was installed that recognises or
converts. What was read before stays as it is, since citations point there: only where the text is another one do the
same bytes become another version.

The reading itself is done by whoever asks, in a sandboxed child, so that nothing waits in the queue for a document of
which nothing would change.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from kbchat.access.gate import (
    access_document,
    partly_closed_documents,
    roles_in_documents,
    visible_documents,
    withheld_versions,
)
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, DocumentVersion, VersionContent
from kbchat.documents.storage import read_blob
from kbchat.ingestion.models import UNFINISHED, IngestionRun
from kbchat.ingestion.runs import begin, chosen_encoding
from kbchat.library.announcing import announce_document
from kbchat.library.parsing_runs import look_at, read_or_pages
from kbchat.library.reading_again import successor
from kbchat.parsing import ParsedDocument, ParseError
from kbchat.parsing.equipment import Equipment
from kbchat.parsing.recognised import RecognisedPage
from kbchat.parsing.sandbox import SandboxLimits, parse_sandboxed


class Reading(StrEnum):
    SAME = "same"
    OTHER = "other"
    """The same bytes are the document's next version, and workers read it."""
    UNREADABLE = "unreadable"
    """Not by what is installed here; or its file is lost."""
    PASSED_BY = "passed_by"
    """Another version came meanwhile, or he may edit it no more."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A version that answers today and is its document's newest."""

    document_id: UUID
    version_id: UUID
    title: str
    collection_name: str


@dataclass(frozen=True, slots=True)
class ToReadAnew:
    """`later`: documents in force of which a newer version waits, failed or is not in force yet; `closed`: of which a
    section is closed to him. Neither is read."""

    found: list[InForce]
    later: int
    closed: int


def list_in_force(viewer: Viewer, collection_id: UUID | None = None) -> ToReadAnew:
    """What he edits, of this collection or of all; by collection and title."""
    with viewing(viewer):
        documents = visible_documents(viewer)
        if collection_id is not None:
            documents = documents.filter(collection=collection_id)
        roles = roles_in_documents(viewer, set(documents.values_list("pk", flat=True)))
        edited = documents.filter(pk__in=[pk for pk, role in roles.items() if role != Role.READER])
        is_in_force = {"in_force__contains": timezone.localdate()}
        answering = DocumentVersion.objects.filter(document__in=edited, **is_in_force).exclude(
            pk__in=withheld_versions(viewer)
        )
        whole = answering.exclude(document__in=partly_closed_documents(viewer))
        newest = DocumentVersion.objects.filter(document__in=edited).order_by("document", "-number")
        read = whole.filter(pk__in=newest.distinct("document").values("pk"))
        rows = read.order_by("document__collection__name", "document__title", "document").values_list(
            "document", "pk", "document__title", "document__collection__name"
        )
        found = [InForce(*row) for row in rows]
        open_count = whole.count()
        return ToReadAnew(found, open_count - len(found), answering.count() - open_count)


def read_anew(viewer: Viewer, one: InForce, limits: SandboxLimits, equipment: Equipment) -> Reading:
    """Read it by what is here; where the text is another one, let the workers make another version of it."""
    with viewing(viewer):
        former = _still_newest(viewer, one)
        if former is None:
            return Reading.PASSED_BY
        encoding = chosen_encoding(former)
        text = VersionContent.objects.filter(pk=former.pk).values_list("text", flat=True).first()
    try:
        document = _parsed(read_blob(former.blob), former.filename, encoding, limits, equipment)
    except (ParseError, FileNotFoundError):
        return Reading.UNREADABLE
    if document.text == text:
        return Reading.SAME
    if _reads_less(former, document, equipment):
        return Reading.UNREADABLE
    return _handed_on(viewer, one, encoding)


def _still_newest(viewer: Viewer, one: InForce) -> DocumentVersion | None:
    try:
        document = access_document(viewer, one.document_id, role=Role.EDITOR)
    except (NotFound, NotAllowed):
        return None
    newest = document.versions.order_by("-number").first()
    return newest if newest is not None and newest.pk == one.version_id else None


def _parsed(
    data: bytes, filename: str, encoding: str, limits: SandboxLimits, equipment: Equipment
) -> ParsedDocument:
    """As workers read it, but with all pages that are pictures one after another. Raises ParseError."""
    read = read_or_pages(data, filename, encoding, limits, equipment)
    if isinstance(read, ParsedDocument):
        return read
    recognised: list[RecognisedPage] = []
    while equipment.recogniser and (left := read[len(recognised) :]):
        unread = sum(bool(page.unread) for page in recognised)
        recognised += look_at(data, filename, left, equipment.recogniser, limits, unread=unread)
    return parse_sandboxed(data, filename, recognised=recognised, limits=limits)


def _reads_less(former: DocumentVersion, document: ParsedDocument, equipment: Equipment) -> bool:
    """What recognised its pages is not here, or nothing is found in it any more."""
    was_recognised = former.report.get("recognised_characters", 0) > 0
    return (was_recognised and equipment.recogniser is None) or not document.text.strip()


def _handed_on(viewer: Viewer, one: InForce, encoding: str) -> Reading:
    with viewing(viewer):
        # Versions of one document are numbered one after another.
        Document.objects.select_for_update().filter(pk=one.document_id).first()
        former = _still_newest(viewer, one)
        if former is None or IngestionRun.objects.filter(version=former, state__in=UNFINISHED).exists():
            return Reading.PASSED_BY
        begin(successor(viewer, former), encoding=encoding, in_bulk=True)
        announce_document(former.document.collection_id, former.document_id)
        return Reading.OTHER
