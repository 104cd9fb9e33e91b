"""One version of a document: its text in blocks, where a passage stands on the page, and the original file."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.http.response import HttpResponseBase
from ninja import Query, Router, Status
from pydantic import Field

from kbchat.chat.changes import Changes, changes_between
from kbchat.chat.page_pictures import page_picture
from kbchat.chat.sources import SourceContent, original_file, source_boxes, source_content
from kbchat.composition import malware_scanner, sandbox_limits
from kbchat.core.errors import Invalid
from kbchat.core.text import Span
from kbchat.core.viewer import KeyScope
from kbchat.library.previewing import PassageRow, VersionReport, list_passages, version_report
from kbchat.library.redating import set_days
from kbchat.library.silencing import silence_passage
from kbchat.parsing.document import Box
from kbchat.web import library_shapes, shapes
from kbchat.web.http.credentials import SIGNED_IN, ViewerRequest, by_key_for
from kbchat.web.http.downloading import attachment, picture
from kbchat.web.language import reader_language

router = Router(auth=by_key_for(KeyScope.READ_LIBRARY))


class Days(shapes.Body):
    """`expires_on` null: never."""

    effective_from: date
    expires_on: date | None


class Place(shapes.Body):
    """A span of the version's text, in code points, half open."""

    start: Annotated[int, Field(ge=0, le=2**31)]
    end: Annotated[int, Field(ge=0, le=2**31)]

    def span(self) -> Span:
        """Raises Invalid where it ends before it begins."""
        if self.end < self.start:
            raise Invalid("invalid_request", fields="end")
        return Span(self.start, self.end)


class SilencingWish(Place):
    """Of a passage, by its place in the version's text."""

    is_silenced: bool


@router.get("/versions/{uuid:version_id}/content", response=library_shapes.VersionContent)
def read_content(request: ViewerRequest, version_id: UUID) -> SourceContent:
    return source_content(request.auth, version_id)


@router.get("/versions/{uuid:version_id}/boxes", response=list[library_shapes.PageBox])
def read_boxes(request: ViewerRequest, version_id: UUID, place: Query[Place]) -> list[Box]:
    """Where the span stands on the pages of a PDF or in a picture; none for other formats."""
    return source_boxes(request.auth, version_id, place.span())


@router.get("/versions/{uuid:version_id}/changes", response=library_shapes.Changes)
def read_changes(request: ViewerRequest, version_id: UUID, other_version_id: UUID | None = None) -> Changes:
    """From this version to another one of its document, else to the one that answers today."""
    return changes_between(request.auth, version_id, other_version_id)


@router.get("/versions/{uuid:version_id}/passages", response=list[library_shapes.PassageRow], auth=SIGNED_IN)
def read_passages(request: ViewerRequest, version_id: UUID) -> list[PassageRow]:
    """What search finds of it, for those who own the collection: each passage, and whether it is left out."""
    return list_passages(request.auth, version_id)


@router.get("/versions/{uuid:version_id}/report", response=library_shapes.VersionReport)
def read_report(request: ViewerRequest, version_id: UUID) -> VersionReport:
    """What became of its file, for editors: what was skipped, hidden, guessed."""
    return version_report(request.auth, version_id)


@router.put("/versions/{uuid:version_id}/passages", response={204: None}, auth=SIGNED_IN)
def silence(request: ViewerRequest, version_id: UUID, wish: SilencingWish) -> Status[None]:
    """Leave a passage out of every search from the next question on, or let it be found again."""
    silence_passage(request.auth, version_id, wish.span(), is_silenced=wish.is_silenced)
    return Status(204, None)


@router.put(
    "/versions/{uuid:version_id}/days",
    auth=by_key_for(KeyScope.WRITE_LIBRARY),
    response=library_shapes.DocumentRow,
)
def change_days(request: ViewerRequest, version_id: UUID, days: Days) -> library_shapes.DocumentRow:
    """From when and until when it answers. The document as it is listed then."""
    row = set_days(request.auth, version_id, effective_from=days.effective_from, expires_on=days.expires_on)
    return library_shapes.DocumentRow.of(row, reader_language(request))


@router.get(
    "/versions/{uuid:version_id}/original", openapi_extra={"responses": {200: {"content": {"*/*": {}}}}}
)
def read_original(request: ViewerRequest, version_id: UUID) -> HttpResponseBase:
    """The file as it was uploaded, as an attachment; single byte ranges are served."""
    return attachment(request, original_file(request.auth, version_id, files_are_scanned=_are_scanned()))


@router.get(
    "/versions/{uuid:version_id}/pages/{page}",
    openapi_extra={"responses": {200: {"content": {"*/*": {}}}}},
)
def read_page(request: ViewerRequest, version_id: UUID, page: int) -> HttpResponseBase:
    """A page of a TIFF, which browsers do not show, as a PNG."""
    return picture(page_picture(request.auth, version_id, page, sandbox_limits()))


@router.api_operation(["HEAD"], "/versions/{uuid:version_id}/original", include_in_schema=False)
def read_original_headers(request: ViewerRequest, version_id: UUID) -> HttpResponseBase:
    described = original_file(request.auth, version_id, is_sent=False, files_are_scanned=_are_scanned())
    return attachment(request, described)


def _are_scanned() -> bool:
    return malware_scanner() is not None
