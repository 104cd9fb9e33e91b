"""Which process works on which turn: claiming, keeping and finding what was abandoned, across all owners.

Ids only; whoever holds a turn reads and writes it as its owner. The functions are in migration 0002.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class Claim:
    """A running turn, whose it is, and the lease under which it runs: every write compares it."""

    turn_id: UUID
    owner_id: UUID
    lease: UUID


def claim_turn(lease: UUID, *, lease_seconds: float) -> Claim | None:
    """The oldest waiting turn, from now on running under `lease`; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT turn_id, owner_id FROM kbchat_claim_turn(%s, %s)", [lease, lease_seconds])
        row = cursor.fetchone()
    return Claim(row[0], row[1], lease) if row else None


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
