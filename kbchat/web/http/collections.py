"""Collections."""

from typing import Annotated

from ninja import Router
from pydantic import Field

from kbchat.core.typed_text import visible_name
from kbchat.core.viewer import KeyScope
from kbchat.library.collections import CollectionRow, create_collection, list_collections
from kbchat.web import library_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest, by_key_for

router = Router()


class NewCollection(shapes.Body):
    name: str
    description: Annotated[str, Field(max_length=2000)] = ""


@router.get("/collections", auth=by_key_for(KeyScope.READ_LIBRARY), response=list[library_shapes.Collection])
def read_collections(request: ViewerRequest) -> list[CollectionRow]:
    return list_collections(request.auth)


@router.post("/collections", auth=by_key_for(KeyScope.WRITE_LIBRARY), response=library_shapes.Collection)
def add_collection(request: ViewerRequest, collection: NewCollection) -> CollectionRow:
    name = visible_name(collection.name)
    return create_collection(request.auth, name=name, description=collection.description)
