"""Which answers their own reader may no longer see, because a passage they rest on is closed to him now.

One query for any number of turns. Fails closed: what is gone is as hidden as what is forbidden.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from kbchat.core.viewer import Viewer

_HIDDEN = """
SELECT DISTINCT s.turn_id FROM chat_shown s
WHERE s.turn_id = ANY (%(turns)s) AND NOT (
    EXISTS (SELECT 1 FROM documents_documentversion v
            WHERE v.id = s.version_id AND v.document_id IN (SELECT kbchat_visible_documents(%(viewer)s))
              AND v.id NOT IN (SELECT kbchat_withheld_versions(%(viewer)s)))
    AND EXISTS (SELECT 1 FROM documents_section x
                WHERE x.id = s.section_id AND x.id NOT IN (SELECT kbchat_closed_sections(%(viewer)s)))
)
"""


def masked_turns(viewer: Viewer, turn_ids: Collection[UUID]) -> set[UUID]:
    """Those of his turns whose text he must not be sent. Inside `viewing(viewer)`."""
    if not turn_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_HIDDEN, {"turns": list(turn_ids), "viewer": viewer.user_id})
        return {row[0] for row in cursor.fetchall()}
