"""Writing into generations beside others who do."""

import threading
import time
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from kbchat.embedded.cluster import Cluster
from kbchat.indexing.writing import erase
from tests.servers import as_worker

pytestmark = pytest.mark.django_db

_WAITING = """
SELECT array_agg(relation::regclass::text || ' ' || granted ORDER BY granted) FROM pg_locks
WHERE pid IN (SELECT pid FROM pg_locks WHERE relation = 'indexing_embedding'::regclass AND NOT granted)
  AND relation IN ('indexing_embedding'::regclass, 'indexing_posting'::regclass)
"""


def test_erasing_waits_for_who_makes_partitions_and_holds_nothing_that_he_needs(servers: Cluster) -> None:
    """Partitions are made for vectors first and then for terms, each under a lock that nobody else may share."""

    def in_a_connection_of_its_own() -> None:
        with as_worker():
            erase(uuid4())
        connection.close()

    erasing = threading.Thread(target=in_a_connection_of_its_own)
    with psycopg.connect(servers.owner_database_url) as maker:
        maker.execute("LOCK TABLE indexing_embedding IN ACCESS EXCLUSIVE MODE")
        erasing.start()
        until, held = time.monotonic() + 20, None
        while held is None and time.monotonic() < until:
            (held,) = maker.execute(_WAITING).fetchone() or (None,)
            time.sleep(0.01)
        assert held == ["indexing_embedding false"]
    erasing.join()
