"""Whom a reader may ask about a collection: its owners, by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from kbchat.access.viewing import viewing
from kbchat.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Responsible:
    """A collection and who owns it: names of groups, then of people."""

    collection: str
    owners: tuple[str, ...]


def responsible_for(viewer: Viewer, collections: Sequence[UUID]) -> list[Responsible]:
    """In the order asked for. A collection that he does not see, or that nobody else owns, is absent."""
    with viewing(viewer), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM kbchat_owners_of(%s)", [list(collections)])
        rows = cursor.fetchall()
    found: dict[UUID, tuple[str, list[str]]] = {}
    for collection_id, name, owner in rows:
        found.setdefault(collection_id, (name, []))[1].append(owner)
    return [
        Responsible(found[each][0], tuple(dict.fromkeys(found[each][1])))
        for each in collections
        if each in found
    ]
