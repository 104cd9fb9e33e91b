"""Headings of a document that are closed to a group or a person. For its owners; editors confirm new versions."""

from typing import Annotated, Literal
from uuid import UUID

from ninja import Query, Router, Status
from pydantic import Field

from kbchat.access.granting import Principal
from kbchat.core.text import Span
from kbchat.library import sections
from kbchat.library.sections import ClosureRow, SectionRow
from kbchat.web import library_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest
from kbchat.web.language import reader_language

router = Router()
_END = 2**31 - 1


class ClosureWish(shapes.Body):
    kind: Literal["user", "group"]
    id: UUID


@router.get("/documents/{uuid:document_id}/sections", response=list[library_shapes.Section])
def read_sections(request: ViewerRequest, document_id: UUID) -> list[SectionRow]:
    """The headings of the newest version, and older ones that are still closed to somebody."""
    return sections.list_sections(request.auth, document_id)


@router.post("/sections/{uuid:section_id}/closures", response=library_shapes.Closure)
def close_section(request: ViewerRequest, section_id: UUID, wish: ClosureWish) -> ClosureRow:
    """Nothing below the heading is found, quoted or shown to them any more, nor the original file or the whole text."""
    return sections.close_section(request.auth, section_id, Principal(wish.kind, wish.id))


@router.delete("/closures/{uuid:closure_id}", response={204: None})
def reopen_section(request: ViewerRequest, closure_id: UUID) -> Status[None]:
    sections.reopen_section(request.auth, closure_id)
    return Status(204, None)


class Place(shapes.Body):
    """`person`: an e-mail address. Without a place: the whole version."""

    person: str
    start: Annotated[int, Field(ge=0)] = 0
    end: Annotated[int, Field(ge=0, le=_END)] = _END


@router.get("/versions/{uuid:version_id}/explanation", response=library_shapes.Explanation)
def explain(request: ViewerRequest, version_id: UUID, place: Query[Place]) -> library_shapes.Explanation:
    """Can this person read this passage (or any passage of the version), and by which rule? For owners of the
    collection, and for administrators who may read it themselves."""
    span = Span(place.start, max(place.start, place.end))
    found = sections.explain_reading(request.auth, place.person, version_id, span)
    return library_shapes.Explanation.of(found, reader_language(request))


@router.post("/versions/{uuid:version_id}/confirm", response={204: None})
def confirm_version(request: ViewerRequest, version_id: UUID) -> Status[None]:
    """A version that lacks a heading which is closed to somebody is for editors only until one of them has looked."""
    sections.confirm_version(request.auth, version_id)
    return Status(204, None)
