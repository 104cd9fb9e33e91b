"""The text, the printed places and the file behind a citation, under the reader's own rights.

All of it is closed where a section of the document is closed to the reader: whole texts and files know no sections.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from kbchat.access.gate import access_version, has_closed_section, role_in_document
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.chat.auditing import record_opened
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion, VersionContent, VersionState
from kbchat.parsing.document import Block, Box, ParsedDocument
from kbchat.parsing.document_json import document_from
from kbchat.parsing.highlighting import boxes_of


@dataclass(frozen=True, slots=True)
class SourceBlock:
    """A part of a version's text; offsets in code points of the whole text. `rows` of a table, in order."""

    kind: str
    start: int
    end: int
    text: str
    level: int | None
    page: int | None
    rows: list[tuple[int, int]]
    header_rows: int


@dataclass(frozen=True, slots=True)
class SourceContent:
    """`newest_version_id`: the version that answers today, or the latest ready one."""

    document_id: UUID
    version_id: UUID
    title: str
    collection_name: str
    media_type: str
    number: int
    effective_from: date
    expires_on: date | None
    in_force: bool
    newest_version_id: UUID
    pages: int | None
    blocks: list[SourceBlock]


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """`blob`: its address in storage (kbchat.documents.storage)."""

    filename: str
    media_type: str
    size: int
    blob: str


def source_content(viewer: Viewer, version_id: UUID) -> SourceContent:
    """Raises NotFound."""
    with viewing(viewer):
        version = access_open_version(viewer, version_id)
        stored = _content(version)
        newest = newest_version(version)
        record_opened(viewer, version.document_id, version_id, "text")
    parsed = _parsed(stored)
    document = version.document
    return SourceContent(
        document_id=document.pk,
        version_id=version.pk,
        title=document.title,
        collection_name=document.collection.name,
        media_type=version.media_type,
        number=version.number,
        effective_from=version.effective_from,
        expires_on=version.expires_on,
        in_force=_is_in_force(version),
        newest_version_id=newest.pk,
        pages=version.pages,
        blocks=[_block(parsed, block) for block in parsed.blocks],
    )


def source_boxes(viewer: Viewer, version_id: UUID, span: Span) -> list[Box]:
    """Where the span stands on the printed pages; [] for formats without pages. Raises NotFound, Invalid."""
    with viewing(viewer):
        stored = _content(access_open_version(viewer, version_id))
    if span.end > len(stored.text):
        raise Invalid("span_outside_text")
    return list(boxes_of(_parsed(stored).lines, span))


def original_file(
    viewer: Viewer, version_id: UUID, *, is_sent: bool = True, files_are_scanned: bool = False
) -> OriginalFile:
    """The file as it was uploaded; of a version that is not ready, for editors only, and of one that was rejected, or
    with a scanner may still be, for nobody. Raises NotFound. `is_sent`: not merely described."""
    with viewing(viewer):
        version = access_version(viewer, version_id)
        if has_closed_section(viewer, version.document_id):
            raise NotFound
        if version.state == VersionState.REJECTED or (
            files_are_scanned and version.state == VersionState.RECEIVED
        ):
            raise NotFound
        if version.state != VersionState.READY and role_in_document(viewer, version.document) == Role.READER:
            raise NotFound
        if is_sent:
            record_opened(viewer, version.document_id, version_id, "file")
    return OriginalFile(version.filename, version.media_type, version.size, version.blob)


def access_open_version(viewer: Viewer, version_id: UUID) -> DocumentVersion:
    """A ready version that is open to him as a whole; inside `viewing`. Raises NotFound."""
    version = access_version(viewer, version_id)
    if version.state != VersionState.READY or has_closed_section(viewer, version.document_id):
        raise NotFound
    return version


def parsed_text(version: DocumentVersion) -> ParsedDocument:
    """Inside `viewing`. Raises NotFound."""
    return _parsed(_content(version))


def _content(version: DocumentVersion) -> VersionContent:
    stored = VersionContent.objects.filter(pk=version.pk).first()
    if stored is None:
        raise NotFound
    return stored


def newest_version(version: DocumentVersion) -> DocumentVersion:
    """The one that answers today; where none does, the latest that is ready."""
    ready = DocumentVersion.objects.filter(document=version.document_id, state=VersionState.READY)
    today = ready.filter(in_force__contains=timezone.localdate()).first()
    return today or ready.order_by("-number").first() or version


def _is_in_force(version: DocumentVersion) -> bool:
    return version.in_force is not None and timezone.localdate() in version.in_force


def _parsed(stored: VersionContent) -> ParsedDocument:
    return document_from({**stored.structure, "text": stored.text})


def _block(parsed: ParsedDocument, block: Block) -> SourceBlock:
    return SourceBlock(
        kind=block.kind.value,
        start=block.span.start,
        end=block.span.end,
        text=parsed.text_of(block.span),
        level=block.level,
        page=block.page,
        rows=[(row.start, row.end) for row in block.rows],
        header_rows=block.header_rows,
    )
