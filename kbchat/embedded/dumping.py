"""A dump of the embedded database, and bringing one back: by PostgreSQL's own programs, which come with the server.

As the superuser, since row-level security holds for everybody else. No password is on a command line.
"""

import os
import subprocess
from pathlib import Path
from typing import IO, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from kbchat.core.private_files import private_file
from kbchat.embedded.cluster import Cluster
from kbchat.embedded.database import DATABASE
from kbchat.embedded.errors import EmbeddedError
from kbchat.embedded.postgres import programs_folder

DUMP: Final = "kbchat.dump"
ROLES: Final = "roles.sql"
_TABLES: Final = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


def write_dump(cluster: Cluster, folder: Path) -> None:
    """The database and the roles that it names, as two files of mode 0600 in `folder`, each there whole or not at all.
    Passwords of roles are left out. Raises EmbeddedError, OSError."""
    with private_file(folder / ROLES) as file:
        _run(cluster, "pg_dumpall", "--roles-only", "--no-role-passwords", output=file)
    with private_file(folder / DUMP) as file:
        _run(cluster, "pg_dump", "--format=custom", DATABASE, output=file)


def is_empty(cluster: Cluster) -> bool:
    """Whether nothing was ever migrated into the database."""
    with psycopg.connect(cluster.superuser_conninfo, dbname=DATABASE) as connection:
        return connection.execute(_TABLES).fetchone() == (0,)


def restore_dump(cluster: Cluster, folder: Path) -> None:
    """Bring what `write_dump` wrote into an empty database: all of it or nothing. Raises EmbeddedError."""
    # Roles that are there already are told and stay; of one that is missing the dump tells.
    _run(cluster, "psql", "--no-psqlrc", "--quiet", f"--file={folder / ROLES}", "postgres")
    whole = ("--exit-on-error", "--single-transaction", f"--dbname={DATABASE}")
    _run(cluster, "pg_restore", *whole, str(folder / DUMP))


def _run(cluster: Cluster, program: str, *arguments: str, output: IO[bytes] | None = None) -> None:
    done = subprocess.run(
        [programs_folder() / program, *arguments],
        env=_environment(cluster),
        stdin=subprocess.DEVNULL,
        stdout=output or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise EmbeddedError(
            f"{program} failed: {_reason(done.stderr)}",
            next_step=f"Nothing was kept of it. See {cluster.logs}, then try again.",
        )


def _environment(cluster: Cluster) -> dict[str, str]:
    known = conninfo_to_dict(cluster.superuser_conninfo)
    return {
        "PATH": os.defpath,
        "LC_ALL": "C",
        "PGHOST": str(known["host"]),
        "PGUSER": str(known["user"]),
        "PGPASSWORD": str(known["password"]),
    }


def _reason(errors: bytes) -> str:
    """Of what a program said before it gave up, the line that says why; the others may hold rows."""
    lines = errors.decode(errors="replace").splitlines()
    return next((line for line in lines if "error:" in line), "it does not say why.")
