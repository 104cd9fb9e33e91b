"""Adding to the trail. Called inside the transaction of what is recorded: rolled back with it, and committed with it.

To be the last thing in that transaction: from here to its end nobody else records (see 0002_chain).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connection

from kbchat.audit.models import AuditAction

Fact = UUID | str | int | None | Sequence["Fact"] | Mapping[str, "Fact"]
"""A string is an id, a hash or a word of the program's own: the database refuses any other."""

# No RETURNING, as the ORM would have it: whoever adds to the trail may not read it.
_ADD = "INSERT INTO audit_auditevent (actor_id, action, subject) VALUES (%s, %s, %s)"


def record(actor_id: UUID | None, action: AuditAction, /, **subject: Fact) -> None:
    """One statement. Raises django.db.IntegrityError for a subject with text in it."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [actor_id, action.value, json.dumps(subject, default=str)])


def digest(text: str) -> str:
    """The SHA-256 by which a text is known here, as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
