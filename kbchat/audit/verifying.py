"""Whether the trail is whole: every event's hash is computed anew, here and not by the database that is in question.

A chain shows what was changed, moved or taken out of its middle. A tail that was cut off leaves a chain that is whole,
and so does a chain made anew from some event on: only a hash that was kept elsewhere shows these.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from django.db import connection, models
from django.db.models.functions import Cast

from kbchat.audit.models import AuditEvent
from kbchat.core.errors import NotAllowed

_BATCH = 2000
_BEFORE_THE_FIRST = bytes(32)
# To anybody else row-level security would show an empty trail, which is whole.
_IS_OWNER = "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'audit_auditevent'::regclass"


class Fault(StrEnum):
    """MISSING: there is none of this number. REORDERED: it does not follow the event before it; one of the two was
    moved or replaced. CHANGED: it is not what its hash was made of."""

    MISSING = "missing"
    REORDERED = "reordered"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`events` follow each other from the first one on, `last_hash` (hexadecimal) is that of the last of them; the next
    number has the fault, if there is one. `has_kept`: the hash that was asked for is among theirs, or none was."""

    events: int
    last_hash: str
    fault: Fault | None
    has_kept: bool


@dataclass(frozen=True, slots=True)
class Newest:
    """Of the newest events: how many were looked at, the number and hash (hexadecimal) of the last of those that follow
    each other, and what is wrong with the next one, if anything is."""

    looked_at: int
    last_seq: int
    last_hash: str
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class _Link:
    """An event as it was stored, its subject as the database writes it."""

    seq: int
    at: datetime
    actor_id: UUID | None
    action: str
    subject: str
    previous: bytes
    hash: bytes

    @property
    def computed_hash(self) -> bytes:
        """As the trigger of 0002_chain computes it."""
        at = f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
        told = "|".join([str(self.seq), at, str(self.actor_id or ""), self.action, self.subject])
        return hashlib.sha256(self.previous + told.encode()).digest()


def verify(*, kept_hash: str = "") -> Verdict:
    """Walk the chain to its end or to the first fault. Raises NotAllowed for any database role but the owner's."""
    _require_owner()
    events, last, has_kept = 0, _BEFORE_THE_FIRST, not kept_hash
    for link in _links():
        fault = _fault(link, events + 1, last)
        if fault is not None:
            return Verdict(events, last.hex(), fault, has_kept)
        events, last = link.seq, link.hash
        has_kept = has_kept or last.hex() == kept_hash
    return Verdict(events, last.hex(), None, has_kept)


def verify_newest(most: int) -> Newest:
    """As `verify`, of the newest events alone: quick, however long the trail is. For whoever row-level security shows
    it to; to anybody else it is empty."""
    newest = AuditEvent.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    first = max(1, newest - most + 1)
    seq, last = first - 1, b""
    for link in _links(after=seq):
        fault = _fault(link, seq + 1, last or (link.previous if first > 1 else _BEFORE_THE_FIRST))
        if fault is not None:
            return Newest(seq - first + 2, seq, last.hex(), fault)
        seq, last = link.seq, link.hash
    return Newest(seq - first + 1, seq, last.hex(), None)


def _fault(link: _Link, expected: int, last: bytes) -> Fault | None:
    if link.seq != expected:
        return Fault.MISSING
    if link.previous != last:
        return Fault.REORDERED
    return None if link.computed_hash == link.hash else Fault.CHANGED


def _links(*, after: int = 0) -> Iterator[_Link]:
    """In order, whatever is added meanwhile."""
    stored = AuditEvent.objects.order_by("seq").annotate(written=Cast("subject", models.TextField()))
    while True:
        batch = stored.filter(seq__gt=after).values_list(
            "seq", "at", "actor_id", "action", "written", "previous", "hash"
        )[:_BATCH]
        links = [_Link(*row[:5], bytes(row[5]), bytes(row[6])) for row in batch]
        if not links:
            return
        yield from links
        after = links[-1].seq


def _require_owner() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_IS_OWNER)
        if cursor.fetchone() != (True,):
            raise NotAllowed
