"""`manage.py migrate`: Django's, between making the database's roles and giving them their privileges. On a live
system it waits for no lock for long, since whoever reads would stand behind it, and tries again a moment later (F35).
"""

import time
from typing import Any, Final

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DatabaseError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.errors import (
    DeadlockDetected,
    FeatureNotSupported,
    InsufficientPrivilege,
    LockNotAvailable,
    UndefinedFile,
)

from kbchat.access.provisioning import Login, ensure_roles, grant_privileges
from kbchat.accounts.setting_up import setup_is_open
from kbchat.core.deadline import Deadline
from kbchat.settings.environment import read_environment

LOCK_SECONDS: Final = 0.4
"""For one lock. Well below PostgreSQL's deadlock_timeout of a second: of two that wait for each other this one gives
up, before whoever reads is ended for it."""
TRYING_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.5


class Command(migrate.Command):
    help = "Make the database's roles, bring its tables up to date, and give each role its privileges."

    def handle(self, *args: Any, **options: Any) -> None:
        connection_created.connect(_wait_briefly)
        connection.close()
        trying = Deadline.after(TRYING_SECONDS)
        try:
            while not self._is_migrated(trying, *args, **options):
                time.sleep(_PAUSE_SECONDS)
        finally:
            connection_created.disconnect(_wait_briefly)
            connection.close()

    def _is_migrated(self, trying: Deadline, *args: Any, **options: Any) -> bool:
        """False: something was in use. What was migrated so far stays."""
        try:
            self._migrate(*args, **options)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                raise
            if trying.has_passed:
                raise CommandError(
                    f"Something in the database is in use, and was not free for {TRYING_SECONDS:.0f} seconds. What was "
                    "migrated so far stays; nobody was held up. Run `manage.py migrate` again, at a quieter time if "
                    "need be."
                ) from error
            return False
        return True

    def _migrate(self, *args: Any, **options: Any) -> None:
        environment = read_environment()
        ensure_roles(
            application=Login.of_url(environment.require_database_url(role="application")),
            worker=Login.of_url(environment.require_database_url(role="worker")),
        )
        _ensure_vectors()
        super().handle(*args, **options)
        grant_privileges()
        # Not after a part alone, which may have left no people to ask for.
        if options["verbosity"] and not options["app_label"] and setup_is_open():
            self.stdout.write(
                "Nobody has an account yet: `manage.py make_setup_link` lets the first administrator in."
            )


def _ensure_vectors() -> None:
    """Before anything is migrated: half of the tables would be there."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except DatabaseError as error:
        match error.__cause__:
            case InsufficientPrivilege():
                raise CommandError(
                    "The database has no extension vector yet, and its owner may not make it: let a superuser say "
                    "`CREATE EXTENSION vector` in it, then run `manage.py migrate` again."
                ) from error
            case FeatureNotSupported() | UndefinedFile():
                raise CommandError(
                    "The PostgreSQL server has no pgvector: install it there (Debian: postgresql-18-pgvector, by the "
                    "server's version), then run `manage.py migrate` again."
                ) from error
        raise


def _wait_briefly(connection: BaseDatabaseWrapper, **_: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{LOCK_SECONDS}s"])
