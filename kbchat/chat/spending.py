"""What a person's answers took of the language model, by day: read before a question is accepted, added to when an
answer ends, in its transaction. Days begin at midnight UTC. Quoting uses no model and counts nothing.

The turns of one person that run at once are each let in by what was spent before: the last ones may pass the limit by
what they take themselves. A turn whose process was killed is not counted.
"""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from kbchat.chat.models import TokensSpent
from kbchat.core.viewer import Viewer

_ADD = """
    INSERT INTO chat_tokensspent (owner_id, day, tokens) VALUES (%s, %s, %s)
    ON CONFLICT (owner_id, day) DO UPDATE SET tokens = chat_tokensspent.tokens + excluded.tokens
"""


def tokens_used_today(viewer: Viewer) -> int:
    """Inside `viewing`."""
    spent = TokensSpent.objects.filter(owner_id=viewer.user_id, day=_today())
    return spent.values_list("tokens", flat=True).first() or 0


def add_tokens(owner_id: UUID, tokens: int) -> None:
    """Inside the owner's `viewing`."""
    if tokens:
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [owner_id, _today(), tokens])


def seconds_to_a_new_day() -> float:
    now = timezone.now().astimezone(UTC)
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return (tomorrow - now).total_seconds()


def _today() -> date:
    return timezone.now().astimezone(UTC).date()
