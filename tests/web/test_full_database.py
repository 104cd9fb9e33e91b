"""F30: the database's own disk is full. An upload is refused whole, what waits goes on waiting, and both are well as
soon as there is room again."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db.models.functions import Now

from kbchat.accounts.api_keys import create_api_key
from kbchat.documents.models import Document, DocumentVersion, VersionContent
from kbchat.embedded.cluster import Cluster
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.models import IngestionRun
from kbchat.library.ingesting import parse_run
from kbchat.parsing.sandbox import SandboxLimits
from tests.company import ingest, parsed_here
from tests.servers import as_worker
from tests.small_disk import SmallDisk, small_disk
from tests.web.conftest import Company
from tests.web.test_lost_uploads import files_below, upload
from tests.web.test_process import running_web

pytestmark = pytest.mark.django_db(transaction=True)

_TABLES = ("documents_documentversion", "documents_versioncontent")
_ROOM = 2_000_000


@pytest.fixture
def disk(servers: Cluster) -> Iterator[SmallDisk]:
    """Under those tables of the database that grow with every file."""
    data = servers.logs.parent
    with small_disk(data / "small", _ROOM) as small:
        place = small.folder / "place"
        place.mkdir(mode=0o700)
        owner = (data / "postgres").stat()
        os.chown(place, owner.st_uid, owner.st_gid)
        with psycopg.connect(servers.superuser_conninfo, autocommit=True, dbname="kbchat") as superuser:
            superuser.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
            try:
                for table in _TABLES:
                    superuser.execute(f"ALTER TABLE {table} SET TABLESPACE small")
                yield small
            finally:
                small.empty()
                for table in _TABLES:
                    superuser.execute(f"ALTER TABLE {table} SET TABLESPACE pg_default")
                superuser.execute("DROP TABLESPACE small")


def test_nothing_is_taken_by_half_and_everything_goes_on_when_there_is_room(
    company: Company, disk: SmallDisk, tmp_path: Path, settings: pytest.FixtureRequest
) -> None:
    settings.MEDIA_ROOT = tmp_path / "blobs"  # type: ignore[attr-defined]
    key = create_api_key(company.owner, "script")[1]
    page = b"# Leave\n\n" + b"".join(b"Sentence %d of many.\n\n" % number for number in range(5000))
    with running_web(tmp_path) as web:
        assert upload(web, company, key, page)[0] == 201
        disk.fill()
        taken, said = 1, {}
        for number in range(200):
            status, said = upload(web, company, key, b"# Note %d\n\nOf no matter.\n" % number)
            if status != 201:
                break
            taken += 1
        assert (status, said["code"]) == (507, "database_full")
        assert "disk" in str(said["message"])
        with as_worker():
            assert Document.objects.count() == DocumentVersion.objects.count() == taken
            assert IngestionRun.objects.count() == taken
        assert len(files_below(tmp_path)) == taken

        # More often than anything is tried whose own fault it might be.
        run = IngestionRun.objects
        with as_worker(), parsed_here():
            first = run.earliest("created_at")
            for _ in range(5):
                run.filter(pk=first.pk).update(not_before=Now())
                parse_run(first.pk, encoders=only(HashEmbedder()), limits=SandboxLimits())
            first.refresh_from_db()
            assert (first.state, first.problem, first.attempts) == ("queued", "database_full", 0)
            assert not VersionContent.objects.exists()

        disk.empty()
        status, said = upload(web, company, key, b"# Leave\n\nAs soon as there is room.\n")
        assert status == 201, said
        with as_worker():
            run.update(not_before=Now())
        ingest()
        with as_worker():
            states = set(DocumentVersion.objects.values_list("state", flat=True))
            problems = set(run.values_list("state", "problem"))
        assert states == {"ready"}
        assert problems == {("succeeded", "")}
