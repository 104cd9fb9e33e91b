"""A person's own API keys. Only a session manages them: a stolen key must not make another."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Status
from pydantic import AwareDatetime, Field

from kbchat.accounts.api_keys import create_api_key, list_api_keys, revoke_api_key
from kbchat.accounts.models import ApiKey
from kbchat.web import shapes
from kbchat.web.http.credentials import ViewerRequest, require_session
from kbchat.web.ws.ending import announce_end

router = Router()


class KeyWish(shapes.Body):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    expires_at: AwareDatetime | None = None


@router.get("/api-keys", response=list[shapes.ApiKey])
def list_keys(request: ViewerRequest) -> list[ApiKey]:
    return list_api_keys(require_session(request))


@router.post("/api-keys", response={201: shapes.NewApiKey})
def create_key(request: ViewerRequest, wish: KeyWish) -> Status[dict[str, Any]]:
    """The answer holds the key itself, which is never shown again."""
    expires_at: datetime | None = wish.expires_at
    key, secret = create_api_key(require_session(request), wish.name, expires_at=expires_at)
    made = {"id": key.pk, "name": key.name, "created_at": key.created_at, "expires_at": key.expires_at}
    return Status(201, made | {"key": secret})


@router.delete("/api-keys/{uuid:key_id}", response={204: None})
def revoke_key(request: ViewerRequest, key_id: UUID) -> Status[None]:
    person = require_session(request)
    revoke_api_key(person, key_id)
    announce_end(person.pk)
    return Status(204, None)
