"""Switching a version on: one statement decides which version of a document is in force on which day.

A version answers from its effective date until it expires or the next one takes over; of two with the same date the
later number wins. Only versions that are ready count: a successor that fails leaves its predecessor in force.

The version that answers today names its document; where none does, the latest that is ready.
"""

from uuid import UUID

from django.db import connection
from django.utils import timezone

_GIVE_DAYS = """
WITH ready AS (
    SELECT id, daterange(effective_from, least(expires_on,
               lead(effective_from) OVER (ORDER BY effective_from, number))) AS days
    FROM documents_documentversion
    WHERE document_id = %(document)s AND (state = 'ready' OR id = %(version)s::uuid)
)
UPDATE documents_documentversion v SET {also} in_force = ready.days
FROM ready WHERE v.id = ready.id
"""
_PUBLISH = _GIVE_DAYS.format(also="state = 'ready',")
_ARRANGE = _GIVE_DAYS.format(also="")

_NAME = """
WITH naming AS (
    SELECT DISTINCT ON (document_id) document_id, left(report->>'title', 500) AS title
    FROM documents_documentversion
    WHERE state = 'ready' AND (%(document)s::uuid IS NULL OR document_id = %(document)s)
      AND id NOT IN (SELECT kbchat_unconfirmed_versions())
    ORDER BY document_id, in_force @> %(today)s DESC, number DESC
)
UPDATE documents_document d SET title = naming.title
FROM naming WHERE d.id = naming.document_id AND d.title <> naming.title
"""


def publish(document_id: UUID, version_id: UUID) -> None:
    """Make the version ready, give every ready version of its document its days, and the document its name."""
    with connection.cursor() as cursor:
        # Two versions that become ready at once must each see the other.
        cursor.execute("SELECT 1 FROM documents_document WHERE id = %s FOR UPDATE", [document_id])
        cursor.execute(_PUBLISH, {"document": document_id, "version": version_id})
        cursor.execute(_NAME, {"document": document_id, "today": timezone.localdate()})


def arrange(document_id: UUID) -> None:
    """As `publish`, where nothing became ready and dates have changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM documents_document WHERE id = %s FOR UPDATE", [document_id])
        cursor.execute(_ARRANGE, {"document": document_id, "version": None})
        cursor.execute(_NAME, {"document": document_id, "today": timezone.localdate()})


def name_documents() -> None:
    """Give every document the name of the version that answers today: for some a new one begins with the day."""
    with connection.cursor() as cursor:
        cursor.execute(_NAME, {"document": None, "today": timezone.localdate()})
