"""The library as somebody else sees it. For administrators, and for owners of what they own."""

from uuid import UUID

from ninja import Query, Router

from kbchat.library import as_another
from kbchat.library.collections import CollectionRow
from kbchat.web import library_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest
from kbchat.web.language import reader_language

router = Router()


class Other(shapes.Body):
    """`person`: an e-mail address."""

    person: str


@router.get("/as/collections", response=list[library_shapes.Collection])
def read_collections_as(request: ViewerRequest, other: Query[Other]) -> list[CollectionRow]:
    """What both of you may see; that you looked is recorded."""
    return as_another.collections_as(request.auth, other.person)


@router.get("/as/collections/{uuid:collection_id}/documents", response=list[library_shapes.DocumentRow])
def read_documents_as(
    request: ViewerRequest, collection_id: UUID, other: Query[Other]
) -> list[library_shapes.DocumentRow]:
    """What both of you may read; that you looked is recorded."""
    language = reader_language(request)
    rows = as_another.documents_as(request.auth, other.person, collection_id)
    return [library_shapes.DocumentRow.of(row, language) for row in rows]
