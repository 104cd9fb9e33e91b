"""A person's own API keys. Only a session manages them: a stolen key must not make another."""

from typing import Annotated
from uuid import UUID

from ninja import Router, Status
from pydantic import AwareDatetime, Field

from kbchat.access.keys import make_key
from kbchat.accounts.api_keys import list_api_keys, revoke_api_key
from kbchat.core.viewer import KeyScope
from kbchat.web import shapes
from kbchat.web.http.credentials import ViewerRequest
from kbchat.web.ws.ending import announce_end

router = Router()


class KeyWish(shapes.Body):
    """`collection_ids` None: all that you may read, now and later. `expires_at` None: after the usual time."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    scopes: Annotated[list[KeyScope], Field(min_length=1, max_length=len(KeyScope))]
    collection_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)] | None = None
    expires_at: AwareDatetime | None = None


@router.get("/api-keys", response=list[shapes.ApiKey])
def list_keys(request: ViewerRequest) -> list[shapes.ApiKey]:
    """Those that are not revoked, newest first; expired ones too."""
    return [shapes.ApiKey.of(key) for key in list_api_keys(request.person)]


@router.post("/api-keys", response={201: shapes.NewApiKey})
def create_key(request: ViewerRequest, wish: KeyWish) -> Status[shapes.NewApiKey]:
    """The answer holds the key itself, which is never shown again."""
    key, secret = make_key(
        request.auth,
        request.person,
        wish.name,
        scopes=frozenset(wish.scopes),
        collections=wish.collection_ids,
        expires_at=wish.expires_at,
    )
    return Status(201, shapes.NewApiKey(key=secret, **shapes.ApiKey.of(key).model_dump()))


@router.delete("/api-keys/{uuid:key_id}", response={204: None})
def revoke_key(request: ViewerRequest, key_id: UUID) -> Status[None]:
    revoke_api_key(request.person, key_id)
    announce_end(request.person.pk)
    return Status(204, None)
