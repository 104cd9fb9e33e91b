"""What somebody who is known tried and may not do, as the audit trail keeps it (T58): who, where by the program's own
word, why by its code, and the ids that he named.

Once a minute for one person, place and code: a script that tries a thousand times leaves one event a minute, and
nobody unknown leaves any. What is hidden is not told from what is absent, so neither is recorded.
"""

import logging
import re
from collections.abc import Mapping
from uuid import UUID

from django.db import DatabaseError

from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.audit.sparing import Sparing
from kbchat.core.errors import NotAllowed
from kbchat.core.viewer import Viewer

logger = logging.getLogger(__name__)

REFUSALS = Sparing()
_NO_WORD = re.compile(r"[^a-z0-9_-]")


def record_refusal(viewer: Viewer, error: NotAllowed, place: str, ids: Mapping[str, object]) -> None:
    """That it cannot be recorded is told to operators; the refusal stands all the same."""
    if not REFUSALS.is_due((viewer.user_id, place, error.code)):
        return
    named = {name: found for name, value in ids.items() if (found := _id(value))}
    word = _NO_WORD.sub("_", place.lower())[:64]
    try:
        record(viewer.user_id, AuditAction.REFUSED, code=error.code, place=word, **named)
    except DatabaseError:
        logger.exception("a refusal was not recorded")


def _id(value: object) -> UUID | None:
    """Nothing else that was sent gets in."""
    try:
        return UUID(str(value))
    except ValueError:
        return None
