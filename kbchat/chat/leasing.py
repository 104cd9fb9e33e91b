"""Which process works on which turn: claiming, keeping and finding what was abandoned, across all owners.

Ids only; whoever holds a turn reads and writes it as its owner. The functions are in migrations 0002 and 0012: persons
take turns, so that nobody's third question is answered before anybody's first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from kbchat.access.viewing import viewing
from kbchat.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Claim:
    """A running turn, whose it is, and the lease under which it runs: every write compares it."""

    turn_id: UUID
    owner_id: UUID
    lease: UUID


def claim_turn(lease: UUID, *, lease_seconds: float, most: int) -> Claim | None:
    """The first of the waiting turns, from now on running under `lease`; None when there is none, or `most` run in all
    processes together."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT turn_id, owner_id FROM kbchat_claim_turn(%s, %s, %s)", [lease, lease_seconds, most]
        )
        row = cursor.fetchone()
    return Claim(row[0], row[1], lease) if row else None


def place_in_queue(viewer: Viewer, turn_id: UUID) -> int | None:
    """Of one of his own turns, from 1; None where it does not wait."""
    with viewing(viewer), connection.cursor() as cursor:
        cursor.execute("SELECT kbchat_place_of_turn(%s)", [turn_id])
        row = cursor.fetchone()
    return row[0] if row else None


def keep_turns(lease: UUID, turn_ids: Collection[UUID], *, lease_seconds: float) -> dict[UUID, bool]:
    """Prolong; gives the turns still held under `lease`, and for each whether its owner asked to stop it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT turn_id, stop_requested FROM kbchat_keep_turns(%s, %s, %s)",
            [lease, list(turn_ids), lease_seconds],
        )
        return dict(cursor.fetchall())


def abandoned_turns() -> list[Claim]:
    """Running turns whose lease ran out: their process is gone or cut off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT turn_id, owner_id, lease FROM kbchat_abandoned_turns()")
        return [Claim(*row) for row in cursor.fetchall()]
