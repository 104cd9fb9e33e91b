"""Switching a version on: one statement decides which version of a document is in force on which day.

A version answers from its effective date until it expires or the next one takes over; of two with the same date the
later number wins. Only versions that are ready count: a successor that fails leaves its predecessor in force.
"""

from uuid import UUID

from django.db import connection

_PUBLISH = """
WITH ready AS (
    SELECT id, daterange(effective_from, least(expires_on,
               lead(effective_from) OVER (ORDER BY effective_from, number))) AS days
    FROM documents_documentversion
    WHERE document_id = %(document)s AND (state = 'ready' OR id = %(version)s)
)
UPDATE documents_documentversion v SET state = 'ready', in_force = ready.days
FROM ready WHERE v.id = ready.id
"""


def publish(document_id: UUID, version_id: UUID) -> None:
    """Make the version ready, and give every ready version of its document its days."""
    with connection.cursor() as cursor:
        # Two versions that become ready at once must each see the other.
        cursor.execute("SELECT 1 FROM documents_document WHERE id = %s FOR UPDATE", [document_id])
        cursor.execute(_PUBLISH, {"document": document_id, "version": version_id})
