"""The servers of a test run: a real PostgreSQL with pgvector and a real Redis, in memory, gone afterwards.

Started when the first test wants them. Tests log in as a role that may become each of the product's roles and works
as the application, so that row-level security holds in every test; `as_worker` becomes the worker for a while.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg_pool import ConnectionPool

from kbchat.embedded.cluster import Cluster, attach_or_start
from kbchat.embedded.database import APPLICATION_ROLE, OWNER_ROLE, WORKER_ROLE
from kbchat.embedded.redis import _find_program
from tests.migrated import lay_migrated_servers
from tests.waiting import wait_until

_LOGIN = "kbchat_test"
# The pool goes on counting those that a test's own thread took along when it ended.
_MOST_CONNECTIONS = 1_000
# Past every policy, trigger and foreign key. Deleting the few rows of a test takes milliseconds, where TRUNCATE makes
# every table and index anew.
_EMPTYING = """
CREATE SCHEMA testing;
GRANT USAGE ON SCHEMA testing TO PUBLIC;
CREATE FUNCTION testing.empty(tables text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET session_replication_role = replica AS $$
DECLARE one text;
BEGIN
  FOREACH one IN ARRAY tables LOOP
    EXECUTE format('DELETE FROM %I', one);
  END LOOP;
END $$;
CREATE FUNCTION testing.everything() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE one text;
BEGIN
  FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
    RETURN QUERY EXECUTE format('SELECT t::text FROM public.%I t', one);
  END LOOP;
END $$
"""


@contextmanager
def running_servers() -> Iterator[Cluster]:
    """Servers in a folder of their own."""
    memory = Path("/dev/shm")  # noqa: S108 (a folder of ours is made in it)
    folder = Path(tempfile.mkdtemp(prefix="kbchat-test-", dir=memory if memory.is_dir() else None))
    try:
        lay_migrated_servers(folder)
        with attach_or_start(folder) as cluster:
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def prepare_database(cluster: Cluster) -> None:
    """Migrate as the owner; from then on settings and environment name these servers."""
    _migrate(cluster)
    _let_tests_in(cluster)
    _point_to(cluster)


def empty_tables() -> None:
    """After tests that commit: no row is left of any model, whatever role the connection has."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT testing.empty(%s)", [tables])


def everything_in_the_database() -> str:
    """Every row of every table, past every policy, as a dump would hold it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT testing.everything()")
        return "\n".join(row for (row,) in cursor.fetchall())


def lent_by(pool: "ConnectionPool[Any]") -> int:
    """How many connections somebody has taken and not given back."""
    stats = pool.get_stats()
    return stats.get("pool_size", 0) - stats.get("pool_available", 0)


def as_worker() -> AbstractContextManager[None]:
    """Inside, this thread's connection has the worker's rights."""
    return _as(WORKER_ROLE)


def as_owner() -> AbstractContextManager[None]:
    """Inside, this thread's connection has the rights of the tables' owner."""
    return _as(OWNER_ROLE)


@contextmanager
def redis_of_its_own(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A Redis that a test may kill, and its address."""
    address = folder / "redis.sock"
    command = [str(_find_program()), "--port", "0", "--unixsocket", str(address), "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_until(address.exists, 5)
        yield process, f"unix://{address}"
    finally:
        process.kill()
        process.wait()


def as_application() -> AbstractContextManager[None]:
    """Inside, where a worker works, somebody uses the application beside it."""
    return _as(APPLICATION_ROLE)


@contextmanager
def _as(role: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (former,) = cursor.fetchone()
        cursor.execute(f"SET ROLE {role}")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f"SET ROLE {former}")


def _migrate(cluster: Cluster) -> None:
    os.environ["DATABASE_URL"] = cluster.database_url
    os.environ["KBCHAT_OWNER_DATABASE_URL"] = cluster.owner_database_url
    os.environ["KBCHAT_WORKER_DATABASE_URL"] = cluster.worker_database_url
    os.environ["REDIS_URL"] = cluster.redis_url
    _connect_as(cluster.owner_database_url)
    call_command("migrate", verbosity=0)


def _let_tests_in(cluster: Cluster) -> None:
    with psycopg.connect(cluster.superuser_conninfo, autocommit=True, dbname="kbchat") as superuser:
        superuser.execute(f"CREATE ROLE {_LOGIN} LOGIN PASSWORD 'test'")
        superuser.execute(f"GRANT {OWNER_ROLE}, {APPLICATION_ROLE}, {WORKER_ROLE} TO {_LOGIN}")
        superuser.execute(_EMPTYING)


def _point_to(cluster: Cluster) -> None:
    host = urlsplit(cluster.database_url).netloc.rpartition("@")[2]
    _connect_as(f"postgresql://{_LOGIN}:test@{host}/kbchat?options={quote(f'-c role={APPLICATION_ROLE}')}")
    settings.REDIS_URL = cluster.redis_url
    settings.MEDIA_ROOT = cluster.logs.parent / "blobs"
    os.environ["KBCHAT_DATA_DIR"] = str(cluster.logs.parent)
    settings.CELERY_BROKER_URL = cluster.redis_url.replace("unix://", "redis+socket://", 1)
    settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = [cluster.redis_url]


def _connect_as(url: str) -> None:
    """By a pool, as the program does."""
    import dj_database_url

    connections.close_all()
    connection.close_pool()
    parsed = dj_database_url.parse(url)
    for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME"):
        connection.settings_dict[name] = parsed[name]
    pool = {"min_size": 0, "max_size": _MOST_CONNECTIONS, "timeout": 10, "reset": _reset_role}
    connection.settings_dict["OPTIONS"] = parsed.get("OPTIONS", {}) | {"pool": pool}


def _reset_role(returned: "psycopg.Connection[object]") -> None:
    returned.execute("RESET ROLE")
