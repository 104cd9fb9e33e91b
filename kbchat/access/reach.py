"""What reaches somebody: the grants and denials of himself, his groups, nested ones and everyone, as short lists.

For noticing that he may read less than before, without making the list of all that he may read. Deletions and moves
are not noticed by it, nor is whom a source lets read what: they are changes of documents, by the thousand, and are told
with the document.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from kbchat.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Reach:
    """`allowing`: grants with their roles. `forbidding`: denials, of sections too."""

    allowing: frozenset[tuple[UUID, str]]
    forbidding: frozenset[UUID]

    def is_less_than(self, before: "Reach") -> bool:
        """Also where a role has changed: what is offered to him has, too."""
        return not (before.allowing <= self.allowing and self.forbidding <= before.forbidding)


def reach_of(viewer: Viewer) -> Reach:
    """As it is now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, role, deny FROM kbchat_grants_of(%s)", [viewer.user_id])
        rows = cursor.fetchall()
    return Reach(
        frozenset((grant, role) for grant, role, deny in rows if not deny),
        frozenset(grant for grant, _, deny in rows if deny),
    )
