"""The jobs of builds: rung once too often, ended in the middle again and again, asked for twice at once."""

from typing import Any

import pytest

from kbchat.core import jobs
from kbchat.core.jobs import Job
from kbchat.indexing import filling
from kbchat.indexing.encoders import EncoderSource
from kbchat.rebuilding import building
from kbchat.rebuilding.building import go_on_building, sweep_builds
from kbchat.rebuilding.managing import pause_build, request_build, resume_build
from kbchat.rebuilding.models import Build
from tests.company import Company
from tests.servers import as_worker
from tests.services.rebuilding_support import company_with_pages, encoders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    return company_with_pages()


class Doorbell:
    """Keeps the jobs of builds that are rung, as the queue does."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Any, ...]] = []

    def ring(self, job: Job, *ids: Any) -> None:
        if job is Job.GO_ON_BUILDING:
            self.waiting.append(ids)

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
    monkeypatch.setattr(filling, "BATCH", 4)
    monkeypatch.setattr(building, "_AT_A_TIME_SECONDS", 0.0)
    return doorbell


def test_of_the_jobs_that_are_rung_for_one_build_one_goes_on(company: Company, doorbell: Doorbell) -> None:
    build_id = request_build(company.admin, EncoderSource("small"))
    with as_worker():
        for _ in range(4):
            sweep_builds()
    assert len(doorbell.waiting) == 5
    doorbell.work()
    assert (len(doorbell.waiting), Build.objects.get(pk=build_id).written) == (1, 4)
    pause_build(company.admin, build_id)
    resume_build(company.admin, build_id)
    assert len(doorbell.waiting) == 2
    doorbell.work()
    assert (len(doorbell.waiting), Build.objects.get(pk=build_id).written) == (1, 8)
