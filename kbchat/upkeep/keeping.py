"""When upkeep runs, and what became of it. Golden questions are each person's own, for whoever owns a collection; what
concerns the library as a whole is for administrators. What is scheduled in the name of somebody who has left stands
still: administrators are told, and take it over by a schedule of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from kbchat.access.gate import roles_in_collections, visible_documents
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.accounts.managing import administrator
from kbchat.accounts.models import User
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import Conflict, NotFound
from kbchat.core.viewer import Viewer
from kbchat.scheduling.models import Schedule
from kbchat.scheduling.rows import ScheduleRow, upcoming_row
from kbchat.scheduling.schedules import remove_schedule, set_schedule
from kbchat.upkeep.models import RunState, Task, UpkeepRun
from kbchat.upkeep.runs import queue_run, subject_of

MOST_RUNS = 50
"""As many of a task are listed."""


@dataclass(frozen=True, slots=True)
class UpkeepRow:
    """`scheduled_by`: in whose name it runs by itself; "" where it does not. `latest`: the run that is under way, or
    the last that was."""

    task: Task
    schedule: ScheduleRow | None
    scheduled_by: str
    latest: UpkeepRun | None


def list_upkeep(viewer: Viewer) -> list[UpkeepRow]:
    """What he may keep."""
    found = []
    for task in Task:
        try:
            found.append(_row(viewer, task))
        except NotFound:
            continue
    return found


@transaction.atomic
def schedule_upkeep(viewer: Viewer, task: Task, expression: str, time_zone: str) -> UpkeepRow:
    """From now on, in his name; `expression`: five fields of cron. Raises NotFound or Invalid."""
    _require(viewer, task)
    # Of what is done once for everybody, there is one schedule.
    _schedules(viewer, task).exclude(subject_id=viewer.user_id).delete()
    if viewer.is_administrator:
        _of_people_who_left(task).delete()
    set_schedule(task, viewer.user_id, expression, time_zone)
    record(viewer.user_id, AuditAction.UPKEEP_SCHEDULED, task=task.value)
    return _row(viewer, task)


@transaction.atomic
def unschedule_upkeep(viewer: Viewer, task: Task) -> None:
    """Raises NotFound."""
    _require(viewer, task)
    for schedule in _schedules(viewer, task):
        remove_schedule(task, schedule.subject_id)
    record(viewer.user_id, AuditAction.UPKEEP_SCHEDULED, task=task.value)


@transaction.atomic
def start_upkeep(viewer: Viewer, task: Task) -> UpkeepRow:
    """Now. Raises NotFound, Conflict("upkeep_is_running")."""
    _require(viewer, task)
    run = queue_run(task, User.objects.get(pk=viewer.user_id))
    if run is None:
        raise Conflict("upkeep_is_running")
    record(viewer.user_id, AuditAction.UPKEEP_STARTED, task=task.value, run=run.pk)
    return _row(viewer, task)


def list_upkeep_runs(viewer: Viewer, task: Task) -> list[UpkeepRun]:
    """Newest first. Raises NotFound."""
    _require(viewer, task)
    return list(_runs(viewer, task)[:MOST_RUNS])


def hub_titles(viewer: Viewer, runs: Sequence[UpkeepRun]) -> Mapping[str, str]:
    """By document, of those that he may read."""
    hubs = {hub["document_id"] for run in runs for hub in run.found.get("hubs", [])}
    with viewing(viewer):
        found = visible_documents(viewer).filter(pk__in=hubs)
        return {str(document): title for document, title in found.values_list("pk", "title")}


def latest_findings() -> UpkeepRun | None:
    """Of the index's health, which is told of for administrators alone."""
    done = UpkeepRun.objects.filter(task=Task.INDEX_HEALTH, state=RunState.SUCCEEDED)
    return done.order_by("-created_at").first()


def stranded_upkeep() -> Mapping[Task, list[str]]:
    """What is not done when it is due, because whoever it is scheduled for is not active any more, with their names:
    for administrators alone. The index's health needs nobody's rights."""
    stranded = {}
    for task in (Task.GOLDEN_QUESTIONS, Task.CALIBRATION):
        left = User.objects.filter(pk__in=_of_people_who_left(task).values("subject_id"))
        if names := list(left.order_by("name", "pk").values_list("name", flat=True)):
            stranded[task] = names
    return stranded


def _of_people_who_left(task: Task) -> QuerySet[Schedule]:
    people = User.objects.filter(is_active=True).values("pk")
    return Schedule.objects.filter(job=task).exclude(subject_id__in=people)


def _row(viewer: Viewer, task: Task) -> UpkeepRow:
    _require(viewer, task)
    schedule = _schedules(viewer, task).select_related("crontab").first()
    by = User.objects.filter(pk=schedule.subject_id, is_active=True).first() if schedule else None
    return UpkeepRow(
        task=task,
        schedule=upcoming_row(schedule.crontab) if schedule else None,
        scheduled_by=by.name if by else "",
        latest=_runs(viewer, task).exclude(state=RunState.SKIPPED).first(),
    )


def _schedules(viewer: Viewer, task: Task) -> QuerySet[Schedule]:
    schedules = Schedule.objects.filter(job=task)
    return schedules.filter(subject_id=viewer.user_id) if task == Task.GOLDEN_QUESTIONS else schedules


def _runs(viewer: Viewer, task: Task) -> QuerySet[UpkeepRun]:
    runs = UpkeepRun.objects.select_related("person").filter(
        task=task, subject_id=subject_of(task, viewer.user_id)
    )
    return runs.order_by("-created_at")


def _require(viewer: Viewer, task: Task) -> None:
    """Raises NotFound."""
    if task != Task.GOLDEN_QUESTIONS:
        administrator(viewer)
        return
    with viewing(viewer):
        if Role.OWNER not in roles_in_collections(viewer).values():
            raise NotFound
