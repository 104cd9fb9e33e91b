"""Documents: what became of each file, uploading and replacing, cancelling and trying again, moving, deleting and
restoring."""

from datetime import date
from typing import Annotated, Any, cast
from uuid import UUID

from django.conf import settings
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from kbchat.core.errors import Invalid
from kbchat.core.viewer import KeyScope
from kbchat.library import deleting
from kbchat.library import documents as library
from kbchat.library.archives import ArchiveLimits
from kbchat.library.cancelling import cancel_collection, cancel_document
from kbchat.library.moving import move_document
from kbchat.library.reading_again import read_again
from kbchat.library.restoring import DeletedDocuments, list_deleted, restore_document
from kbchat.library.retrying import retry_document
from kbchat.library.uploading import Upload, replace, upload
from kbchat.web import library_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest, by_key_for
from kbchat.web.http.several_files import SeveralFiles
from kbchat.web.language import reader_language

router = Router()


class UploadForm(shapes.Body):
    """`encoding`: of a text file, where it could not be told."""

    effective_from: date | None = None
    expires_on: date | None = None
    encoding: Annotated[str, Field(max_length=40)] = ""

    def dates(self) -> dict[str, date | None]:
        return {"effective_from": self.effective_from, "expires_on": self.expires_on}


class DocumentForm(UploadForm):
    """`may_be_known`: false refuses a file where a document that the sender may read has these very bytes."""

    may_be_known: bool = True


class EncodingWish(shapes.Body):
    """By its name, such as gb18030."""

    encoding: Annotated[str, Field(min_length=1, max_length=40)]


class Moving(shapes.Body):
    """`collection_id`: where to."""

    collection_id: UUID


@router.get(
    "/collections/{uuid:collection_id}/documents",
    auth=by_key_for(KeyScope.READ_LIBRARY),
    response=list[library_shapes.DocumentRow],
)
def read_documents(request: ViewerRequest, collection_id: UUID) -> list[library_shapes.DocumentRow]:
    language = reader_language(request)
    return [
        library_shapes.DocumentRow.of(row, language)
        for row in library.list_documents(request.auth, collection_id)
    ]


@router.post(
    "/collections/{uuid:collection_id}/documents",
    auth=by_key_for(KeyScope.WRITE_LIBRARY),
    response={201: list[library_shapes.DocumentRow], 207: library_shapes.UploadOutcome},
)
def upload_documents(
    request: ViewerRequest, collection_id: UUID, files: File[list[UploadedFile]], form: Form[DocumentForm]
) -> Status[Any]:
    """201: all were taken in. Of several files, one that is refused does not stop the others (207). A ZIP is the files
    in it, each a document."""
    _require_known(request, DocumentForm, "files")
    language = reader_language(request)
    archives = _archive_limits()

    def take(file: Upload) -> library_shapes.DocumentRow:
        row = upload(
            request.auth,
            collection_id,
            file,
            max_bytes=archives.max_bytes,
            may_be_known=form.may_be_known,
            **form.dates(),
        )
        return library_shapes.DocumentRow.of(row, language)

    several = SeveralFiles(take, language, archives)
    several.add([_file(file, form) for file in files])
    if not several.refused:
        return Status(201, several.taken)
    return Status(207, library_shapes.UploadOutcome(documents=several.taken, refused=several.refused))


@router.post(
    "/documents/{uuid:document_id}/versions",
    auth=by_key_for(KeyScope.WRITE_LIBRARY),
    response={201: library_shapes.DocumentRow},
)
def add_version(
    request: ViewerRequest, document_id: UUID, file: File[UploadedFile], form: Form[UploadForm]
) -> Status[library_shapes.DocumentRow]:
    _require_known(request, UploadForm, "file")
    limit = settings.LIMITS.upload_max_bytes
    row = replace(request.auth, document_id, _file(file, form), max_bytes=limit, **form.dates())
    return Status(201, library_shapes.DocumentRow.of(row, reader_language(request)))


@router.get(
    "/documents/{uuid:document_id}",
    auth=by_key_for(KeyScope.READ_LIBRARY),
    response=library_shapes.DocumentDetail,
)
def read_document(request: ViewerRequest, document_id: UUID) -> library.DocumentDetail:
    return library.document_detail(request.auth, document_id)


@router.post(
    "/documents/{uuid:document_id}/retry",
    auth=by_key_for(KeyScope.WRITE_LIBRARY),
    response=library_shapes.DocumentRow,
)
def retry(request: ViewerRequest, document_id: UUID) -> library_shapes.DocumentRow:
    """Another attempt at a file that failed."""
    row = retry_document(request.auth, document_id)
    return library_shapes.DocumentRow.of(row, reader_language(request))


@router.post(
    "/documents/{uuid:document_id}/cancel",
    auth=by_key_for(KeyScope.WRITE_LIBRARY),
    response=library_shapes.DocumentRow,
)
def cancel(request: ViewerRequest, document_id: UUID) -> library_shapes.DocumentRow:
    """Its newest file is not read any further; what was in force before still is. 409 where nothing is under way."""
    row = cancel_document(request.auth, document_id)
    return library_shapes.DocumentRow.of(row, reader_language(request))


@router.post(
    "/collections/{uuid:collection_id}/cancel",
    auth=by_key_for(KeyScope.WRITE_LIBRARY),
    response=library_shapes.Cancelled,
)
def cancel_all(request: ViewerRequest, collection_id: UUID) -> library_shapes.Cancelled:
    """Every file that waits or is read, of documents that the caller may edit."""
    return library_shapes.Cancelled(files=cancel_collection(request.auth, collection_id))


@router.post(
    "/documents/{uuid:document_id}/encoding",
    auth=by_key_for(KeyScope.WRITE_LIBRARY),
    response=library_shapes.DocumentRow,
)
def choose_encoding(
    request: ViewerRequest, document_id: UUID, wish: EncodingWish
) -> library_shapes.DocumentRow:
    """The newest file is read again in this encoding; what was read otherwise stays as a former version."""
    row = read_again(request.auth, document_id, wish.encoding)
    return library_shapes.DocumentRow.of(row, reader_language(request))


@router.post(
    "/documents/{uuid:document_id}/move",
    auth=by_key_for(KeyScope.WRITE_LIBRARY),
    response=library_shapes.DocumentRow,
)
def move(request: ViewerRequest, document_id: UUID, moving: Moving) -> library_shapes.DocumentRow:
    """To another collection: from then on it is read by whoever reads that one. For editors of both."""
    row = move_document(request.auth, document_id, moving.collection_id)
    return library_shapes.DocumentRow.of(row, reader_language(request))


@router.delete("/documents/{uuid:document_id}", auth=by_key_for(KeyScope.WRITE_LIBRARY), response={204: None})
def remove_document(request: ViewerRequest, document_id: UUID) -> Status[None]:
    """Nobody sees it from now on. It can be restored for as many days as its collection's rule says."""
    deleting.delete_document(request.auth, document_id)
    return Status(204, None)


@router.get(
    "/collections/{uuid:collection_id}/deleted-documents",
    auth=by_key_for(KeyScope.WRITE_LIBRARY),
    response=library_shapes.DeletedDocuments,
)
def read_deleted_documents(request: ViewerRequest, collection_id: UUID) -> DeletedDocuments:
    """Those that the caller may restore, the last deleted first. For editors."""
    return list_deleted(request.auth, collection_id)


@router.post(
    "/documents/{uuid:document_id}/restore",
    auth=by_key_for(KeyScope.WRITE_LIBRARY),
    response=library_shapes.DocumentRow,
)
def restore(request: ViewerRequest, document_id: UUID) -> library_shapes.DocumentRow:
    """A deleted document is there again, as it was. For whoever may delete it."""
    return library_shapes.DocumentRow.of(
        restore_document(request.auth, document_id), reader_language(request)
    )


def _require_known(request: ViewerRequest, form: type[UploadForm], files: str) -> None:
    """Of a form, too, a field that nobody knows is refused (T7): the framework looks for those that it knows, and past
    all others. Raises Invalid."""
    unknown = (request.POST.keys() - form.model_fields) | (request.FILES.keys() - {files})
    if unknown:
        raise Invalid("invalid_request", fields=", ".join(sorted(unknown)))


def _archive_limits() -> ArchiveLimits:
    limits = settings.LIMITS
    return ArchiveLimits(limits.most_files_in_archive, limits.most_bytes_at_once, limits.upload_max_bytes)


def _file(uploaded: UploadedFile, form: UploadForm) -> Upload:
    return Upload(filename=uploaded.name or "", file=cast("Any", uploaded.file), encoding=form.encoding)
