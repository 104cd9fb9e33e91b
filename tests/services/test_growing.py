"""Weights are fitted anew by themselves where the library has grown by 30 % since (algorithms.md 4.7)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kbchat.accounts.models import User
from kbchat.audit.models import AuditAction
from kbchat.indexing.models import IndexGeneration
from kbchat.indexing.vector_index import count_vectors, keep_vector_indexes
from kbchat.upkeep import working
from kbchat.upkeep.growing import refit_what_has_grown
from kbchat.upkeep.keeping import list_upkeep_runs, schedule_upkeep, start_upkeep
from kbchat.upkeep.models import RunState, Task, UpkeepRun
from kbchat.upkeep.working import work_on_next
from tests.company import Company, add
from tests.servers import as_worker
from tests.services.audit_support import subjects
from tests.services.rebuilding_support import answering
from tests.services.test_upkeep import MEANS

pytestmark = pytest.mark.django_db


def look() -> bool:
    """As workers do, when the index was counted."""
    with as_worker():
        keep_vector_indexes()
        return refit_what_has_grown()


def hold(passages: int) -> bool:
    """What the next look says when the library has so many passages."""
    with as_worker():
        IndexGeneration.objects.update(vectors=passages)
        return refit_what_has_grown()


def days_pass(days: float = 1.1) -> None:
    for run in UpkeepRun.objects.all():
        UpkeepRun.objects.filter(pk=run.pk).update(created_at=run.created_at - timedelta(days=days))


@pytest.fixture
def fitted(company: Company, leave: None) -> Company:
    """Of 100 passages, some time ago, by hand."""
    start_upkeep(company.admin, Task.CALIBRATION)
    UpkeepRun.objects.update(
        state=RunState.SUCCEEDED, finished_at=timezone.now(), found={"passages": 100, "generations": []}
    )
    days_pass()
    return company


def test_a_fit_says_how_much_there_was_and_what_grows_is_fitted_anew(
    company: Company, leave: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "refit", lambda *_: [])
    assert not look()  # nobody has fitted anything yet
    start_upkeep(company.admin, Task.CALIBRATION)
    assert work_on_next(MEANS)
    (first,) = list_upkeep_runs(company.admin, Task.CALIBRATION)
    assert (first.state, first.found["passages"]) == ("succeeded", count_vectors(answering()))
    days_pass()
    assert not look()
    pages = "\n\n".join(
        f"# Page {n}\n\nPage {n} has its own words.\n" for n in range(first.found["passages"])
    )
    add(company.admin, company.handbook, pages, "pages.md")
    assert [look(), look()] == [True, False]
    assert work_on_next(MEANS)
    newest, _ = list_upkeep_runs(company.admin, Task.CALIBRATION)
    assert (newest.state, newest.cause, newest.found["passages"]) == (
        "succeeded",
        "grown",
        count_vectors(answering()),
    )
    days_pass()
    assert not look()


def test_less_than_a_third_more_is_no_reason(fitted: Company) -> None:
    assert not hold(129)
    assert not hold(70)
    assert hold(130)
    newest = list_upkeep_runs(fitted.admin, Task.CALIBRATION)[0]
    told = subjects(AuditAction.UPKEEP_STARTED)[-1]
    assert told == {
        "task": "calibration",
        "run": str(newest.pk),
        "cause": "grown",
        "before": 100,
        "passages": 130,
    }


def test_what_failed_or_ran_is_left_alone_for_a_day(fitted: Company) -> None:
    assert hold(130)
    assert not hold(200)  # it waits
    UpkeepRun.objects.filter(state=RunState.QUEUED).update(
        state=RunState.FAILED, finished_at=timezone.now(), problem="too_few_golden_questions"
    )
    assert not hold(200)
    days_pass()
    assert hold(200)


def test_it_runs_in_the_name_of_an_administrator(fitted: Company) -> None:
    people = User.objects.filter(pk__in=[fitted.admin.user_id, fitted.editor.user_id])
    people.filter(pk=fitted.admin.user_id).update(is_administrator=False)
    assert not hold(130)
    people.update(is_administrator=True)
    schedule_upkeep(fitted.editor, Task.CALIBRATION, "0 3 1 1 *", "UTC")
    assert hold(130)
    assert list_upkeep_runs(fitted.admin, Task.CALIBRATION)[0].person_id == fitted.editor.user_id
