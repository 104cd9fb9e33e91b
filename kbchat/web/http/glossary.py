"""The company's own words, for administrators; everybody's questions use them."""

from typing import Annotated
from uuid import UUID

from ninja import Router, Status
from pydantic import Field

from kbchat.glossary import entries
from kbchat.glossary.models import GlossaryEntry
from kbchat.web import glossary_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest

router = Router()


class EntryWish(shapes.Body):
    names: Annotated[list[Annotated[str, Field(max_length=1000)]], Field(max_length=100)]


@router.get("/glossary", response=list[glossary_shapes.GlossaryEntry])
def read_glossary(request: ViewerRequest) -> list[GlossaryEntry]:
    return entries.list_entries(request.auth)


@router.post("/glossary", response={201: glossary_shapes.GlossaryEntry})
def add_glossary_entry(request: ViewerRequest, wish: EntryWish) -> Status[GlossaryEntry]:
    """Counts from the next question on."""
    return Status(201, entries.add_entry(request.auth, wish.names))


@router.patch("/glossary/{uuid:entry_id}", response=glossary_shapes.GlossaryEntry)
def change_glossary_entry(request: ViewerRequest, entry_id: UUID, wish: EntryWish) -> GlossaryEntry:
    return entries.change_entry(request.auth, entry_id, wish.names)


@router.delete("/glossary/{uuid:entry_id}", response={204: None})
def remove_glossary_entry(request: ViewerRequest, entry_id: UUID) -> Status[None]:
    entries.remove_entry(request.auth, entry_id)
    return Status(204, None)
