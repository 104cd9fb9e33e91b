"""The queue is a doorbell: what waits stands in rows, and is done once, whatever becomes of Redis and of the jobs in it
(F3, F4, F7, F8)."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.db import connection
from django.test import override_settings

from kbchat.core import jobs, leases
from kbchat.core.jobs import Job, ring
from kbchat.indexing.encoders import only
from kbchat.indexing.generations import ensure_active_generation
from kbchat.indexing.models import Embedding
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.chunking import CHUNKING_POLICY
from kbchat.ingestion.models import Chunk, IngestionRun, RunState
from kbchat.library.documents import list_documents
from kbchat.library.ingesting import index_run, parse_run, sweep_runs
from kbchat.library.uploading import upload
from kbchat.parsing.sandbox import SandboxLimits
from tests.company import MAX_BYTES, Company, found_company, markdown
from tests.contracts.server_process import ScriptedServer
from tests.servers import as_worker, redis_of_its_own
from tests.waiting import allowed, wait_until
from tests.workers.worker_process import celery

pytestmark = [pytest.mark.torture, pytest.mark.django_db(transaction=True)]

WORKER = ("worker", "-Q", "parse,embed,maintenance", "-P", "solo", "--without-gossip", "--without-mingle")
PAGES = 10


@pytest.fixture
def company() -> Company:
    return found_company()


@contextmanager
def queue_at(address: str, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Inside, jobs of this process and of workers go through this Redis."""
    broker = address.replace("unix://", "redis+socket://", 1)
    with override_settings(REDIS_URL=address, CELERY_BROKER_URL=broker):
        patch.setenv("REDIS_URL", address)
        jobs._doorbell.cache_clear()
        yield
    jobs._doorbell.cache_clear()


def send_pages(company: Company, first: int = 0) -> None:
    for number in range(first, first + PAGES):
        page = markdown(f"# Page {number}\n\nRule number {number}.", f"page{number}.md")
        upload(company.admin, company.handbook.id, page, max_bytes=MAX_BYTES)


def ready(company: Company) -> int:
    return sum(row.state == "ready" for row in list_documents(company.admin, company.handbook.id))


def test_while_redis_is_down_files_are_taken_and_read_when_it_is_back(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder: ScriptedServer
) -> None:
    """F3, and F4: what was in it is gone."""
    for name, value in encoder.as_encoder.items():
        monkeypatch.setenv(name, value)
    with redis_of_its_own(tmp_path) as (process, address), queue_at(address, monkeypatch):
        send_pages(company)
        redis.Redis.from_url(address).flushall()
        kill(process, tmp_path)
        send_pages(company, PAGES)
        assert IngestionRun.objects.filter(state=RunState.QUEUED).count() == 2 * PAGES
        with redis_of_its_own(tmp_path), celery(*WORKER):
            ring(Job.SWEEP_RUNS)
            wait_until(lambda: ready(company) == 2 * PAGES, allowed(30))
    assert not IngestionRun.objects.exclude(state=RunState.SUCCEEDED, attempts=1).exists()


def kill(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    process.kill()
    process.wait()
    (folder / "redis.sock").unlink()


def test_a_job_that_comes_again_and_again_while_it_is_worked_on_is_done_once(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F7, F8: it takes many times as long as a lease, and everybody is told of it all the time."""
    monkeypatch.setattr(leases, "LEASE_SECONDS", 1.0)
    monkeypatch.setattr(leases, "_RENEW_SECONDS", 0.2)
    encoder = SlowEmbedder()
    page = markdown("# Leave\n\n" + "\n\n".join(f"## Part {n}\n\nRule {n}." for n in range(5)))
    row = upload(company.admin, company.handbook.id, page, max_bytes=MAX_BYTES)
    run = IngestionRun.objects.get(version=row.version_id)

    def work() -> None:
        with as_worker():
            parse_run(run.pk, encoders=only(encoder), limits=SandboxLimits())
            index_run(run.pk, encoders=only(encoder))

    def work_elsewhere() -> None:
        try:
            work()
        finally:
            connection.close()

    with as_worker():
        ensure_active_generation(HashEmbedder().identity, CHUNKING_POLICY)
    first = threading.Thread(target=work_elsewhere)
    first.start()
    assert encoder.has_begun.wait(30)
    others = [threading.Thread(target=work_elsewhere) for _ in range(3)]
    for each in others:
        each.start()
    for each in others:
        each.join()
    # Three leases would be over by now.
    threading.Event().wait(3)
    with as_worker():
        assert sweep_runs() == 0
    work()
    assert encoder.texts == 5, "only the first has asked for vectors"
    encoder.may_end.set()
    first.join()
    with as_worker():
        assert Chunk.objects.count() == Embedding.objects.count() == 5
    ended = IngestionRun.objects.get(pk=run.pk)
    assert (ended.state, ended.attempts) == (RunState.SUCCEEDED, 1)


class SlowEmbedder(HashEmbedder):
    """Works until it is told that it may end."""

    def __init__(self) -> None:
        super().__init__()
        self.has_begun = threading.Event()
        self.may_end = threading.Event()
        self.texts = 0

    def embed_documents(self, texts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        self.texts += len(texts)
        self.has_begun.set()
        assert self.may_end.wait(60)
        return super().embed_documents(texts)
