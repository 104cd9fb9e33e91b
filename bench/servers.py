"""The product's own embedded servers in a folder of the caller's, and a connection that may take any role there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from kbchat.embedded.cluster import attach_or_start


@contextmanager
def migrated_database(folder: Path) -> Iterator[None]:
    """Django is set up and connected inside, as the superuser: no policy binds it until it takes a role."""
    with attach_or_start(folder, announce=print) as cluster:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "kbchat.settings.test",
            "DATABASE_URL": cluster.database_url,
            "KBCHAT_OWNER_DATABASE_URL": cluster.owner_database_url,
            "KBCHAT_WORKER_DATABASE_URL": cluster.worker_database_url,
            "REDIS_URL": cluster.redis_url,
            "KBCHAT_DATA_DIR": str(folder),
        }
        import dj_database_url
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        def connect(**address: object) -> None:
            connection.close()
            connection.settings_dict |= {name.upper(): value for name, value in address.items()}

        owner = dj_database_url.parse(cluster.owner_database_url)
        connect(**{name: owner[name.upper()] for name in ("user", "password", "host", "port", "name")})
        call_command("migrate", verbosity=0)
        superuser = conninfo_to_dict(cluster.superuser_conninfo)
        # The one connection stays, and the role with it.
        connect(user=superuser["user"], password=superuser["password"], conn_max_age=None)
        yield
        connection.close()


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        yield
        cursor.execute("RESET ROLE")
