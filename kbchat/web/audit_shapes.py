"""What goes over the wire of the audit trail."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from kbchat.audit.models import AuditAction
from kbchat.web.shapes import Shape


class AuditEvent(Shape):
    """`actor_id` None: a command, a worker, or somebody who is nobody here. `subject`: ids, SHA-256 hashes, roles and
    counts. `previous`: the `hash` of the event numbered one less; both as hexadecimal digits. `names`: of those people
    in it whom the reader may know, by id."""

    seq: int
    at: datetime
    actor_id: UUID | None
    action: AuditAction
    subject: dict[str, Any]
    previous: str
    hash: str
    names: dict[str, str]


class AuditChain(Shape):
    """Of the newest events: how many were looked at, the number and hash of the last that follows the one before, and
    what is wrong with the next one."""

    looked_at: int
    last_seq: int
    last_hash: str
    fault: Literal["missing", "reordered", "changed"] | None
