"""What the owner's connection sets up around the migrations: roles before them, privileges after them.

Both may be repeated at any time and leave the same state.
"""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from kbchat.access.privileges import (
    APPLICATION,
    EVERYBODYS_FUNCTIONS,
    GATE,
    GATE_FUNCTIONS,
    PRIVILEGES,
    WORKER,
    WORKER_FUNCTIONS,
)


@dataclass(frozen=True, slots=True)
class Login:
    role: str
    password: str | None

    @classmethod
    def of_url(cls, url: str) -> "Login":
        parts = urlsplit(url)
        return cls(unquote(parts.username or ""), unquote(parts.password) if parts.password else None)


def ensure_roles(*, application: Login, worker: Login) -> None:
    """Make the rights roles, and the login roles where they are missing; put each login into its rights role.

    Raises django.db.ProgrammingError where the owner may not create roles.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # Two starters at once must not both find a role missing.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kbchat roles'))")
        for role in (APPLICATION, WORKER, GATE):
            if not _exists(cursor, role):
                _run(cursor, "CREATE ROLE {} NOLOGIN NOSUPERUSER NOBYPASSRLS", role)
        # To hand the visibility functions to the gate role the owner must be able to become it.
        cursor.execute("SELECT pg_has_role(current_user, %s, 'SET')", [GATE])
        if not _single(cursor):
            _run(cursor, "GRANT {} TO CURRENT_USER WITH SET TRUE, INHERIT FALSE", GATE)
        for login, rights in ((application, APPLICATION), (worker, WORKER)):
            _ensure_login(cursor, login, rights)


def grant_privileges() -> None:
    """Bring every table's privileges to the list, taking away what is not on it."""
    with transaction.atomic(), connection.cursor() as cursor:
        for role in (APPLICATION, WORKER):
            _run(cursor, "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}", role)
            _run(cursor, "GRANT USAGE ON SCHEMA public TO {}", role)
            _run(cursor, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}", role)
        for table, privileges in PRIVILEGES.items():
            for role, words in ((APPLICATION, privileges.application), (WORKER, privileges.worker)):
                if words:
                    statement = sql.SQL("GRANT {} ON {} TO {}")
                    cursor.execute(
                        statement.format(sql.SQL(words), sql.Identifier(table), sql.Identifier(role))
                    )
        for function in WORKER_FUNCTIONS:
            _run(cursor, f"GRANT EXECUTE ON FUNCTION {function} TO {{}}", WORKER)
        # As their owner: nobody else's GRANT and REVOKE would count.
        _run(cursor, "SET LOCAL ROLE {}", GATE)
        for function, roles in GATE_FUNCTIONS.items():
            cursor.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")  # names from the list
            for role in (APPLICATION, WORKER):
                _run(cursor, f"REVOKE ALL ON FUNCTION {function} FROM {{}}", role)
            for role in roles:
                _run(cursor, f"GRANT EXECUTE ON FUNCTION {function} TO {{}}", role)
        cursor.execute("RESET ROLE")
        for function in EVERYBODYS_FUNCTIONS:
            for role in (APPLICATION, WORKER, GATE):
                _run(cursor, f"GRANT EXECUTE ON FUNCTION {function} TO {{}}", role)


def _ensure_login(cursor: CursorWrapper, login: Login, rights: str) -> None:
    if not _exists(cursor, login.role):
        statement = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {}")
        cursor.execute(statement.format(sql.Identifier(login.role), sql.Literal(login.password)))
    cursor.execute("SELECT pg_has_role(%s, %s, 'USAGE')", [login.role, rights])
    if not _single(cursor):
        cursor.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(rights), sql.Identifier(login.role)))


def _exists(cursor: CursorWrapper, role: str) -> bool:
    cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [role])
    return _single(cursor)


def _single(cursor: CursorWrapper) -> bool:
    row = cursor.fetchone()
    return bool(row and row[0])


def _run(cursor: CursorWrapper, statement: str, role: str) -> None:
    cursor.execute(sql.SQL(statement).format(sql.Identifier(role)))
