"""Which answers their own reader may no longer see, because a passage they rest on is closed to him now.

The rule stands in SQL (migration 0006_sharing): one query for any number of turns. Fails closed: what is gone is as
hidden as what is forbidden.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from kbchat.core.viewer import Viewer


def masked_turns(viewer: Viewer, turn_ids: Collection[UUID]) -> set[UUID]:
    """Those of his turns whose text he must not be sent. Inside `viewing(viewer)`."""
    if not turn_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM kbchat_masked_turns(%s, %s)", [viewer.user_id, list(turn_ids)])
        return {row[0] for row in cursor.fetchall()}
