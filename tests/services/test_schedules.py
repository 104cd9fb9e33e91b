"""Schedules: what is due is started once however many ask, what was missed is caught up once, overlaps are skipped."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule

from kbchat.core.errors import Conflict, NotFound
from kbchat.library.models import SourceRun
from kbchat.library.sources.keeping import (
    list_source_runs,
    list_sources,
    remove_source,
    schedule_source,
    start_source,
    unschedule_source,
)
from kbchat.library.sources.rows import RUN_SOURCE
from kbchat.library.sources.runs import start_by_schedule, sweep_source_runs
from kbchat.scheduling import schedules, starting
from kbchat.scheduling.models import Schedule
from kbchat.scheduling.schedules import set_schedule
from kbchat.scheduling.starting import start_due
from tests.company import Company, found_company
from tests.servers import as_worker
from tests.services.sources_support import surroundings_of, watched, work, write

STARTERS = {RUN_SOURCE: start_by_schedule}


def make_due(ago: timedelta = timedelta(hours=50)) -> None:
    """As though beat had been away since then."""
    Schedule.objects.update(due_at=timezone.now() - ago)


def tick() -> int:
    with as_worker():
        return start_due(STARTERS)


@pytest.mark.django_db
class TestStarting:
    def test_many_missed_times_are_caught_up_once(self, company: Company, tmp_path: Path) -> None:
        source = watched(company, tmp_path)
        schedule_source(company.admin, source.id, "*/5 * * * *", "Asia/Shanghai")
        assert tick() == 0
        make_due()
        was_due = Schedule.objects.get().due_at
        assert [tick(), tick()] == [1, 0]
        (run,) = list_source_runs(company.admin, source.id)
        assert (run.state, run.due_at, run.started_by) == ("queued", was_due, None)
        assert timezone.now() < Schedule.objects.get().due_at <= timezone.now() + timedelta(minutes=5)

    def test_one_that_is_under_way_makes_the_next_a_skipped_one(
        self, company: Company, tmp_path: Path
    ) -> None:
        source = watched(company, tmp_path)
        schedule_source(company.admin, source.id, "0 2 * * *", "UTC")
        start_source(company.admin, source.id)
        make_due()
        assert tick() == 1
        skipped, running = list_source_runs(company.admin, source.id)
        assert (skipped.state, running.state) == ("skipped", "queued")
        assert skipped.due_at is not None
        assert skipped.finished_at is not None
        # What its page shows is the run that is under way.
        (row,) = list_sources(company.admin)
        assert row.latest == running
        work(surroundings_of(tmp_path))
        assert list_source_runs(company.admin, source.id)[1].state == "succeeded"
        make_due()
        assert tick() == 1
        assert list_source_runs(company.admin, source.id)[0].state == "queued"

    def test_what_cannot_be_started_keeps_no_other_from_its_time(self) -> None:
        started: list[UUID] = []
        good, bad, unknown = (uuid4() for _ in range(3))

        def broken(_: UUID, __: datetime) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")

        for job, subject in (("bad", bad), ("unknown", unknown), ("good", good)):
            set_schedule(job, subject, "0 2 * * *", "UTC")
        make_due()
        assert start_due({"good": lambda subject, _: started.append(subject), "bad": broken}) == 3
        assert started == [good]
        assert not Schedule.objects.filter(due_at__lte=timezone.now()).exists()

    @pytest.mark.parametrize("broken", ["31 2", "x *"])
    def test_one_of_which_nobody_can_say_when_it_is_due_again_keeps_no_other_from_its_time(
        self, broken: str
    ) -> None:
        started: list[UUID] = []
        rare, daily = uuid4(), uuid4()
        set_schedule("job", rare, "0 2 29 2 1", "UTC")
        day, _, month = broken.partition(" ")
        CrontabSchedule.objects.update(day_of_month=day, month_of_year=month, day_of_week="*")
        set_schedule("job", daily, "0 2 * * *", "UTC")
        make_due()
        assert start_due({"job": lambda subject, _: started.append(subject)}) == 2
        assert sorted(started) == sorted([rare, daily])
        assert start_due({}) == 0

    @pytest.mark.parametrize(
        ("expression", "now", "due"),
        [
            # Berlin: 29 March has no 02:30, 25 October has two.
            ("30 2 * * *", "2026-03-28T01:30", "2026-03-29T01:30"),
            ("30 2 * * *", "2026-03-29T01:30", "2026-03-30T00:30"),
            ("30 2 * * *", "2026-10-25T00:30", "2026-10-26T01:30"),
            ("0 6 1-7 * 1", "2026-06-01T04:00", "2026-07-06T04:00"),
        ],
    )
    def test_the_next_time_is_one_on_the_clock_of_its_zone(
        self, monkeypatch: pytest.MonkeyPatch, expression: str, now: str, due: str
    ) -> None:
        moment = datetime.fromisoformat(f"{now}+00:00")
        monkeypatch.setattr(schedules, "timezone", SimpleNamespace(now=lambda: moment - timedelta(minutes=1)))
        schedule = set_schedule("job", uuid4(), expression, "Europe/Berlin")
        assert schedule.due_at == moment
        monkeypatch.setattr(starting, "timezone", SimpleNamespace(now=lambda: moment))
        assert start_due({"job": lambda *_: None}) == 1
        assert Schedule.objects.get().due_at == datetime.fromisoformat(f"{due}+00:00")
        assert start_due({"job": lambda *_: None}) == 0

    def test_a_source_that_is_gone_starts_nothing_and_takes_its_schedule_along(
        self, company: Company, tmp_path: Path
    ) -> None:
        source = watched(company, tmp_path)
        schedule_source(company.admin, source.id, "0 2 * * *", "UTC")
        remove_source(company.admin, source.id)
        assert not Schedule.objects.exists()
        with as_worker():
            start_by_schedule(source.id, timezone.now())
            assert not SourceRun.objects.exists()

    def test_what_waits_is_rung_for_again(self, company: Company, tmp_path: Path) -> None:
        source = watched(company, tmp_path)
        start_source(company.admin, source.id)
        with as_worker():
            assert sweep_source_runs() == 1
            SourceRun.objects.update(
                state="running", lease=uuid4(), leased_until=timezone.now() + timedelta(seconds=30)
            )
            assert sweep_source_runs() == 0
            SourceRun.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
            assert sweep_source_runs() == 1


@pytest.mark.django_db
def test_an_owner_sees_words_and_the_next_five_times(company: Company, tmp_path: Path) -> None:
    source = watched(company, tmp_path)
    told = schedule_source(company.admin, source.id, "30 8 * * 1", "Europe/Berlin")
    assert (told.expression, told.time_zone, len(told.upcoming)) == ("30 8 * * 1", "Europe/Berlin", 5)
    assert all(
        later - sooner >= timedelta(days=6)
        for sooner, later in zip(told.upcoming, told.upcoming[1:], strict=False)
    )
    assert told.upcoming[0].tzinfo is UTC
    again = schedule_source(company.admin, source.id, "0 2 * * *", "Europe/Berlin")
    assert Schedule.objects.count() == 1
    assert list_sources(company.admin)[0].schedule == again
    for nobody in (company.editor, company.stranger):
        with pytest.raises(NotFound):
            schedule_source(nobody, source.id, "* * * * *", "UTC")
        with pytest.raises(NotFound):
            unschedule_source(nobody, source.id)
    unschedule_source(company.admin, source.id)
    assert list_sources(company.admin)[0].schedule is None


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_start_each_schedule_once() -> None:
    """F10: as many beats and workers as there may be."""
    subjects = [uuid4() for _ in range(40)]
    for subject in subjects:
        set_schedule("job", subject, "0 2 * * *", "UTC")
    make_due()
    started: Counter[UUID] = Counter()
    lock = threading.Lock()

    def note(subject: UUID, _: datetime) -> None:
        with lock:
            started[subject] += 1

    in_threads([lambda: start_due({"job": note})] * 8)
    assert started == Counter(subjects)


@pytest.mark.django_db(transaction=True)
def test_a_source_is_never_read_twice_at_once(tmp_path: Path) -> None:
    """F11: schedule and owner at the same moment, from four sides each; one run, and the others are skipped or told."""
    company = found_company()
    write(tmp_path, page="Words.")
    source = watched(company, tmp_path)
    told: list[str] = []

    def as_schedule() -> None:
        with as_worker():
            start_by_schedule(source.id, timezone.now())

    def as_owner() -> None:
        try:
            start_source(company.admin, source.id)
        except Conflict as error:
            told.append(error.code)

    in_threads([as_schedule, as_owner] * 4)
    states = Counter(run.state for run in list_source_runs(company.admin, source.id))
    assert states["queued"] == 1
    assert states["skipped"] in (3, 4)
    assert Counter(told) == {"source_is_running": 7 - states["skipped"]}


def in_threads(works: list[Callable[[], object]]) -> None:
    """All from the same moment on. Raises what went wrong in one of them."""
    together, wrong = threading.Barrier(len(works)), []

    def one(work: Callable[[], object]) -> None:
        try:
            together.wait()
            work()
        except Exception as error:  # noqa: BLE001 (told by the thread that waits)
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong
