"""Collections that somebody owns as a whole: what ranks and scores tell is told to him over these, and over no others.

To be used inside `viewing(viewer)`.
"""

from collections.abc import Sequence
from uuid import UUID

from kbchat.access.gate import (
    access_collection,
    partly_closed_documents,
    roles_in_collections,
    visible_collections,
    visible_documents,
)
from kbchat.access.models import Role
from kbchat.core.errors import NotAllowed
from kbchat.core.viewer import Viewer


def access_whole_collections(viewer: Viewer, wanted: Sequence[UUID]) -> list[UUID]:
    """These collections, or all that are his. Raises NotFound; NotAllowed for whoever does not own one of them; and
    NotAllowed("owners_only") for whoever owns none, or has a part of one closed to him."""
    owned = [access_collection(viewer, each, role=Role.OWNER).pk for each in wanted] or _owned(viewer)
    if not owned or _with_a_closed_part(viewer, owned):
        raise NotAllowed("owners_only")
    return owned


def visible_whole_collections(viewer: Viewer) -> list[UUID]:
    """All of that kind."""
    owned = _owned(viewer)
    closed = _with_a_closed_part(viewer, owned)
    return [each for each in owned if each not in closed]


def _owned(viewer: Viewer) -> list[UUID]:
    roles = roles_in_collections(viewer)
    seen = visible_collections(viewer).values_list("pk", flat=True)
    return [collection for collection in seen if roles.get(collection) == Role.OWNER]


def _with_a_closed_part(viewer: Viewer, owned: Sequence[UUID]) -> set[UUID]:
    """Those of them in which a section of a document is closed to him."""
    closed = visible_documents(viewer).filter(collection__in=owned, pk__in=partly_closed_documents(viewer))
    return set(closed.values_list("collection_id", flat=True))
