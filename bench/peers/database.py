"""The peers' database: beside kbchat's on the same server, so that both have the same settings of it.

Stands on the connection that `bench.servers.migrated_database` opens as the superuser.
"""

from typing import Final

import psycopg
from psycopg import sql

_NAME: Final = "bench_peers"
# The server's own 128 MB would make a graph of 100,000 vectors spill, and slow the peers alone.
_INDEX_MEMORY: Final = "1GB"


def fresh_database() -> dict[str, str]:
    """An empty one with pgvector, as libpq names its address."""
    with _connected() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(_NAME)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_NAME)))
    _set("maintenance_work_mem", _INDEX_MEMORY)
    with _connected(_NAME) as connection:
        connection.execute("CREATE EXTENSION vector")
    return address()


def address() -> dict[str, str]:
    return _address(_NAME)


def set_iterative_scan(mode: str) -> None:
    """For connections opened from now on: off, relaxed_order or strict_order."""
    _set("hnsw.iterative_scan", mode)


def settle() -> None:
    """After filling: statistics for the planner, and no dead rows."""
    with _connected(_NAME) as connection:
        connection.execute("VACUUM ANALYZE")


def _set(setting: str, value: str) -> None:
    # In the peers' database, where pgvector is loaded and knows its own settings.
    with _connected() as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                sql.Identifier(_NAME), sql.SQL(setting), sql.Literal(value)
            )
        )


def _connected(database: str | None = None) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(**_address(database or "postgres"), autocommit=True)


def _address(database: str) -> dict[str, str]:
    from django.db import connection

    own = connection.settings_dict
    return {
        "host": str(own["HOST"]),
        "user": str(own["USER"]),
        "password": str(own["PASSWORD"]),
        "dbname": database,
    }
