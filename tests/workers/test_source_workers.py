"""Sources with real processes: workers that die in the middle, two beats, and one that comes back."""

import os
import signal
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from kbchat.core.jobs import Job
from kbchat.library.models import SourceItem, SourceRun
from kbchat.library.sources.keeping import list_source_runs, schedule_source, start_source
from kbchat.scheduling.models import Schedule
from tests.company import Company, found_company
from tests.servers import as_worker
from tests.services.sources_support import documents_in, surroundings_of, watched, work, write
from tests.waiting import allowed, wait_until
from tests.workers.worker_process import celery, running_jobs

pytestmark = [pytest.mark.torture, pytest.mark.django_db(transaction=True)]

PLACES = [
    "kbchat.library.sources.running:opened",
    "kbchat.library.sources.taking:take_in",
    "after kbchat.library.sources.taking:take_in",
    "kbchat.library.sources.removing:mark_deleted",
    "after kbchat.library.sources.removing:mark_deleted",
    "kbchat.library.sources.running:record",
]
BEAT = ("beat", "--pidfile=", "-l", "WARNING")
QUIET = ("--without-gossip", "--without-mingle", "-l", "WARNING")


@pytest.fixture
def company() -> Company:
    return found_company()


def queued(company: Company, source_id: UUID) -> UUID:
    start_source(company.admin, source_id)
    return list_source_runs(company.admin, source_id)[0].id


@pytest.mark.parametrize("place", PLACES)
def test_a_run_that_is_killed_is_finished_by_the_next_worker(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Nothing is taken in twice, and nothing is forgotten."""
    for number in range(10):
        write(tmp_path, **{f"page{number}": "Words."})
    source, reach = watched(company, tmp_path), surroundings_of(tmp_path)
    queued(company, source.id)
    work(reach)
    (tmp_path / "page0.md").unlink()
    write(tmp_path, page10="New.", page11="New.")
    run = queued(company, source.id)
    monkeypatch.setenv("KBCHAT_SOURCE_ROOTS", f'["{tmp_path}"]')
    with running_jobs() as jobs:
        assert jobs.run(Job.RUN_SOURCE, run, death=place) == -9
        # Whoever died still holds the lease.
        assert jobs.run(Job.RUN_SOURCE, run) == 0
        assert list_source_runs(company.admin, source.id)[0].state == "running"
        with as_worker():
            SourceRun.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        assert jobs.run(Job.RUN_SOURCE, run) == 0
    ended = list_source_runs(company.admin, source.id)[0]
    assert (ended.state, ended.problem) == ("succeeded", "")
    assert documents_in(company) == 11
    with as_worker():
        paths = list(SourceItem.objects.exclude(document=None).values_list("path", flat=True))
    assert sorted(paths) == sorted(f"page{number}.md" for number in range(1, 12))


def test_a_run_that_kills_every_worker_is_given_up(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = watched(company, tmp_path)
    run = queued(company, source.id)
    monkeypatch.setenv("KBCHAT_SOURCE_ROOTS", f'["{tmp_path}"]')
    with running_jobs() as jobs:
        for _ in range(3):
            assert jobs.run(Job.RUN_SOURCE, run, death=PLACES[0]) == -9
            with as_worker():
                SourceRun.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        assert jobs.run(Job.RUN_SOURCE, run) == 0
    ended = list_source_runs(company.admin, source.id)[0]
    assert (ended.state, ended.problem) == ("failed", "gave_up")


@pytest.mark.timed
def test_two_beats_do_what_one_does_and_one_that_comes_back_catches_up_once(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F10: two beats ring for what is due, both are killed, and one comes back; each time that it was due has one run,
    and those that nobody rang for have one together."""
    write(tmp_path, page="Words.")
    source = watched(company, tmp_path)
    schedule_source(company.admin, source.id, "0 2 * * *", "UTC")
    monkeypatch.setenv("KBCHAT_SOURCE_ROOTS", f'["{tmp_path}"]')
    due: list[datetime] = []
    with celery("worker", "-Q", "maintenance,sources,parse", "-P", "threads", "-c", "4", *QUIET):
        with celery(*BEAT) as one, celery(*BEAT) as two:
            for days in (0, 1):
                due.append(make_due(timedelta(days=days)))
                wait_until(lambda: finished(company, source.id) == due, allowed(60))
            for beat in (one, two):
                os.kill(beat.pid, signal.SIGKILL)
                beat.wait()
        due.append(make_due(timedelta(days=5)))
        with celery(*BEAT):
            wait_until(lambda: finished(company, source.id) == due, allowed(60))
    assert Schedule.objects.get().due_at > timezone.now()
    assert documents_in(company) == 1


def make_due(ago: timedelta) -> datetime:
    at = timezone.now() - ago
    Schedule.objects.update(due_at=at)
    return at


def finished(company: Company, source_id: UUID) -> list[datetime | None]:
    """For when each was due, in the order in which they ran."""
    runs = reversed(list_source_runs(company.admin, source_id))
    return [run.due_at for run in runs if run.state == "succeeded"]
