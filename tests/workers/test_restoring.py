"""A backup is a dump of the database and a copy of the files: in a new database it is whole, and what the files lack or
have too much of is told (F38)."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.test import override_settings

from kbchat.embedded.cluster import Cluster
from kbchat.embedded.postgres import _programs_folder
from kbchat.library.documents import delete_document
from kbchat.library.purging import purge_deleted
from kbchat.settings.environment import PROJECT_ROOT
from tests.company import PAGE, Company, add, found_company
from tests.servers import as_worker

pytestmark = pytest.mark.django_db(transaction=True)

RESTORED = "kbchat_restored"
_VERSION = "SELECT blob FROM documents_documentversion WHERE filename = %s"


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with override_settings(MEDIA_ROOT=tmp_path / "blobs"):
        yield found_company()


@pytest.fixture
def restored(servers: Cluster) -> Iterator[str]:
    """An empty database beside the one of the tests; its connection string."""
    with psycopg.connect(servers.superuser_conninfo, autocommit=True) as superuser:
        superuser.execute(f"CREATE DATABASE {RESTORED} OWNER kbchat_owner")
        try:
            yield psycopg.conninfo.make_conninfo(servers.superuser_conninfo, dbname=RESTORED)
        finally:
            superuser.execute(f"DROP DATABASE {RESTORED} WITH (FORCE)")


def dump(servers: Cluster, file: Path) -> None:
    source = psycopg.conninfo.make_conninfo(servers.superuser_conninfo, dbname="kbchat")
    command = [_programs_folder() / "pg_dump", "--format=custom", f"--file={file}", source]
    subprocess.run(command, check=True)


def restore(file: Path, conninfo: str) -> None:
    command = [_programs_folder() / "pg_restore", "--exit-on-error", f"--dbname={conninfo}", file]
    subprocess.run(command, check=True)


def reconciled(servers: Cluster, folder: Path, *arguments: str) -> tuple[int, str]:
    """`manage.py reconcile` on the restored database and the files in `folder`: its exit code and what it says."""
    urls = {
        "DATABASE_URL": servers.database_url,
        "KBCHAT_OWNER_DATABASE_URL": servers.owner_database_url,
        "KBCHAT_WORKER_DATABASE_URL": servers.worker_database_url,
    }
    moved = {name: urlunsplit(urlsplit(url)._replace(path=f"/{RESTORED}")) for name, url in urls.items()}
    environment = {name: value for name, value in os.environ.items() if name != "KBCHAT_PROCESS"}
    done = subprocess.run(
        [sys.executable, "manage.py", "reconcile", *arguments],
        cwd=PROJECT_ROOT,
        env=environment
        | moved
        | {"KBCHAT_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "kbchat.settings.base"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_what_is_restored_is_whole_and_says_what_the_files_lack(
    servers: Cluster, company: Company, restored: str, tmp_path: Path
) -> None:
    kept = add(company.admin, company.handbook, PAGE, "kept.md")
    gone = add(company.admin, company.handbook, PAGE.replace("28", "29"), "gone.md")
    dump(servers, tmp_path / "dump")
    backup = tmp_path / "backup"
    shutil.copytree(settings.MEDIA_ROOT, backup / "blobs")
    restore(tmp_path / "dump", restored)
    code, said = reconciled(servers, backup)
    assert code == 0, said
    assert said.endswith("Nothing is left over and nothing is missing.\n")

    # The files of a later moment: one document purged since, another one added.
    delete_document(company.admin, gone.id)
    with as_worker():
        assert purge_deleted() == 1
    add(company.admin, company.handbook, PAGE.replace("28", "30"), "newer.md")
    hours_ago = time.time() - 2 * 3600
    later = Path(settings.MEDIA_ROOT)
    for path in later.rglob("*"):
        os.utime(path, (hours_ago, hours_ago))
    code, said = reconciled(servers, later.parent)
    assert code == 1
    assert f"{gone.version_id}  the file of this version is lost" in said
    assert said.count("a file that no document has") == 1
    code, said = reconciled(servers, later.parent, "--mend")
    assert "Mended: 1 of 2." in said
    assert (code, str(kept.version_id) in said) == (1, False)
