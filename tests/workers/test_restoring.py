"""A backup is a dump of the database and a copy of the files: in a new database it is whole, and what the files lack or
have too much of is told (F38)."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.test import override_settings

from kbchat.access.viewing import viewing
from kbchat.core.text import Span
from kbchat.documents.models import VersionContent
from kbchat.embedded.cluster import Cluster, attach_or_start
from kbchat.embedded.postgres import programs_folder
from kbchat.evaluation.asking import Place
from kbchat.evaluation.keeping import QuestionWish, keep_question
from kbchat.library.deleting import delete_document
from kbchat.library.documents import document_row
from kbchat.library.purging import purge_deleted
from kbchat.library.uploading import upload
from kbchat.retrieval.port import Scope
from kbchat.settings.environment import PROJECT_ROOT
from tests.company import MAX_BYTES, PAGE, Company, add, found_company, markdown
from tests.contracts.server_process import ScriptedServer
from tests.servers import as_worker
from tests.waiting import allowed, wait_until
from tests.workers.test_long_scans import working

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


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Cluster]:
    """Another server, which knows nothing of kbchat."""
    with attach_or_start(tmp_path / "elsewhere") as other:
        with psycopg.connect(other.superuser_conninfo, autocommit=True) as superuser:
            superuser.execute("DROP DATABASE kbchat")
            superuser.execute("DROP ROLE kbchat_owner, kbchat_app, kbchat_worker")
        yield other


def dump(servers: Cluster, file: Path) -> None:
    source = psycopg.conninfo.make_conninfo(servers.superuser_conninfo, dbname="kbchat")
    run_program("pg_dump", "--format=custom", f"--file={file}", source)


def restore(file: Path, conninfo: str) -> None:
    run_program("pg_restore", "--exit-on-error", f"--dbname={conninfo}", str(file))


def run_program(name: str, *arguments: str) -> None:
    """One of PostgreSQL's."""
    subprocess.run([programs_folder() / name, *arguments], check=True)


def reconciled(servers: Cluster, folder: Path, *arguments: str) -> tuple[int, str]:
    """`manage.py reconcile` on the restored database and the files in `folder`: its exit code and what it says."""
    return managed(servers, RESTORED, "reconcile", *arguments, KBCHAT_DATA_DIR=str(folder))


def managed(
    servers: Cluster, database: str, *arguments: str, at: Cluster | None = None, **settings: str
) -> tuple[int, str]:
    """`manage.py ARGUMENTS` on a database beside that of the tests, or at another server with the same passwords: its
    exit code and what it says."""
    urls = {
        "DATABASE_URL": servers.database_url,
        "KBCHAT_OWNER_DATABASE_URL": servers.owner_database_url,
        "KBCHAT_WORKER_DATABASE_URL": servers.worker_database_url,
    }
    here, there = (quote(str(each.sockets), safe="") for each in (servers, at or servers))
    moved = {
        name: urlunsplit(urlsplit(url.replace(here, there))._replace(path=f"/{database}"))
        for name, url in urls.items()
    }
    environment = {name: value for name, value in os.environ.items() if name != "KBCHAT_PROCESS"}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT_ROOT,
        env=environment | moved | {"DJANGO_SETTINGS_MODULE": "kbchat.settings.base"} | settings,
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


@pytest.mark.torture
def test_another_server_brings_it_back_with_the_roles(
    servers: Cluster, company: Company, elsewhere: Cluster, tmp_path: Path
) -> None:
    """As docs/backups.md says."""
    add(company.admin, company.handbook, PAGE, "kept.md")
    dump(servers, tmp_path / "dump")
    shutil.copytree(settings.MEDIA_ROOT, tmp_path / "backup" / "blobs")
    roles = tmp_path / "roles.sql"
    run_program("pg_dumpall", "--roles-only", f"--file={roles}", f"--dbname={servers.superuser_conninfo}")
    run_program("psql", "--quiet", f"--file={roles}", elsewhere.superuser_conninfo)
    # Its superuser has the other one's password now.
    superuser = psycopg.conninfo.make_conninfo(servers.superuser_conninfo, host=str(elsewhere.sockets))
    run_program("createdb", "--owner=kbchat_owner", f"--maintenance-db={superuser}", "kbchat")
    restore(tmp_path / "dump", psycopg.conninfo.make_conninfo(superuser, dbname="kbchat"))
    folder = {"KBCHAT_DATA_DIR": str(tmp_path / "backup")}
    code, said = managed(servers, "kbchat", "migrate", at=elsewhere, **folder)
    assert (code, "No migrations to apply." in said) == (0, True), said
    code, said = managed(servers, "kbchat", "reconcile", at=elsewhere, **folder)
    assert code == 0, said
    assert said.endswith("Nothing is left over and nothing is missing.\n")


def test_no_role_of_its_own_makes_a_dump(servers: Cluster, company: Company, tmp_path: Path) -> None:
    """It would lack what its rows hide; and it does not look like one that worked."""
    for url in (servers.owner_database_url, servers.worker_database_url, servers.database_url):
        with pytest.raises(subprocess.CalledProcessError):
            run_program("pg_dump", "--format=custom", f"--file={tmp_path / 'dump'}", url)


@pytest.mark.torture
def test_a_database_without_vectors_is_told_and_left_as_it_is(servers: Cluster, restored: str) -> None:
    """The owner is no superuser, and may not make the extension."""
    code, said = managed(servers, RESTORED, "migrate")
    assert (code, "CREATE EXTENSION vector" in said, "Traceback" in said) == (1, True, False), said
    with psycopg.connect(restored, autocommit=True) as superuser:
        (tables,) = (
            superuser.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() or ()
        )
        assert tables == 0
        superuser.execute("CREATE EXTENSION vector")
    code, said = managed(servers, RESTORED, "migrate")
    assert code == 0, said


def test_golden_questions_find_in_what_is_restored_what_they_found_before(
    servers: Cluster, restored: str, tmp_path: Path, encoder: ScriptedServer
) -> None:
    """Asked of both by the command that an operator has for it; where the index is not whole, they say so."""
    company = found_company()
    with working(encoder, processes=1):
        row = upload(company.admin, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES)
        wait_until(lambda: document_row(company.admin, row.id).state == "ready", allowed(30))
    with viewing(company.admin):
        start = VersionContent.objects.get(version=row.version_id).text.index("28 days")
    place = Place(row.version_id, Span(start, start + len("28 days")))
    wish = QuestionWish("How many days of leave does everybody have?", Scope((company.handbook.id,)), [place])
    keep_question(company.admin, wish)

    def figures(database: str) -> dict[str, object]:
        told = tmp_path / database
        command = ("run_golden_questions", "--as", "admin@example.com", "--json", str(told))
        code, said = managed(servers, database, *command, **encoder.as_encoder)
        assert code == 0, said
        known = json.loads(told.read_text())
        return {name: known[name] for name in ("answerable", "found", "recall", "mrr", "outdated")}

    before = figures("kbchat")
    assert (before["answerable"], before["found"]) == (1, 1)
    dump(servers, tmp_path / "dump")
    restore(tmp_path / "dump", restored)
    assert figures(RESTORED) == before
    with psycopg.connect(restored, autocommit=True) as superuser:
        superuser.execute("DELETE FROM indexing_posting")
        superuser.execute("DELETE FROM indexing_embedding")
    assert figures(RESTORED)["found"] == 0
