"""Migrating a live system: whoever reads is not held up by a migration that waits (F35)."""

import threading
import time

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from kbchat.cli.management.commands import migrate
from kbchat.embedded.cluster import Cluster
from tests.servers import as_owner
from tests.waiting import allowed, wait_until

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
    monkeypatch.setattr(migrate, "TRYING_SECONDS", 0.0)
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
    assert waited < allowed(3 * migrate.LOCK_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        assert cursor.fetchone() == ("0",), "whoever comes after is as patient as before"


def test_what_becomes_free_is_migrated_by_itself(servers: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two that wait for each other it is the migration that gives up, before PostgreSQL ends a reader."""
    tried = threading.Event()

    def migrated(*_: object, **__: object) -> None:
        with as_owner(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE access_grant")
            tried.set()
            # The reader waits first, and so looks for deadlocks first.
            time.sleep(0.1)
            cursor.execute("LOCK TABLE glossary_glossaryentry")

    monkeypatch.setattr(migrate.migrate.Command, "handle", migrated)
    monkeypatch.setattr(migrate, "ensure_roles", lambda **_: None)
    monkeypatch.setattr(migrate, "grant_privileges", lambda: None)
    told: list[object] = []

    def migrate_it() -> None:
        try:
            told.append(call_command("migrate", verbosity=0))
        finally:
            connection.close()

    with psycopg.connect(servers.superuser_conninfo, dbname="kbchat") as reader:
        reader.execute("SELECT count(*) FROM glossary_glossaryentry")
        thread = threading.Thread(target=migrate_it)
        thread.start()
        assert tried.wait(20)
        reader.execute("SELECT count(*) FROM access_grant")
        reader.commit()
        thread.join(60)
    assert told == [None]
