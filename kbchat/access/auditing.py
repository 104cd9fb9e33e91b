"""Who may read the audit trail: auditors. An administrator is not one by that."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from kbchat.access.viewing import viewing
from kbchat.accounts.models import User
from kbchat.audit.models import AuditAction
from kbchat.audit.reading import EventFilter, EventRow, find_events
from kbchat.audit.recording import record
from kbchat.audit.verifying import Newest, verify_newest
from kbchat.core.errors import NotAllowed
from kbchat.core.viewer import Viewer

_LOOKED_AT = 5000
_LENGTH_OF_AN_ID = 36


def read_events(viewer: Viewer, wanted: EventFilter, *, limit: int) -> list[EventRow]:
    """Newest first. Raises NotAllowed("auditors_only"), also for somebody who is no auditor any more: to him the trail
    would look empty."""
    _require_auditor(viewer)
    with viewing(viewer):
        found = find_events(wanted, limit=limit)
        # After they are read: whoever is an auditor now was shown all of them.
        if not _is_auditor_now(viewer):
            raise NotAllowed("auditors_only")
    return found


def names_in(viewer: Viewer, events: Iterable[EventRow]) -> Mapping[UUID, str]:
    """The names of the people that the events speak of, as far as the viewer may know them: an administrator knows
    everybody, an auditor who is none knows himself. Nothing else has a name here.

    Raises NotAllowed("auditors_only").
    """
    _require_auditor(viewer)
    told = {found for event in events for found in (event.actor_id, *_ids(event.subject)) if found}
    known = User.objects.filter(pk__in=told if viewer.is_administrator else told & {viewer.user_id})
    return dict(known.values_list("pk", "name"))


def look_at_chain(viewer: Viewer) -> Newest:
    """Whether the newest events are whole; all of them are looked at by `manage.py verify_audit`. Raises
    NotAllowed("auditors_only")."""
    _require_auditor(viewer)
    with viewing(viewer):
        return verify_newest(_LOOKED_AT)


def record_export(viewer: Viewer, wanted: EventFilter) -> None:
    """Before the first event leaves. Times are kept as whole seconds since 1970. Raises NotAllowed("auditors_only")."""
    _require_auditor(viewer)
    record(
        viewer.user_id,
        AuditAction.EXPORTED,
        actor=wanted.actor_id,
        action=wanted.action,
        since=int(wanted.since.timestamp()) if wanted.since else None,
        until=int(wanted.until.timestamp()) if wanted.until else None,
        before=wanted.before,
    )


def _is_auditor_now(viewer: Viewer) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kbchat_is_auditor(%s)", [viewer.user_id])
        return bool(cursor.fetchone() == (True,))


def _ids(fact: Any) -> Iterator[UUID]:
    match fact:
        case dict():
            for inner in fact.values():
                yield from _ids(inner)
        case list():
            for inner in fact:
                yield from _ids(inner)
        case str() if len(fact) == _LENGTH_OF_AN_ID and fact.count("-") == 4:
            yield UUID(fact)


def _require_auditor(viewer: Viewer) -> None:
    if not viewer.is_auditor:
        raise NotAllowed("auditors_only")
