"""Golden questions are asked by themselves after what may let search find something else, and after nothing else."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.accounts.models import User
from kbchat.core.viewer import Viewer
from kbchat.evaluation.keeping import QuestionWish, keep_question, people_who_keep_questions
from kbchat.evaluation.runs import list_runs
from kbchat.indexing.models import IndexGeneration
from kbchat.library.models import SourceRun
from kbchat.library.sharing import give_grant, take_grant
from kbchat.rebuilding.switching import put_in_force
from kbchat.retrieval.port import Scope
from kbchat.upkeep.following import follow_changes
from kbchat.upkeep.keeping import list_upkeep_runs, schedule_upkeep, start_upkeep
from kbchat.upkeep.models import RunState, Task, UpkeepRun
from kbchat.upkeep.working import work_on_next
from tests.company import Company
from tests.servers import as_worker
from tests.services.rebuilding_support import answering, build
from tests.services.sources_support import read, surroundings_of, watched, write
from tests.services.test_upkeep import MEANS

pytestmark = pytest.mark.django_db


def follow() -> int:
    with as_worker():
        return follow_changes()


def some_time_passes(minutes: float = 16) -> None:
    """Everything was that much earlier."""
    for model, names in (
        (UpkeepRun, ("created_at", "finished_at")),
        (SourceRun, ("finished_at",)),
        (IndexGeneration, ("answered_until",)),
    ):
        with as_worker():
            for each in model._default_manager.all():
                for name in names:
                    if at := getattr(each, name):
                        setattr(each, name, at - timedelta(minutes=minutes))
                each.save(update_fields=names)


def causes(viewer: Viewer) -> list[str]:
    """Newest first."""
    return [run.cause for run in list_upkeep_runs(viewer, Task.GOLDEN_QUESTIONS)]


def fitted(company: Company, *, is_put_to_use: bool) -> None:
    found = {"generations": [{"generation": answering().pk, "is_put_to_use": is_put_to_use}]}
    admin = User.objects.get(pk=company.admin.user_id)
    run = UpkeepRun(task=Task.CALIBRATION, subject_id=admin.pk, person=admin, found=found)
    run.state, run.finished_at = RunState.SUCCEEDED, timezone.now()
    run.save()


def test_they_follow_a_run_of_a_source_that_changed_something_without_a_schedule(
    questions: Company, tmp_path: Path
) -> None:
    admin, surroundings = questions.admin, surroundings_of(tmp_path)
    write(tmp_path, page="Words.")
    source = watched(questions, tmp_path)
    assert follow() == 0
    read(questions, source, surroundings)
    assert [follow(), follow()] == [1, 0]
    assert work_on_next(MEANS)
    some_time_passes()
    read(questions, source, surroundings)  # nothing is new
    assert follow() == 0
    write(tmp_path, page="Other words.")
    read(questions, source, surroundings)
    assert follow() == 1
    assert work_on_next(MEANS)
    assert causes(admin) == ["source", "source"]
    # In the plot, as every run of his.
    assert [(run.silent, run.is_own) for run in list_runs(admin)] == [(2, True), (2, True)]


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_they_follow_one_that_did_not_come_to_its_end(questions: Company, tmp_path: Path, state: str) -> None:
    """The next one finds nothing new of what it had brought in."""
    write(tmp_path, page="Words.")
    read(questions, watched(questions, tmp_path), surroundings_of(tmp_path))
    with as_worker():
        SourceRun.objects.update(state=state)
    assert follow() == 1


def test_what_changes_often_is_asked_about_together(questions: Company, tmp_path: Path) -> None:
    surroundings = surroundings_of(tmp_path)
    write(tmp_path, page="Words.")
    source = watched(questions, tmp_path)
    read(questions, source, surroundings)
    assert follow() == 1
    assert work_on_next(MEANS)
    some_time_passes(minutes=10)
    write(tmp_path, page="Other words.")
    read(questions, source, surroundings)
    assert follow() == 0
    some_time_passes(minutes=6)
    assert follow() == 1


def test_they_wait_for_the_run_that_is_under_way(questions: Company, tmp_path: Path) -> None:
    start_upkeep(questions.admin, Task.GOLDEN_QUESTIONS)
    some_time_passes()
    write(tmp_path, page="Words.")
    read(questions, watched(questions, tmp_path), surroundings_of(tmp_path))
    assert follow() == 0
    assert work_on_next(MEANS)
    assert follow() == 1


def test_they_follow_weights_that_are_put_to_use(questions: Company) -> None:
    fitted(questions, is_put_to_use=False)
    assert follow() == 0
    fitted(questions, is_put_to_use=True)
    assert [follow(), follow()] == [1, 0]
    assert causes(questions.admin) == ["fitted"]


@pytest.mark.django_db(transaction=True)
def test_they_follow_a_switch_and_the_way_back(questions: Company) -> None:
    first, new = answering().pk, build(questions.admin, "small").generation_id
    assert follow() == 0
    put_in_force(questions.admin, new, instead_of=first, reason="A drill.")
    assert [follow(), follow()] == [1, 0]
    UpkeepRun.objects.update(state=RunState.SUCCEEDED, finished_at=timezone.now())
    some_time_passes()
    assert follow() == 0
    put_in_force(questions.admin, first, instead_of=new)
    assert follow() == 1
    assert causes(questions.admin) == ["switched", "switched"]


def test_whoever_keeps_some_or_has_them_asked_by_schedule_has_them_asked(
    questions: Company, tmp_path: Path
) -> None:
    owner = Principal("user", questions.editor.user_id)
    give_grant(questions.admin, questions.handbook.id, owner, Role.OWNER)
    schedule_upkeep(questions.editor, Task.GOLDEN_QUESTIONS, "0 3 1 1 *", "UTC")
    fitted(questions, is_put_to_use=True)
    assert follow() == 2
    assert [causes(each) for each in (questions.admin, questions.editor)] == [["fitted"], ["fitted"]]


def test_who_keeps_none_that_he_may_see_has_none_asked(questions: Company) -> None:
    owner = Principal("user", questions.editor.user_id)
    grant = give_grant(questions.admin, questions.salaries.id, owner, Role.OWNER)
    keep_question(questions.editor, QuestionWish("Who earns what?", Scope((questions.salaries.id,))))

    def keepers() -> set[object]:
        with as_worker():
            return set(people_who_keep_questions())

    admin, editor = questions.admin.user_id, questions.editor.user_id
    assert keepers() == {admin, editor}
    take_grant(questions.admin, grant.id)
    assert keepers() == {admin}
    User.objects.filter(pk=admin).update(is_active=False)
    assert keepers() == set()
    fitted(questions, is_put_to_use=True)
    assert follow() == 0


def test_nobody_but_a_worker_is_told_who_keeps_questions(questions: Company) -> None:
    with pytest.raises(ProgrammingError, match="kbchat_golden_keepers"), transaction.atomic():
        people_who_keep_questions()
