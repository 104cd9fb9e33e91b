"""The table of privileges is what the database grants, and the database guards every text."""

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection

from kbchat.access import privileges, self_check
from kbchat.access.self_check import PROTECTED, problems
from kbchat.embedded.cluster import Cluster
from kbchat.embedded.database import APPLICATION_ROLE, OWNER_ROLE, WORKER_ROLE
from tests.company import found_company

pytestmark = pytest.mark.django_db

_GRANTED = """
    SELECT name, string_agg(privilege, ', ') FROM (
        SELECT table_name AS name, privilege_type AS privilege FROM information_schema.role_table_grants
        WHERE grantee = %(role)s AND table_schema = 'public'
        UNION ALL
        SELECT c.relname, a.privilege_type || ' (' || t.attname || ')'
        FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a
        JOIN pg_roles r ON r.oid = a.grantee
        WHERE r.rolname = %(role)s AND c.relnamespace = 'public'::regnamespace
    ) AS granted GROUP BY name
"""
# Partitions hold what their parent holds, and are reached through it.
_PARTITION = re.compile(r"_(g\d+|default|\d+)$")


@pytest.fixture
def catalogue(servers: Cluster, db: None) -> Iterator[object]:
    """The superuser's view: a role sees only its own grants in the information schema."""
    import psycopg

    with psycopg.connect(servers.superuser_conninfo, dbname="kbchat") as superuser:
        yield superuser


def words(listed: str) -> set[str]:
    return {word.strip() for word in listed.split(",") if word.strip()}


@pytest.mark.parametrize(
    ("role", "column"), [(privileges.APPLICATION, "application"), (privileges.WORKER, "worker")]
)
def test_each_rights_role_has_exactly_what_the_table_says(catalogue: object, role: str, column: str) -> None:
    rows = catalogue.execute(_GRANTED, {"role": role}).fetchall()  # type: ignore[attr-defined]
    granted = {table: words(listed) for table, listed in rows}
    expected = {
        table: words(getattr(row, column))
        for table, row in privileges.PRIVILEGES.items()
        if getattr(row, column)
    }
    assert granted == expected


def test_nobody_calls_a_function_of_the_gate_s_but_whom_the_list_names(catalogue: object) -> None:
    """What the gate owns reads beyond its caller's rows; a function is everybody's unless its owner says otherwise."""
    rows = catalogue.execute(  # type: ignore[attr-defined]
        """
        SELECT p.oid::regprocedure::text, coalesce(r.rolname, 'PUBLIC')
        FROM pg_proc p CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE p.proowner = %(gate)s::regrole
        """,
        {"gate": privileges.GATE},
    ).fetchall()
    granted: dict[str, set[str]] = {}
    for function, role in rows:
        granted.setdefault(function.replace(",", ", "), set()).update({role} - {privileges.GATE})
    assert granted == {function: set(roles) for function, roles in privileges.GATE_FUNCTIONS.items()}


def test_the_logins_have_no_privilege_of_their_own(catalogue: object) -> None:
    for role in (APPLICATION_ROLE, WORKER_ROLE, "public"):
        rows = catalogue.execute(_GRANTED, {"role": role}).fetchall()  # type: ignore[attr-defined]
        assert rows == []


def test_every_table_is_in_the_list() -> None:
    with connection.cursor() as cursor:
        tables = {
            name for name in connection.introspection.table_names(cursor) if not _PARTITION.search(name)
        }
    assert tables == set(privileges.PRIVILEGES)


def test_every_model_with_text_is_protected() -> None:
    """Documents, sources, conversations, gaps, golden questions, receipts and holds, the audit trail; the index holds
    numbers and terms, joined to what is visible."""
    rooms = ("documents", "library", "chat", "insights", "evaluation", "retention", "audit")
    tables = {
        model._meta.db_table
        for room in rooms
        for model in apps.get_app_config(room).get_models(include_auto_created=True)
    }
    assert tables | {"ingestion_chunk"} == set(PROTECTED)


def test_no_role_of_the_program_passes_row_level_security(catalogue: object) -> None:
    rows = catalogue.execute(  # type: ignore[attr-defined]
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'kbchat%%' AND (rolsuper OR rolbypassrls OR rolcreatedb)"
    ).fetchall()
    assert rows == []


def test_the_worker_has_no_right_on_conversations() -> None:
    assert not [
        name for name, row in privileges.PRIVILEGES.items() if name.startswith("chat_") and row.worker
    ]


def test_what_insights_are_made_by_is_the_applications_alone(catalogue: object) -> None:
    rows = catalogue.execute(  # type: ignore[attr-defined]
        """SELECT p.proname, coalesce(r.rolname, 'public') FROM pg_proc p, aclexplode(p.proacl) a
           LEFT JOIN pg_roles r ON r.oid = a.grantee
           WHERE p.proname ~ '^kbchat_(insight|counted|gap|sees_gap|tell_askers|drop_empty)'
             AND a.grantee <> p.proowner"""
    ).fetchall()
    assert len(rows) == 8
    assert {role for _, role in rows} == {privileges.APPLICATION}


def test_a_sound_connection_has_no_problem() -> None:
    found_company()
    assert problems() == []


def test_an_older_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found_company()
    monkeypatch.setattr(self_check, "OLDEST_SERVER", 990000)
    assert [problem for problem in problems() if problem.startswith("PostgreSQL 99 or newer is needed")]


def test_the_owner_is_told_apart() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {OWNER_ROLE}")
    assert any("owns tables" in problem for problem in problems())


def test_a_table_without_force_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {OWNER_ROLE}")
        cursor.execute("ALTER TABLE chat_turn NO FORCE ROW LEVEL SECURITY")
        cursor.execute(f"SET LOCAL ROLE {APPLICATION_ROLE}")
    assert [problem for problem in problems() if "chat_turn" in problem]


def test_a_policy_that_lets_everybody_read_is_found() -> None:
    found_company()
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {OWNER_ROLE}")
        cursor.execute("CREATE POLICY oops ON documents_collection FOR SELECT USING (true)")
        cursor.execute(f"SET LOCAL ROLE {APPLICATION_ROLE}")
    assert problems() == ["documents_collection shows rows to nobody in particular."]
