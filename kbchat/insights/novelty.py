"""When something last became searchable, by collection, as far as the viewer may read it.

Asked when the board is read: nothing is written when a document becomes searchable, so that a worker needs to know of
no question.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone

_NEWEST = """
    SELECT d.collection_id, max(r.finished_at)
    FROM ingestion_ingestionrun r JOIN documents_documentversion v ON v.id = r.version_id
    JOIN documents_document d ON d.id = v.document_id
    WHERE r.state = 'succeeded' AND v.in_force @> %s::date AND d.deleted_at IS NULL
    GROUP BY d.collection_id
"""


def newest_by_collection() -> Mapping[UUID, datetime]:
    """Inside `viewing`: row-level security leaves out what he may not read."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [timezone.localdate()])
        return dict(cursor.fetchall())
