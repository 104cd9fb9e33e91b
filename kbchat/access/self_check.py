"""Whether row-level security really binds this process's connection; asked at the start of every process.

A superuser, a role with BYPASSRLS, or the owner of a table without FORCE passes every policy silently: a wrong
DATABASE_URL would open all documents to everybody, and nothing would fail. Hence this look at the catalogue, and one
at the tables themselves: without a viewer they must show nothing.
"""

from typing import Final

from django.db import connection
from psycopg import sql

from kbchat.access.viewing import no_viewer

PROTECTED: Final = (
    "documents_collection",
    "documents_document",
    "documents_documentversion",
    "documents_versioncontent",
    "documents_section",
    "documents_silencedpassage",
    "ingestion_chunk",
    "chat_conversation",
    "chat_turn",
    "chat_turnterms",
    "chat_shown",
    "chat_citation",
    "chat_feedback",
    "chat_tokensspent",
    "chat_share",
    "chat_share_turns",
    "insights_gap",
    "insights_gapreport",
    "insights_askedagain",
    "library_keptsource",
    "library_sourceitem",
    "library_sourcerun",
    "library_sourcetrial",
    "retention_deletionreceipt",
    "retention_erasurereceipt",
    "retention_legalhold",
    "retention_collectionrule",
    "retention_conversationrule",
    "evaluation_keptquestion",
    "evaluation_expectedplace",
    "evaluation_goldenrun",
    "evaluation_questionfigures",
    "audit_auditevent",
)
"""The tables with titles, text, what people wrote, or what they did."""

OLDEST_SERVER: Final = 160000
"""Roles that make roles without being superusers work as `migrate` needs them from here on."""

_ROLE = """
    SELECT rolname, rolsuper, rolbypassrls, current_setting('server_version_num')::int
    FROM pg_roles WHERE rolname = current_user
"""
_TABLES = """
    SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, pg_has_role(current_user, c.relowner, 'MEMBER')
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY (%s)
"""
_READS_CONVERSATIONS = """
    SELECT coalesce(bool_or(has_table_privilege(c.oid, 'SELECT')), false)
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relname = 'chat_turn'
"""


def problems() -> list[str]:
    """What is wrong with the application's connection, in words for the operator; empty when the database guards every
    text. Raises OperationalError."""
    found = _role_problems()
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [list(PROTECTED)])
        tables = {name: is_forced for name, is_forced, _ in cursor.fetchall()}
    missing = [name for name in PROTECTED if name not in tables]
    if missing:
        found.append(f"These tables are missing: {', '.join(missing)}. Run `manage.py migrate`.")
    unforced = [name for name, is_forced in tables.items() if not is_forced]
    if unforced:
        found.append(
            f"Row-level security is not forced on {', '.join(sorted(unforced))}. Run `manage.py migrate`."
        )
    if not found:
        found += [f"{name} shows rows to nobody in particular." for name in _open_to_nobody()]
    return found


def worker_problems() -> list[str]:
    """The same of a worker's: it has a role of its own, which reads no conversation. Raises OperationalError."""
    found = _role_problems()
    with connection.cursor() as cursor:
        cursor.execute(_READS_CONVERSATIONS)
        row = cursor.fetchone()
    if row and row[0] and not found:
        found.append(
            "This database role reads conversations; KBCHAT_WORKER_DATABASE_URL must name the workers'."
        )
    return found


def _role_problems() -> list[str]:
    """Of the role alone, whoever uses it."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLE)
        role, is_superuser, bypasses, server = cursor.fetchone() or ("?", True, True, 0)
        cursor.execute(_TABLES, [list(PROTECTED)])
        owns = any(is_own for _, _, is_own in cursor.fetchall())
    found = []
    if server < OLDEST_SERVER:
        found.append(f"PostgreSQL {OLDEST_SERVER // 10000} or newer is needed, this is {server // 10000}.")
    if is_superuser:
        found.append(f"The database role {role} is a superuser: row-level security does not bind it.")
    if bypasses:
        found.append(f"The database role {role} has BYPASSRLS: row-level security does not bind it.")
    if owns:
        found.append(
            f"The database role {role} owns tables; this process needs the address of another role than the owner's."
        )
    return found


def _open_to_nobody() -> list[str]:
    """Tables of which something is visible although no viewer is set."""
    seen = []
    with no_viewer(), connection.cursor() as cursor:
        for name in PROTECTED:
            cursor.execute(sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(sql.Identifier(name)))
            row = cursor.fetchone()
            if row is None or row[0]:
                seen.append(name)
    return seen
