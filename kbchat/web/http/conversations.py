"""A person's own conversations. Asking is the websocket's affair."""

from typing import Annotated
from uuid import UUID

from ninja import Router, Status
from pydantic import Field

from kbchat.chat import conversations as chat
from kbchat.web import shapes
from kbchat.web.http.credentials import ViewerRequest

router = Router()


class Renaming(shapes.Body):
    title: Annotated[str, Field(max_length=300)]


@router.get("/conversations", response=list[shapes.ConversationRow])
def read_conversations(
    request: ViewerRequest, q: Annotated[str, Field(max_length=1000)] = ""
) -> list[chat.ConversationRow]:
    """Newest first; with `q`, those that contain it."""
    return chat.list_conversations(request.auth, q)


@router.get("/conversations/{uuid:conversation_id}", response=shapes.ConversationDetail)
def read_conversation(request: ViewerRequest, conversation_id: UUID) -> chat.ConversationDetail:
    return chat.conversation(request.auth, conversation_id)


@router.patch("/conversations/{uuid:conversation_id}", response=shapes.ConversationRow)
def rename(request: ViewerRequest, conversation_id: UUID, renaming: Renaming) -> chat.ConversationRow:
    return chat.rename_conversation(request.auth, conversation_id, renaming.title)


@router.delete("/conversations/{uuid:conversation_id}", response={204: None})
def remove_conversation(request: ViewerRequest, conversation_id: UUID) -> Status[None]:
    chat.delete_conversation(request.auth, conversation_id)
    return Status(204, None)
