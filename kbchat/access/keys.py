"""Making an API key: narrowed, if at all, to collections that its owner may read now. What is hidden from him is not
there to choose."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from kbchat.access.gate import visible_collections
from kbchat.access.viewing import viewing
from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.models import ApiKey, User
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.viewer import KeyScope, Viewer


def make_key(
    viewer: Viewer,
    person: User,
    name: str,
    *,
    scopes: Collection[KeyScope],
    collections: Collection[UUID] | None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """`viewer` is `person`. The stored row, and the key itself, which cannot be shown again.

    Raises Invalid, and NotFound where one of the collections is hidden or absent.
    """
    if collections is not None:
        if not collections:
            raise Invalid("collections_missing")
        with viewing(viewer):
            visible = visible_collections(viewer).filter(pk__in=collections).count()
        if visible != len(set(collections)):
            raise NotFound
    return create_api_key(person, name, scopes=scopes, collections=collections, expires_at=expires_at)
