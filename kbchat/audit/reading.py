"""Reading the trail, newest first. Row-level security shows it to auditors alone, inside their `viewing`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kbchat.audit.models import AuditAction, AuditEvent


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What is None is not asked for. `since` counts in, `until` does not; `before` is a number in the trail."""

    actor_id: UUID | None = None
    action: AuditAction | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """Hashes as hexadecimal digits."""

    seq: int
    at: datetime
    actor_id: UUID | None
    action: AuditAction
    subject: dict[str, Any]
    previous: str
    hash: str


def find_events(wanted: EventFilter, *, limit: int) -> list[EventRow]:
    """At most `limit`; the next ones are those before the last one's number."""
    conditions = {
        "actor_id": wanted.actor_id,
        "action": wanted.action,
        "at__gte": wanted.since,
        "at__lt": wanted.until,
        "seq__lt": wanted.before,
    }
    asked = {name: value for name, value in conditions.items() if value is not None}
    return [_row(event) for event in AuditEvent.objects.filter(**asked).order_by("-seq")[:limit]]


def _row(event: AuditEvent) -> EventRow:
    return EventRow(
        seq=event.seq,
        at=event.at,
        actor_id=event.actor_id,
        action=AuditAction(event.action),
        subject=event.subject,
        previous=bytes(event.previous).hex(),
        hash=bytes(event.hash).hex(),
    )
