"""The application's database in a Postgres server: its roles, and the extension only a superuser may create.

Tables, policies and what each role may do with them are the migrations' affair.
"""

from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

DATABASE = "kbchat"
OWNER_ROLE = "kbchat_owner"
APPLICATION_ROLE = "kbchat_app"
WORKER_ROLE = "kbchat_worker"


@dataclass(frozen=True, slots=True)
class RolePasswords:
    owner: str
    application: str
    worker: str

    def __repr__(self) -> str:
        return "RolePasswords(…)"


def ensure_database(superuser_conninfo: str, passwords: RolePasswords, *, database: str = DATABASE) -> None:
    """Make the three login roles, `database` owned by the owner role, and the extension `vector` in it.

    May be repeated. None of the roles is a superuser or passes row-level security; only they may connect. The
    owner may create roles: the migrations' rights roles are its own (kbchat.access.provisioning).
    `superuser_conninfo` is a libpq string; its database name is replaced. Raises psycopg.Error.
    """
    with psycopg.connect(superuser_conninfo, autocommit=True, dbname="postgres") as connection:
        for role, password, powers in (
            (OWNER_ROLE, passwords.owner, "CREATEROLE"),
            (APPLICATION_ROLE, passwords.application, "NOCREATEROLE"),
            (WORKER_ROLE, passwords.worker, "NOCREATEROLE"),
        ):
            _ensure_role(connection, role, password, powers)
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
        name = sql.Identifier(database)
        if known is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(OWNER_ROLE))
            )
        connection.execute(sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(name))
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}, {}").format(
                name, sql.Identifier(APPLICATION_ROLE), sql.Identifier(WORKER_ROLE)
            )
        )
    with psycopg.connect(superuser_conninfo, autocommit=True, dbname=database) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")


def _ensure_role(connection: psycopg.Connection, role: str, password: str, powers: LiteralString) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    verb = sql.SQL("CREATE ROLE" if known is None else "ALTER ROLE")
    connection.execute(
        sql.SQL("{} {} WITH LOGIN NOSUPERUSER NOCREATEDB {} NOREPLICATION NOBYPASSRLS PASSWORD {}").format(
            verb, sql.Identifier(role), sql.SQL(powers), sql.Literal(password)
        )
    )
