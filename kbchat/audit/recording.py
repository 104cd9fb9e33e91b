"""Adding to the trail. Called inside the transaction of what is recorded: rolled back with it, and committed with it.

To be the last thing in that transaction: from here to its end nobody else records (see 0002_chain). Whoever then asked
for a row that another transaction holds, which wants to record in its turn, would wait for it for ever. What consists
of several steps that record is `gathered`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connection, transaction

from kbchat.audit.models import AuditAction

Fact = UUID | str | int | None | Sequence["Fact"] | Mapping[str, "Fact"]
"""A string is an id, a hash or a word of the program's own: the database refuses any other."""

# No RETURNING, as the ORM would have it: whoever adds to the trail may not read it.
_ADD = "INSERT INTO audit_auditevent (actor_id, action, subject) VALUES (%s, %s, %s)"


_Event = tuple[UUID | None, str, str]
_waiting: ContextVar[list[_Event] | None] = ContextVar("waiting", default=None)


def record(actor_id: UUID | None, action: AuditAction, /, **subject: Fact) -> None:
    """One statement. Raises django.db.IntegrityError for a subject with text in it."""
    event = (actor_id, action.value, json.dumps(subject, default=str))
    waiting = _waiting.get()
    if waiting is None:
        _add([event])
    else:
        waiting.append(event)


@contextmanager
def gathered() -> Iterator[None]:
    """One transaction of several steps: what they record is added at its end, in their order."""
    if _waiting.get() is not None:
        yield
        return
    with transaction.atomic():
        events: list[_Event] = []
        token = _waiting.set(events)
        try:
            yield
        finally:
            _waiting.reset(token)
        _add(events)


def _add(events: Sequence[_Event]) -> None:
    with connection.cursor() as cursor:
        for event in events:
            cursor.execute(_ADD, event)


def digest(text: str) -> str:
    """The SHA-256 by which a text is known here, as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
