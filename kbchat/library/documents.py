"""Documents as an editor sees them: what became of each file, and its versions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Case, Count, Q, QuerySet, When
from django.utils import timezone

from kbchat.access.closing import unconfirmed
from kbchat.access.gate import (
    access_collection,
    access_document,
    closed_sections,
    documents_with_closed_sections,
    role_in_document,
    roles_in_documents,
    visible_documents,
    withheld_versions,
)
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, DocumentVersion, VersionState
from kbchat.indexing.generations import policy_that_answers
from kbchat.ingestion.models import UNFINISHED, Chunk, IngestionRun, RunState
from kbchat.parsing.errors import OF_THE_EQUIPMENT, OF_THE_MACHINE, ParseErrorCode

State = Literal["queued", "working", "ready", "failed", "rejected", "cancelled"]

_STATES: dict[str, State] = {
    RunState.QUEUED: "queued",
    RunState.RUNNING: "working",
    RunState.SUCCEEDED: "ready",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "cancelled",
    RunState.REJECTED: "rejected",
}
_ENDED_BADLY = ("failed", "rejected", "cancelled")
_NOT_CARRIED = "passages_not_carried"
_OF_THE_FILE = frozenset(ParseErrorCode) - OF_THE_MACHINE - OF_THE_EQUIPMENT


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document with a version and that version's last run: for editors the newest one; for readers the one that
    answers today, or else the latest that is ready. Of a file that is not ready, readers are not told its name, who
    sent it and what is wrong with it. `versions`: how many of them the viewer may know of. `progress` is 0..1.
    """

    id: UUID
    title: str
    filename: str
    media_type: str
    language: str
    collection_id: UUID
    state: State
    step: str
    progress: float
    passages: int
    pages: int | None
    flags: list[str]
    problem_code: str
    problem_facts: dict[str, Any]
    version_id: UUID
    version_number: int
    versions: int
    effective_from: date
    expires_on: date | None
    uploaded_by: str
    updated_at: datetime

    @property
    def retry_may_help(self) -> bool:
        """It failed, and not because of what the file holds; it was rejected, and the scanner may say otherwise by
        now; or somebody cancelled it."""
        is_of_the_file = self.state == "failed" and self.problem_code in _OF_THE_FILE
        return self.state in _ENDED_BADLY and not is_of_the_file


@dataclass(frozen=True, slots=True)
class VersionRow:
    """`recognised_share`: of its text, 0..1, what was recognised in pictures, and how sure that is."""

    id: UUID
    number: int
    effective_from: date
    expires_on: date | None
    in_force: bool
    state: str
    filename: str
    media_type: str
    pages: int | None
    passages: int
    recognised_share: float
    recognition_confidence: float | None
    uploaded_at: datetime
    uploaded_by: str


@dataclass(frozen=True, slots=True)
class DocumentDetail:
    """Versions newest first; a reader sees those that are ready."""

    id: UUID
    title: str
    collection_id: UUID
    collection_name: str
    role: Role
    versions: list[VersionRow]


def list_documents(viewer: Viewer, collection_id: UUID) -> list[DocumentRow]:
    """By title. Raises NotFound."""
    with viewing(viewer):
        access_collection(viewer, collection_id)
        documents = visible_documents(viewer).filter(collection=collection_id)
        return rows_for((viewer,), documents.order_by("title", "pk"))


def document_rows(viewer: Viewer, document_ids: Collection[UUID]) -> list[DocumentRow]:
    """Of those of them that he may read, in no order."""
    with viewing(viewer):
        return rows_for((viewer,), visible_documents(viewer).filter(pk__in=document_ids))


def unfinished_documents(viewer: Viewer, document_ids: Collection[UUID]) -> set[UUID]:
    """Those of them of which a file still waits or is worked on."""
    with viewing(viewer):
        runs = IngestionRun.objects.filter(state__in=UNFINISHED, version__document__in=document_ids)
        return set(runs.values_list("version__document", flat=True))


def document_row(viewer: Viewer, document_id: UUID) -> DocumentRow:
    """Raises NotFound."""
    with viewing(viewer):
        return row_of(viewer, document_id)


def row_of(viewer: Viewer, document_id: UUID) -> DocumentRow:
    """As `document_row`, inside `viewing`."""
    rows = rows_for((viewer,), visible_documents(viewer).filter(pk=document_id))
    if not rows:
        raise NotFound
    return rows[0]


def document_detail(viewer: Viewer, document_id: UUID) -> DocumentDetail:
    """Raises NotFound."""
    with viewing(viewer):
        document = access_document(viewer, document_id)
        role = role_in_document(viewer, document)
        today = timezone.localdate()
        found = (
            document.versions.select_related("uploaded_by")
            .exclude(pk__in=withheld_versions(viewer))
            .order_by("-number")
        )
        if role == Role.READER:
            found = found.filter(state=VersionState.READY)
        versions = list(found)
        _count_open_passages((viewer,), versions)
        return DocumentDetail(
            id=document.pk,
            title=document.title,
            collection_id=document.collection_id,
            collection_name=document.collection.name,
            role=role,
            versions=[_version_row(version, today) for version in versions],
        )


def rows_for(readers: Sequence[Viewer], documents: Iterable[Document]) -> list[DocumentRow]:
    """What all of them may be told of documents that all of them may read; inside `viewing` of one of them.

    Six statements for one reader, however many documents; one more where a section is closed.
    """
    found = {document.pk: document for document in documents}
    edited = set(found)
    theirs = DocumentVersion.objects.filter(document__in=found)
    for reader in readers:
        roles = roles_in_documents(reader, found.keys())
        edited &= {pk for pk, role in roles.items() if role != Role.READER}
        theirs = theirs.exclude(pk__in=withheld_versions(reader))
    is_known = Q(document__in=edited) | Q(state=VersionState.READY)
    counts = dict(
        theirs.filter(is_known)
        .values_list("document")
        .annotate(count=Count("pk"))
        .values_list("document", "count")
    )
    versions = _versions_shown(theirs, edited)
    last = (
        IngestionRun.objects.filter(version__in=[version.pk for version in versions.values()])
        .order_by("version", "-created_at")
        .distinct("version")
    )
    runs = {run.version_id: run for run in last}
    waiting = unconfirmed([version.pk for version in versions.values()])
    _count_open_passages(readers, versions.values())
    rows = [
        _row(document, version, runs[version.pk], counts.get(pk, 0), is_unconfirmed=version.pk in waiting)
        for pk, document in found.items()
        if (version := versions.get(pk)) is not None and version.pk in runs
    ]
    return [row if row.id in edited else _for_readers(row) for row in rows]


def _versions_shown(
    theirs: QuerySet[DocumentVersion], edited: Collection[UUID]
) -> dict[UUID, DocumentVersion]:
    """By document: the newest of those that he edits; of the others what answers today, or else is ready, or is all."""
    answers = Q(in_force__contains=timezone.localdate())
    rank = Case(
        When(document__in=edited, then=0),
        When(answers, then=2),
        When(state=VersionState.READY, then=1),
        default=0,
    )
    shown = (
        theirs.select_related("uploaded_by").order_by("document", rank.desc(), "-number").distinct("document")
    )
    return {version.document_id: version for version in shown}


def _count_open_passages(readers: Sequence[Viewer], versions: Iterable[DocumentVersion]) -> None:
    """Where a section is closed to one of them, they are told how many passages are open to all."""
    documents = {version.document_id for version in versions}
    closed = {pk for reader in readers for pk in documents_with_closed_sections(reader, documents)}
    partly = [version for version in versions if version.document_id in closed]
    if not partly:
        return
    chunks = Chunk.objects.filter(version__in=partly, chunking_policy__in=policy_that_answers())
    for reader in readers:
        chunks = chunks.exclude(section__in=closed_sections(reader))
    counts = chunks.values_list("version").annotate(count=Count("pk"))
    by_version = dict(counts.values_list("version", "count"))
    for version in partly:
        version.passages = by_version.get(version.pk, 0)


def _for_readers(row: DocumentRow) -> DocumentRow:
    """Without what concerns only those who edit: a file that is not ready, and what was left out of search."""
    if row.state == "ready":
        return replace(row, flags=[flag for flag in row.flags if flag != _NOT_CARRIED])
    return replace(row, filename="", uploaded_by="", problem_code="", problem_facts={})


def _row(
    document: Document, version: DocumentVersion, run: IngestionRun, versions: int, *, is_unconfirmed: bool
) -> DocumentRow:
    state = _STATES[run.state]
    return DocumentRow(
        id=document.pk,
        title=document.title,
        filename=version.filename,
        media_type=version.media_type,
        language=version.language,
        collection_id=document.collection_id,
        state=state,
        step=state if state in _ENDED_BADLY else run.step,
        progress=run.progress,
        passages=version.passages,
        pages=version.pages,
        flags=_flags(version, state) + (["heading_missing"] if is_unconfirmed else []),
        problem_code=run.problem if state in _ENDED_BADLY else "",
        problem_facts=_facts(version, run),
        version_id=version.pk,
        version_number=version.number,
        versions=versions,
        effective_from=version.effective_from,
        expires_on=version.expires_on,
        uploaded_by=version.uploaded_by.name if version.uploaded_by else "",
        updated_at=run.finished_at or run.created_at,
    )


def _facts(version: DocumentVersion, run: IngestionRun) -> dict[str, Any]:
    """Of a later version it is said which one, since the others stay as they are."""
    facts: dict[str, Any] = run.problem_facts
    is_later = run.state == RunState.CANCELLED and version.number > 1
    return facts | {"version": version.number} if is_later else facts


def _flags(version: DocumentVersion, state: State) -> list[str]:
    """What an editor should know although the file was read."""
    if state != "ready":
        return []
    empty = ["no_passages"] if version.passages == 0 else []
    lost = [_NOT_CARRIED] if version.report.get("not_carried") else []
    return empty + lost + list(version.report.get("notes", []))


def _recognised_share(report: Mapping[str, Any]) -> float:
    return float(report.get("recognised_characters", 0) / max(report.get("characters", 0), 1))


def _version_row(version: DocumentVersion, today: date) -> VersionRow:
    return VersionRow(
        id=version.pk,
        number=version.number,
        effective_from=version.effective_from,
        expires_on=version.expires_on,
        in_force=version.in_force is not None and today in version.in_force,
        state=version.state,
        filename=version.filename,
        media_type=version.media_type,
        pages=version.pages,
        passages=version.passages,
        recognised_share=_recognised_share(version.report),
        recognition_confidence=version.report.get("recognition_confidence"),
        uploaded_at=version.uploaded_at,
        uploaded_by=version.uploaded_by.name if version.uploaded_by else "",
    )
