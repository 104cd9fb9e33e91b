"""Making a `Viewer` of a person who signed in, or of an API key that speaks for him. There is no other way to one."""

from dataclasses import replace
from uuid import UUID

from kbchat.accounts.models import ApiKey, User
from kbchat.core.errors import NotAllowed
from kbchat.core.viewer import KeyScope, Viewer


def viewer_of(person: User) -> Viewer:
    """Raises NotAllowed for someone who is not active."""
    if not person.is_active:
        raise NotAllowed("not_active")
    return Viewer(
        user_id=person.pk,
        language=person.language,
        is_administrator=person.is_administrator,
        is_auditor=person.is_auditor,
    )


def viewer_of_key(key: ApiKey) -> Viewer:
    """Its owner, narrowed. Nobody audits by a key. Raises NotAllowed where the owner is not active."""
    return replace(
        viewer_of(key.user),
        is_auditor=False,
        scopes=frozenset(map(KeyScope, key.scopes)),
        collections=within(key.collections),
    )


def within(collections: list[UUID] | None) -> frozenset[UUID] | None:
    """As a row keeps them."""
    return None if collections is None else frozenset(collections)
