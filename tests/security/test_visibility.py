"""Row-level security: what the application's role sees, whatever the program asks."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_nothing_is_visible_without_a_viewer() -> None:
    with connection.cursor() as cursor:
        for table in ("documents_document", "documents_documentversion", "ingestion_chunk", "chat_turn"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,)
