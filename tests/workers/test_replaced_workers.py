"""A process that parses is replaced after so many jobs, by another one that goes on; what it had started ends with it
(F39)."""

import psutil
import pytest

from kbchat.ingestion.models import IngestionRun, Step
from kbchat.library.uploading import upload
from tests.company import MAX_BYTES, found_company, markdown
from tests.servers import as_worker
from tests.waiting import allowed, wait_until
from tests.workers.worker_process import celery
from workers.app import app

pytestmark = pytest.mark.django_db(transaction=True)


def test_workers_are_replaced_by_their_jobs_and_by_their_memory() -> None:
    assert 0 < app.conf.worker_max_tasks_per_child <= 10_000
    assert 0 < app.conf.worker_max_memory_per_child <= 2 * 1024 * 1024


@pytest.mark.torture
def test_one_after_the_other_goes_on_and_nothing_of_the_former_is_left() -> None:
    company = found_company()
    for number in range(6):
        file = markdown(f"# Page {number}\n\nWords.")
        upload(company.admin, company.handbook.id, file, max_bytes=MAX_BYTES)
    seen: set[psutil.Process] = set()

    def all_parsed() -> bool:
        seen.update(main.children(recursive=True))
        with as_worker():
            return IngestionRun.objects.filter(step=Step.EMBEDDING).count() == 6

    command = ("worker", "-Q", "parse,maintenance", "-c", "1", "--max-tasks-per-child", "2")
    with celery(*command, "--without-gossip", "--without-mingle", "-l", "WARNING") as process:
        main = psutil.Process(process.pid)
        wait_until(all_parsed, allowed(60))
        workers = {each for each in seen if each.is_running() and each.ppid() == main.pid}
        # The last one, with what it has started.
        wait_until(lambda: sum(each.is_running() for each in seen - workers) <= 1, allowed(10))
        assert len(workers) == 1
        assert len(seen) >= 4
