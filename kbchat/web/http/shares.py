"""Links to a conversation, and what they show to whoever opens them: somebody signed in, under his own rights."""

from typing import Annotated
from uuid import UUID

from ninja import Path, Router, Status
from pydantic import Field

from kbchat.chat import sharing
from kbchat.web import conversation_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest

router = Router()


class ShareWish(shapes.Body):
    """`turn_id`: the last question to be shown; without it, the newest. What is asked later is never shown."""

    turn_id: UUID | None = None
    days: Annotated[int, Field(ge=1, le=sharing.MOST_DAYS)] = 30


@router.post("/conversations/{uuid:conversation_id}/shares", response={201: conversation_shapes.NewShare})
def share_conversation(
    request: ViewerRequest, conversation_id: UUID, wish: ShareWish
) -> Status[sharing.NewShare]:
    """The link is `/shared/TOKEN`; the token cannot be shown again."""
    made = sharing.share_conversation(request.auth, conversation_id, turn_id=wish.turn_id, days=wish.days)
    return Status(201, made)


@router.get("/conversations/{uuid:conversation_id}/shares", response=list[conversation_shapes.Share])
def read_shares(request: ViewerRequest, conversation_id: UUID) -> list[sharing.ShareRow]:
    """Those that still open, newest first."""
    return sharing.list_shares(request.auth, conversation_id)


@router.delete("/shares/{uuid:share_id}", response={204: None})
def revoke_share(request: ViewerRequest, share_id: UUID) -> Status[None]:
    """Its link leads nowhere from here on."""
    sharing.revoke_share(request.auth, share_id)
    return Status(204, None)


@router.get("/shared/{token}", response=conversation_shapes.SharedConversation)
def read_shared(
    request: ViewerRequest, token: Annotated[str, Path(max_length=100)]
) -> sharing.SharedConversation:
    """An answer is masked where the caller, or whoever shared it, may not read everything that it rests on."""
    return sharing.shared_conversation(request.auth, token)
