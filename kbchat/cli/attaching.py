"""Before any command: attach to the embedded servers, or start them for its time, where no URL names others.

Runs before Django is set up, since Django's settings need the addresses. Children inherit them by environment and
hold nothing: the servers live as long as the process that attached.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from psycopg.errors import UndefinedColumn, UndefinedTable

from kbchat.cli.address import claim_port
from kbchat.cli.judged_arguments import WrongArguments, require_usable
from kbchat.cli.only_program import only_program
from kbchat.cli.scratch_servers import is_judged_set, migrate_scratch_servers, scratch_environment
from kbchat.embedded.cluster import Cluster, attach_or_start
from kbchat.embedded.errors import EmbeddedError
from kbchat.settings.environment import Environment, SettingsError, read_environment

StartError = (EmbeddedError, SettingsError, WrongArguments)
"""What a command may fail with before it begins; the message says what to do."""

_PROCESS_OF_COMMAND = {
    "migrate": "owner",
    "run": "owner",
    "prepare": "owner",
    "verify_audit": "owner",
    "index_vectors": "owner",
    "set_fusion": "worker",
    "set_abstention": "worker",
    "reconcile": "worker",
}
_WITHOUT_SERVERS = frozenset(
    {"", "help", "version", "export_schemas", "makemigrations", "makemessages", "compilemessages"}
)

_IN_A_SCRATCH_LIBRARY = frozenset({"evaluate_retrieval", "tune_fusion"})
_IN_A_SCRATCH_LIBRARY_FOR_FOLDERS = frozenset({"evaluate_answers", "tune_abstention"})

_cluster: Cluster | None = None


def current_cluster() -> Cluster | None:
    """The embedded servers that this process holds, if any."""
    return _cluster


def embedded_database() -> Cluster:
    """The servers that this process holds, with the database in them. Raises EmbeddedError where DATABASE_URL names
    another one."""
    if _cluster is None or not read_environment().embedded_postgres:
        raise EmbeddedError(
            "The database is not the embedded one: DATABASE_URL names a server.",
            next_step="Use PostgreSQL's own programs there; docs/backups.md has the lines.",
        )
    return _cluster


@contextmanager
def attached(arguments: Sequence[str]) -> Iterator[None]:
    """The time of one command. Raises EmbeddedError, SettingsError or WrongArguments."""
    command = arguments[0] if arguments else ""
    os.environ.setdefault("KBCHAT_PROCESS", _PROCESS_OF_COMMAND.get(command, "application"))
    if command in _WITHOUT_SERVERS or {"--help", "-h"} & set(arguments):
        os.environ["DJANGO_SETTINGS_MODULE"] = "kbchat.settings.checking"
        yield
        return
    if _needs_a_scratch_library(arguments):
        require_usable(arguments)
        with scratch_environment(arguments), _servers(read_environment()):
            migrate_scratch_servers()
            yield
        return
    environment = read_environment()
    with ExitStack() as held:
        if command == "run":
            tell = held.enter_context(only_program(environment.data_dir))
            os.environ["KBCHAT_PORT"] = str(claim_port(environment.host, environment.port))
            tell(read_environment().origins[0])
        if not (environment.database_url and environment.redis_url):
            held.enter_context(_servers(environment))
        yield


def _needs_a_scratch_library(arguments: Sequence[str]) -> bool:
    command, *others = arguments
    return command in _IN_A_SCRATCH_LIBRARY or (
        command in _IN_A_SCRATCH_LIBRARY_FOR_FOLDERS and any(is_judged_set(Path(each)) for each in others)
    )


@contextmanager
def _servers(environment: Environment) -> Iterator[None]:
    global _cluster
    with attach_or_start(environment.data_dir, announce=_announce) as cluster:
        _cluster = cluster
        _export(cluster, environment)
        try:
            yield
        finally:
            _cluster = None


def is_of_missing_tables(error: BaseException) -> bool:
    """Whether a command failed since its database was never migrated, or not since the last release."""
    return isinstance(error.__cause__, UndefinedTable | UndefinedColumn)


def _export(cluster: Cluster, environment: Environment) -> None:
    if environment.database_url is None:
        os.environ["DATABASE_URL"] = cluster.database_url
        os.environ["KBCHAT_OWNER_DATABASE_URL"] = cluster.owner_database_url
        os.environ["KBCHAT_WORKER_DATABASE_URL"] = cluster.worker_database_url
        os.environ["KBCHAT_EMBEDDED_POSTGRES"] = "1"
    if environment.redis_url is None:
        os.environ["REDIS_URL"] = cluster.redis_url


def _announce(words: str) -> None:
    sys.stderr.write(words + "\n")
