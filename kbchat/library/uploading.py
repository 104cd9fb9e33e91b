"""Taking in a file: a document with its first version, or a new version of one. What it holds is found out later."""

import codecs
import os
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import IO, TypedDict, Unpack
from uuid import UUID

from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from kbchat.access.gate import access_collection, access_document
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.core.errors import Invalid
from kbchat.core.limits import Limit, reached
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, DocumentVersion, VersionState
from kbchat.documents.storage import address_of, hold_blob, is_whole, keep_again, keep_blob
from kbchat.ingestion.models import UNFINISHED, IngestionRun
from kbchat.ingestion.runs import begin
from kbchat.library.announcing import announce_document
from kbchat.library.documents import DocumentRow, document_row, row_of
from kbchat.library.known_files import require_unknown
from kbchat.parsing import ParseError
from kbchat.parsing.registry import title_from
from kbchat.parsing.sniffing import media_type_of_file


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came. `source_path`: where it stood in an imported folder. `encoding`: chosen by a person.
    `in_bulk`: it comes from a source or an import, and what people send goes before."""

    filename: str
    file: IO[bytes]
    source_path: str = ""
    encoding: str = ""
    in_bulk: bool = False


class Days(TypedDict, total=False):
    """A version answers from `effective_from` (None: today) until the day before `expires_on` (None: for good)."""

    effective_from: date | None
    expires_on: date | None


def upload(
    viewer: Viewer,
    collection_id: UUID,
    file: Upload,
    *,
    max_bytes: int,
    may_be_known: bool = True,
    **days: Unpack[Days],
) -> DocumentRow:
    """A new document. `may_be_known`: also where another one that he may read has these very bytes. Raises NotFound,
    NotAllowed, or Invalid with what is wrong with the file or the days."""
    taken = take_in(viewer, collection_id, file, max_bytes=max_bytes, may_be_known=may_be_known, **days)
    return document_row(viewer, taken)


def take_in(
    viewer: Viewer,
    collection_id: UUID,
    file: Upload,
    *,
    max_bytes: int,
    may_be_known: bool = True,
    **days: Unpack[Days],
) -> UUID:
    """As `upload`, for whoever sends in thousands and looks at their rows later. Returns the document's id."""
    received = _received(file, max_bytes, **days)
    with viewing(viewer):
        access_collection(viewer, collection_id, role=Role.EDITOR)
        if not may_be_known:
            # Whoever sends the same at once comes after, and is told of this one.
            hold_blob(received.blob)
            require_unknown(viewer, received.blob)
        document = Document(
            collection_id=collection_id, title=title_from(received.filename), source_path=file.source_path
        )
        document.save(force_insert=True)
        _add_version(viewer, document, received, file, number=1)
        return document.pk


def replace(
    viewer: Viewer, document_id: UUID, file: Upload, *, max_bytes: int, **days: Unpack[Days]
) -> DocumentRow:
    """A new version of the document. The bytes that it has are put back where storage lost them. Raises as `upload`,
    and Invalid("same_as_current") where they are there."""
    received = _received(file, max_bytes, **days)
    with viewing(viewer):
        access_document(viewer, document_id, role=Role.EDITOR)
        # Versions of one document are numbered one after another.
        document = Document.objects.select_for_update().get(pk=document_id)
        newest = document.versions.order_by("-number").first()
        if newest is not None and newest.blob == received.blob:
            if is_whole(newest.blob):
                raise Invalid("same_as_current")
            # What storage lost or spoiled is there again, for every version that has these bytes.
            keep_again(newest.blob, file.file)
            return row_of(viewer, document_id)
        number = (document.versions.aggregate(Max("number"))["number__max"] or 0) + 1
        _add_version(viewer, document, received, file, number=number)
        return row_of(viewer, document_id)


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """A document that came from a folder. `blob`: the bytes of its newest version; `has_failed`: nobody tries any more
    to read them."""

    id: UUID
    blob: str
    has_failed: bool


def imported_documents(viewer: Viewer, collection_id: UUID) -> dict[str, ImportedDocument]:
    """Those of the collection that he may read, by the place that they came from; of two the elder."""
    with viewing(viewer):
        versions = DocumentVersion.objects.filter(
            document__collection=collection_id, document__deleted_at=None
        ).exclude(document__source_path="")
        newest = (
            versions.order_by("document__created_at", "document", "-number")
            .distinct("document__created_at", "document")
            .annotate(
                is_tried=Exists(IngestionRun.objects.filter(version=OuterRef("pk"), state__in=UNFINISHED))
            )
            .values_list("document__source_path", "document", "blob", "state", "is_tried")
        )
        found: dict[str, ImportedDocument] = {}
        for path, document, blob, state, is_tried in newest:
            has_failed = state in (VersionState.FAILED, VersionState.RECEIVED) and not is_tried
            found.setdefault(path, ImportedDocument(document, blob, has_failed))
        return found


@dataclass(frozen=True, slots=True)
class _Received:
    filename: str
    media_type: str
    blob: str
    size: int
    effective_from: date
    expires_on: date | None


def _received(
    file: Upload, max_bytes: int, effective_from: date | None = None, expires_on: date | None = None
) -> _Received:
    """What can be checked before anything is stored."""
    effective_from = effective_from or timezone.localdate()
    filename = PurePosixPath(file.filename.replace("\\", "/")).name.strip()[:300]
    if filename in {"", ".", ".."}:
        raise Invalid("name_missing")
    size = file.file.seek(0, os.SEEK_END)
    if size > max_bytes:
        raise reached(Limit.UPLOAD_BYTES, Invalid("too_large", filename=filename, limit_bytes=max_bytes))
    if expires_on is not None and expires_on <= effective_from:
        raise Invalid("expires_before_effective")
    if file.encoding:
        require_encoding(file.encoding)
    try:
        media_type = media_type_of_file(file.file, filename)
    except ParseError as error:
        raise Invalid(error.code.value, **dict(error.facts) | {"filename": filename}) from error
    blob, size = address_of(file.file)
    return _Received(filename, media_type, blob, size, effective_from, expires_on)


def require_encoding(name: str) -> None:
    """Raises Invalid for what is none."""
    try:
        codecs.lookup(name)
    except (LookupError, ValueError) as error:
        # ValueError: a NUL, or half of a surrogate pair.
        raise Invalid("encoding_unknown", encoding=name[:40]) from error


def _add_version(
    viewer: Viewer, document: Document, received: _Received, file: Upload, *, number: int
) -> None:
    version = DocumentVersion(
        document=document,
        number=number,
        blob=received.blob,
        size=received.size,
        filename=received.filename,
        media_type=received.media_type,
        effective_from=received.effective_from,
        expires_on=received.expires_on,
        uploaded_by_id=viewer.user_id,
    )
    version.save(force_insert=True)
    begin(version, encoding=file.encoding, in_bulk=file.in_bulk)
    # Last: where there is no room for the rows, no file is left over.
    keep_blob(received.blob, file.file)
    announce_document(document.collection_id, document.pk)
