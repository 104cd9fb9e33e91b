"""What stands in the audit trail, read as the only role that sees all of it without being an auditor."""

from typing import Any

from kbchat.audit.models import AuditAction, AuditEvent
from tests.servers import as_owner


def recorded(*actions: AuditAction) -> list[AuditEvent]:
    """Oldest first; all of them where no action is named."""
    with as_owner():
        found = AuditEvent.objects.order_by("seq")
        return list(found.filter(action__in=actions) if actions else found)


def subjects(*actions: AuditAction) -> list[dict[str, Any]]:
    return [event.subject for event in recorded(*actions)]
