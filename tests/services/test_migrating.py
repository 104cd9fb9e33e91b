"""Migrating a live system: whoever reads is not held up by a migration that waits (F35)."""

import threading
import time

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from kbchat.cli.management.commands import migrate
from kbchat.embedded.cluster import Cluster
from tests.servers import as_owner
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

_WAITS = """
SELECT count(*) FROM pg_locks WHERE relation = 'glossary_glossaryentry'::regclass AND NOT granted"""


def test_a_migration_that_waits_for_a_lock_gives_up_and_readers_go_on(
    servers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reads for long; the migration wants the table for itself, and whoever comes then stands behind it."""

    def migrated(*_: object, **__: object) -> None:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE glossary_glossaryentry ADD COLUMN never integer")

    monkeypatch.setattr(migrate.migrate.Command, "handle", migrated)
    monkeypatch.setattr(migrate, "ensure_roles", lambda **_: None)
    told: list[str] = []

    def migrate_it() -> None:
        try:
            call_command("migrate", verbosity=0)
        except CommandError as error:
            told.append(str(error))
        finally:
            connection.close()

    with (
        psycopg.connect(servers.superuser_conninfo, dbname="kbchat") as reader,
        psycopg.connect(servers.superuser_conninfo, dbname="kbchat", autocommit=True) as other,
    ):
        reader.execute("SELECT count(*) FROM glossary_glossaryentry")
        thread = threading.Thread(target=migrate_it)
        thread.start()
        wait_until(lambda: other.execute(_WAITS).fetchone() == (1,), 20)
        other.execute("SET lock_timeout = '20s'")
        started = time.monotonic()
        other.execute("SELECT count(*) FROM glossary_glossaryentry")
        waited = time.monotonic() - started
        thread.join(60)
        assert not thread.is_alive()
    assert len(told) == 1
    assert "Run `manage.py migrate` again" in told[0]
    assert waited < 3 * migrate.LOCK_SECONDS
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        assert cursor.fetchone() == ("0",), "whoever comes after is as patient as before"
