"""One version of a document: its text in blocks, where a passage stands on the page, and the original file."""

from typing import Annotated
from uuid import UUID

from django.http.response import HttpResponseBase
from ninja import Query, Router
from pydantic import Field

from kbchat.chat.sources import SourceContent, original_file, source_boxes, source_content
from kbchat.core.errors import Invalid
from kbchat.core.text import Span
from kbchat.core.viewer import KeyScope
from kbchat.parsing.document import Box
from kbchat.web import library_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest, by_key_for
from kbchat.web.http.downloading import attachment

router = Router(auth=by_key_for(KeyScope.READ_LIBRARY))


class Place(shapes.Body):
    """A span of the version's text, in code points, half open."""

    start: Annotated[int, Field(ge=0, le=2**31)]
    end: Annotated[int, Field(ge=0, le=2**31)]


@router.get("/versions/{uuid:version_id}/content", response=library_shapes.VersionContent)
def read_content(request: ViewerRequest, version_id: UUID) -> SourceContent:
    return source_content(request.auth, version_id)


@router.get("/versions/{uuid:version_id}/boxes", response=list[library_shapes.PageBox])
def read_boxes(request: ViewerRequest, version_id: UUID, place: Query[Place]) -> list[Box]:
    """Where the span stands on the pages of a PDF; none for other formats."""
    if place.end < place.start:
        raise Invalid("invalid_request", fields="end")
    return source_boxes(request.auth, version_id, Span(place.start, place.end))


@router.get(
    "/versions/{uuid:version_id}/original", openapi_extra={"responses": {200: {"content": {"*/*": {}}}}}
)
def read_original(request: ViewerRequest, version_id: UUID) -> HttpResponseBase:
    """The file as it was uploaded, as an attachment; single byte ranges are served."""
    return attachment(request, original_file(request.auth, version_id))


@router.api_operation(["HEAD"], "/versions/{uuid:version_id}/original", include_in_schema=False)
def read_original_headers(request: ViewerRequest, version_id: UUID) -> HttpResponseBase:
    return attachment(request, original_file(request.auth, version_id, is_sent=False))
