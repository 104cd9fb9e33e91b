"""The state machine of a run of upkeep. Every transition is a compare-and-set: who lost the lease writes nothing.

queued -> running -> queued (the next seconds of it) -> … -> succeeded | failed; skipped is where one that was due found
another under way
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kbchat.accounts.models import User
from kbchat.core import leases
from kbchat.core.jobs import Job, ring, ring_on_commit
from kbchat.scheduling.starting import Starter
from kbchat.upkeep.models import LIBRARY, UNFINISHED, RunState, Task, UpkeepRun

MOST_ATTEMPTS: Final = 3
_MOST_KEPT: Final = 200
_FIRST_RETRY_SECONDS: Final = 15.0


def subject_of(task: Task, person_id: UUID) -> UUID:
    return person_id if task == Task.GOLDEN_QUESTIONS else LIBRARY


def queue_run(task: Task, person: User, **about: object) -> UpkeepRun | None:
    """A run from the beginning; None where one is under way. Inside a transaction."""
    subject = subject_of(task, person.pk)
    run = UpkeepRun(task=task, subject_id=subject, person=person, **about)
    # Of two who queue at once the database takes the first.
    if not UpkeepRun.objects.bulk_create([run], ignore_conflicts=True) or not _is_there(run):
        return None
    if task == Task.INDEX_HEALTH:
        ring_on_commit(Job.CHECK_INDEX, run.pk)
    return run


def starters() -> Mapping[str, Starter]:
    """By task: of what a person's schedule makes due."""
    return {task.value: partial(_start_by_schedule, task) for task in Task}


def sweep_upkeep() -> None:
    """Ring again for what workers do and nobody works on."""
    for run in UpkeepRun.objects.filter(_is_due(), task=Task.INDEX_HEALTH):
        ring(Job.CHECK_INDEX, run.pk)


def next_due(tasks: Collection[Task]) -> UUID | None:
    """The one that has waited the longest."""
    waiting = UpkeepRun.objects.filter(_is_due(), task__in=tasks).order_by("created_at", "pk")
    return waiting.values_list("pk", flat=True).first()


def claim(run_id: UUID) -> UpkeepRun | None:
    """None: it is finished, or somebody has it."""
    if not leases.claim(UpkeepRun.objects.filter(_is_due(), pk=run_id)):
        return None
    UpkeepRun.objects.filter(pk=run_id, started_at=None).update(started_at=timezone.now())
    return UpkeepRun.objects.select_related("person").get(pk=run_id)


def note(run: UpkeepRun, found: dict[str, Any]) -> None:
    """What whoever goes on has to know. Raises LeaseLost."""
    leases.write(run, found=found)
    run.found = found


def hand_on(run: UpkeepRun) -> None:
    """Back to the queue: it came further, and whoever is next goes on. Raises LeaseLost."""
    leases.write(run, state=RunState.QUEUED, attempts=0, **leases.NO_LEASE)


def finish(run: UpkeepRun, found: dict[str, Any]) -> None:
    """Raises LeaseLost."""
    _end(run, RunState.SUCCEEDED, found=found)


def fail(run: UpkeepRun, problem: str, **facts: str | float) -> None:
    """Raises LeaseLost."""
    _end(run, RunState.FAILED, problem=problem, problem_facts=facts)


def try_again(run: UpkeepRun, problem: str) -> None:
    """After a pause that doubles; after so many attempts no more. Raises LeaseLost."""
    if run.attempts >= MOST_ATTEMPTS:
        fail(run, problem)
        return
    not_before = timezone.now() + leases.pause_after(run.attempts, _FIRST_RETRY_SECONDS)
    leases.write(run, state=RunState.QUEUED, problem=problem, not_before=not_before, **leases.NO_LEASE)


def _end(run: UpkeepRun, state: RunState, **values: object) -> None:
    leases.write(run, **{"problem": "", **values}, state=state, finished_at=timezone.now(), **leases.NO_LEASE)
    kept = UpkeepRun.objects.filter(task=run.task, subject_id=run.subject_id)
    newest = kept.order_by("-created_at").values("pk")[:_MOST_KEPT]
    kept.exclude(pk__in=newest).exclude(state__in=UNFINISHED).delete()


@transaction.atomic
def _start_by_schedule(task: Task, person_id: UUID, due_at: datetime) -> None:
    """That it was due while another was under way is kept as a run that was skipped."""
    person = User.objects.filter(pk=person_id).first()
    if person is not None and queue_run(task, person, due_at=due_at) is None:
        UpkeepRun.objects.create(
            task=task,
            subject_id=subject_of(task, person_id),
            person=person,
            due_at=due_at,
            state=RunState.SKIPPED,
            finished_at=timezone.now(),
        )


def _is_due() -> Q:
    return leases.due(Q(not_before__lte=timezone.now()))


def _is_there(run: UpkeepRun) -> bool:
    return UpkeepRun.objects.filter(pk=run.pk).exists()
