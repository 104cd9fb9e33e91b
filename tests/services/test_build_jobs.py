"""The jobs of builds: rung once too often, ended in the middle again and again, asked for twice at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from kbchat.core import jobs
from kbchat.core.errors import Conflict
from kbchat.core.jobs import Job, Queue
from kbchat.indexing.encoders import EncoderSource
from kbchat.indexing.vector_index import keep_vector_indexes
from kbchat.rebuilding import building, giving_way
from kbchat.rebuilding.building import go_on_building, sweep_builds
from kbchat.rebuilding.builds import MOST_ATTEMPTS, advance, claim, try_again
from kbchat.rebuilding.managing import pause_build, request_build, resume_build
from kbchat.rebuilding.models import Build
from tests.company import Company
from tests.servers import as_worker
from tests.services.rebuilding_support import UNREAD, company_with_pages, encoders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    return company_with_pages()


class Doorbell:
    """Keeps the jobs of builds that are rung, as the queue does, and the names of others."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Any, ...]] = []
        self.others: list[Job] = []

    def ring(self, job: Job, *ids: Any, in_bulk: bool = False) -> None:
        if job is Job.GO_ON_BUILDING:
            self.waiting.append(ids)
        else:
            self.others.append(job)

    def work(self) -> None:
        """On what waits now."""
        rung, self.waiting = self.waiting, []
        with as_worker():
            for ids in rung:
                go_on_building(*ids, encoders=encoders())


@pytest.fixture
def doorbell(monkeypatch: pytest.MonkeyPatch) -> Doorbell:
    """A job fills four passages."""
    doorbell = Doorbell()
    monkeypatch.setattr(jobs, "ring", doorbell.ring)
    monkeypatch.setattr(giving_way, "LEAST_BATCH", 4)
    monkeypatch.setattr(giving_way, "BATCH", 4)
    monkeypatch.setattr(building, "_COURTESY", giving_way.Courtesy(lambda: False))
    monkeypatch.setattr(building, "_AT_A_TIME_SECONDS", 0.0)
    return doorbell


def test_of_the_jobs_that_are_rung_for_one_build_one_goes_on(company: Company, doorbell: Doorbell) -> None:
    build_id = request_build(company.admin, EncoderSource("small"))
    with as_worker():
        for _ in range(4):
            sweep_builds(UNREAD)
    assert len(doorbell.waiting) == 5
    doorbell.work()
    assert (len(doorbell.waiting), Build.objects.get(pk=build_id).written) == (1, 4)
    pause_build(company.admin, build_id)
    resume_build(company.admin, build_id)
    assert len(doorbell.waiting) == 2
    doorbell.work()
    assert (len(doorbell.waiting), Build.objects.get(pk=build_id).written) == (1, 8)


def test_the_graph_index_is_left_to_a_job_of_another_queue(company: Company, doorbell: Doorbell) -> None:
    build_id = request_build(company.admin, EncoderSource("small"))
    while doorbell.waiting:
        doorbell.work()
    built = Build.objects.get(pk=build_id)
    assert built.generation is not None
    assert (built.state, built.generation.vectors) == ("built", 0)
    assert doorbell.others == [Job.KEEP_VECTOR_INDEXES]
    assert Job.KEEP_VECTOR_INDEXES.queue is Queue.MAINTENANCE
    with as_worker():
        keep_vector_indexes()
    built.generation.refresh_from_db()
    assert built.generation.vectors == built.passages


def test_two_new_generations_are_not_built_at_once(company: Company) -> None:
    def ask(_: int) -> str:
        try:
            return str(request_build(company.admin))
        except Conflict as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(ask, range(4)))
    assert told.count("build_under_way") == 3
    assert Build.objects.count() == 1


def test_whose_requester_is_gone_is_built_all_the_same_and_what_failed_does_not_begin_beside_another(
    company: Company,
) -> None:
    failed = request_build(company.admin)
    Build.objects.filter(pk=failed).update(state="failed", finished_at=timezone.now())
    other = request_build(company.admin)
    Build.objects.filter(pk=other).update(requested_by=None)
    for begin in (lambda: request_build(company.admin), lambda: resume_build(company.admin, failed)):
        with pytest.raises(Conflict, match="build_under_way"):
            begin()
    assert Build.objects.get(pk=failed).state == "failed"


def test_what_is_tried_again_after_it_came_further_has_all_its_attempts(company: Company) -> None:
    build_id = request_build(company.admin, EncoderSource("small"))
    Build.objects.filter(pk=build_id).update(attempts=MOST_ATTEMPTS - 1)
    with as_worker():
        build = claim(build_id, Build.objects.get(pk=build_id).ticket)
        assert build is not None
        advance(build, written=1)
        try_again(build, "internal")
    now = Build.objects.get(pk=build_id)
    assert (now.state, now.attempts, now.problem) == ("queued", 0, "internal")
