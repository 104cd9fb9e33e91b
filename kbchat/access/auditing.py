"""Who may read the audit trail: auditors. An administrator is not one by that."""

from django.db import connection

from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.reading import EventFilter, EventRow, find_events
from kbchat.audit.recording import record
from kbchat.core.errors import NotAllowed
from kbchat.core.viewer import Viewer


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


def _require_auditor(viewer: Viewer) -> None:
    if not viewer.is_auditor:
        raise NotAllowed("auditors_only")
