"""Upkeep: scheduled by whoever may, started once however many beats there are, done under a person's rights, gone on
with after a death, and told to nobody else."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.accounts.models import User
from kbchat.core.errors import Conflict, Invalid, NotFound
from kbchat.core.viewer import Viewer
from kbchat.evaluation.fitting import Refitting
from kbchat.evaluation.models import GoldenRun
from kbchat.evaluation.runs import list_runs
from kbchat.library.sharing import give_grant
from kbchat.scheduling.models import Schedule
from kbchat.scheduling.starting import start_due
from kbchat.upkeep import working
from kbchat.upkeep.keeping import (
    UpkeepRow,
    list_upkeep,
    list_upkeep_runs,
    schedule_upkeep,
    start_upkeep,
    stranded_upkeep,
    unschedule_upkeep,
)
from kbchat.upkeep.models import Task, UpkeepRun
from kbchat.upkeep.runs import claim, next_due, starters
from kbchat.upkeep.working import Means, check_index, work_on_next
from tests.company import Company, found_company
from tests.servers import as_worker
from tests.services.test_golden_questions import SEARCHING
from tests.services.test_schedules import in_threads, make_due

MEANS = Means(SEARCHING, Refitting(SEARCHING.encoders, lambda _: SEARCHING.retriever))
STARTERS = starters()


def tick() -> int:
    with as_worker():
        return start_due(STARTERS)


def row(viewer: Viewer, task: Task) -> UpkeepRow:
    (found,) = [each for each in list_upkeep(viewer) if each.task == task]
    return found


def states(viewer: Viewer, task: Task) -> list[str]:
    return [run.state for run in list_upkeep_runs(viewer, task)]


@pytest.mark.django_db
class TestKeeping:
    def test_owners_keep_their_golden_questions_and_administrators_the_index(self, company: Company) -> None:
        give_grant(company.admin, company.salaries.id, Principal("user", company.editor.user_id), Role.OWNER)
        assert [each.task for each in list_upkeep(company.admin)] == list(Task)
        assert [each.task for each in list_upkeep(company.editor)] == [Task.GOLDEN_QUESTIONS]
        assert list_upkeep(company.reader) == []
        schedule_upkeep(company.editor, Task.GOLDEN_QUESTIONS, "0 3 * * *", "UTC")
        assert row(company.admin, Task.GOLDEN_QUESTIONS).schedule is None
        told = row(company.editor, Task.GOLDEN_QUESTIONS)
        assert told.schedule is not None
        assert len(told.schedule.upcoming) == 5
        for viewer, task in ((company.reader, Task.GOLDEN_QUESTIONS), (company.editor, Task.CALIBRATION)):
            for keep in (
                lambda viewer=viewer, task=task: schedule_upkeep(viewer, task, "* * * * *", "UTC"),
                lambda viewer=viewer, task=task: unschedule_upkeep(viewer, task),
                lambda viewer=viewer, task=task: start_upkeep(viewer, task),
                lambda viewer=viewer, task=task: list_upkeep_runs(viewer, task),
            ):
                with pytest.raises(NotFound):
                    keep()
        with pytest.raises(Invalid):
            schedule_upkeep(company.admin, Task.CALIBRATION, "61 * * * *", "UTC")

    def test_what_concerns_everybody_has_one_schedule_whoever_sets_it(self, company: Company) -> None:
        User.objects.filter(pk=company.editor.user_id).update(is_administrator=True)
        schedule_upkeep(company.admin, Task.INDEX_HEALTH, "0 3 * * *", "UTC")
        schedule_upkeep(company.editor, Task.INDEX_HEALTH, "0 4 * * *", "UTC")
        (kept,) = Schedule.objects.all()
        assert kept.subject_id == company.editor.user_id
        told = row(company.admin, Task.INDEX_HEALTH)
        assert told.schedule is not None
        assert (told.schedule.expression, told.scheduled_by) == ("0 4 * * *", "Editor")
        unschedule_upkeep(company.admin, Task.INDEX_HEALTH)
        assert not Schedule.objects.exists()

    def test_one_that_is_under_way_is_not_started_twice(self, company: Company) -> None:
        start_upkeep(company.admin, Task.CALIBRATION)
        with pytest.raises(Conflict, match="upkeep_is_running"):
            start_upkeep(company.admin, Task.CALIBRATION)
        schedule_upkeep(company.admin, Task.CALIBRATION, "*/5 * * * *", "UTC")
        make_due()
        assert [tick(), tick()] == [1, 0]
        assert states(company.admin, Task.CALIBRATION) == ["skipped", "queued"]
        latest = row(company.admin, Task.CALIBRATION).latest
        assert latest is not None
        assert latest.state == "queued"


@pytest.mark.django_db
class TestGoldenQuestions:
    def test_they_are_asked_when_due_in_their_keeper_s_name(self, questions: Company) -> None:
        admin = questions.admin
        schedule_upkeep(admin, Task.GOLDEN_QUESTIONS, "0 3 * * *", "UTC")
        make_due()
        assert tick() == 1
        assert work_on_next(MEANS)
        assert not work_on_next(MEANS)
        (run,) = list_upkeep_runs(admin, Task.GOLDEN_QUESTIONS)
        assert (run.state, run.due_at is not None, run.seconds > 0) == ("succeeded", True, True)
        (golden,) = list_runs(admin)
        assert run.found == {"golden_run": str(golden.id), "found": 0, "answerable": 0}
        assert (golden.silent, golden.finished_at is not None) == (2, True)

    def test_they_go_on_where_whoever_died_at_them_was(
        self, questions: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        start_upkeep(questions.admin, Task.GOLDEN_QUESTIONS)
        monkeypatch.setattr(working, "_AT_A_TIME_SECONDS", -1.0)
        assert work_on_next(MEANS)
        assert states(questions.admin, Task.GOLDEN_QUESTIONS) == ["queued"]
        run_id = next_due([Task.GOLDEN_QUESTIONS])
        assert run_id is not None
        # One that takes it and is killed.
        assert claim(run_id) is not None
        assert not work_on_next(MEANS)
        UpkeepRun.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        assert work_on_next(MEANS)
        assert states(questions.admin, Task.GOLDEN_QUESTIONS) == ["succeeded"]
        assert [run.silent for run in list_runs(questions.admin)] == [2]

    def test_somebody_who_left_has_none_asked(self, questions: Company) -> None:
        start_upkeep(questions.admin, Task.GOLDEN_QUESTIONS)
        User.objects.filter(pk=questions.admin.user_id).update(is_active=False)
        assert work_on_next(MEANS)
        run = UpkeepRun.objects.get()
        assert (run.state, run.problem) == ("failed", "not_active")
        assert not GoldenRun.objects.exists()

    def test_what_somebody_who_left_had_scheduled_is_told_until_an_administrator_takes_it_over(
        self, questions: Company
    ) -> None:
        admin, editor = questions.admin, questions.editor
        give_grant(admin, questions.salaries.id, Principal("user", editor.user_id), Role.OWNER)
        User.objects.filter(pk=editor.user_id).update(is_administrator=True)
        for task in Task:
            schedule_upkeep(editor, task, "0 3 * * *", "UTC")
        assert stranded_upkeep() == {}
        User.objects.filter(pk=editor.user_id).update(is_active=False)
        stranded = {Task.GOLDEN_QUESTIONS: ["Editor"], Task.CALIBRATION: ["Editor"]}
        assert stranded_upkeep() == stranded
        # Whoever owns a collection keeps his own alone.
        give_grant(admin, questions.handbook.id, Principal("user", questions.reader.user_id), Role.OWNER)
        schedule_upkeep(questions.reader, Task.GOLDEN_QUESTIONS, "0 3 * * *", "UTC")
        assert stranded_upkeep() == stranded
        schedule_upkeep(admin, Task.CALIBRATION, "0 3 * * *", "UTC")
        assert stranded_upkeep() == {Task.GOLDEN_QUESTIONS: ["Editor"]}
        schedule_upkeep(admin, Task.GOLDEN_QUESTIONS, "0 3 * * *", "UTC")
        assert stranded_upkeep() == {}
        kept = Schedule.objects.filter(job=Task.GOLDEN_QUESTIONS).values_list("subject_id", flat=True)
        assert {*kept} == {admin.user_id, questions.reader.user_id}
        # Nobody's rights are needed for it.
        assert Schedule.objects.get(job=Task.INDEX_HEALTH).subject_id == editor.user_id

    def test_what_is_wrong_is_told(self, company: Company) -> None:
        start_upkeep(company.admin, Task.GOLDEN_QUESTIONS)
        assert work_on_next(MEANS)
        (run,) = list_upkeep_runs(company.admin, Task.GOLDEN_QUESTIONS)
        assert (run.state, run.problem) == ("failed", "no_golden_questions")

    def test_what_kills_whoever_takes_it_is_given_up(self, questions: Company) -> None:
        start_upkeep(questions.admin, Task.GOLDEN_QUESTIONS)
        for _ in range(3):
            run_id = next_due([Task.GOLDEN_QUESTIONS])
            assert run_id is not None
            assert claim(run_id) is not None
            UpkeepRun.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        assert work_on_next(MEANS)
        assert UpkeepRun.objects.get().problem == "gave_up"


@pytest.mark.django_db(transaction=True)
def test_eight_beats_and_eight_owners_start_one_run() -> None:
    """F10, F11."""
    company = found_company()
    told: list[str] = []

    def by_schedule() -> None:
        with as_worker():
            STARTERS[Task.CALIBRATION](company.admin.user_id, timezone.now())

    def by_hand() -> None:
        try:
            start_upkeep(company.admin, Task.CALIBRATION)
        except Conflict as error:
            told.append(error.code)

    in_threads([by_schedule, by_hand] * 8)
    found = Counter(states(company.admin, Task.CALIBRATION))
    assert found["queued"] == 1
    assert found["skipped"] + len(told) == 15
    assert set(told) <= {"upkeep_is_running"}


@pytest.mark.django_db
def test_the_index_is_looked_at_by_a_worker(company: Company, leave: None) -> None:
    start_upkeep(company.admin, Task.INDEX_HEALTH)
    assert not work_on_next(MEANS)
    with as_worker():
        for run in UpkeepRun.objects.all():
            check_index(run.pk)
            check_index(run.pk)  # doubled
        check_index(uuid4())
    (run,) = list_upkeep_runs(company.admin, Task.INDEX_HEALTH)
    assert run.state == "succeeded"
    assert run.found["vectors"] > 0
    assert run.found["recall"] is None
