"""The state machine of an ingestion run. Every transition is a compare-and-set: who lost the lease writes nothing.

queued -> running -> queued (next step, or a retry later) -> … -> succeeded | failed
"""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db.models import F, Q
from django.utils import timezone

from kbchat.core.jobs import Job
from kbchat.core.leases import LEASE_SECONDS, LeaseLost, renewed
from kbchat.ingestion.models import IngestionRun, RunState, Step

MOST_ATTEMPTS: Final = 3
_FIRST_RETRY_SECONDS: Final = 10.0

STEPS_OF: Final = {
    Job.PARSE_RUN: (Step.RECEIVED, Step.PARSING, Step.CHUNKING),
    Job.INDEX_RUN: (Step.EMBEDDING,),
}


def job_for(run: IngestionRun) -> Job:
    """The doorbell of the step that the run waits at."""
    return Job.INDEX_RUN if run.step == Step.EMBEDDING else Job.PARSE_RUN


def claim(run_id: UUID, job: Job) -> IngestionRun | None:
    """Take the run for one of the steps of `job`. None: it is not due, finished, or somebody has it."""
    now = timezone.now()
    is_due = Q(state=RunState.QUEUED, not_before__lte=now) | Q(state=RunState.RUNNING, leased_until__lt=now)
    claimed = IngestionRun.objects.filter(is_due, pk=run_id, step__in=STEPS_OF[job]).update(
        state=RunState.RUNNING,
        lease=uuid4(),
        leased_until=now + timedelta(seconds=LEASE_SECONDS),
        attempts=F("attempts") + 1,
    )
    if not claimed:
        return None
    return IngestionRun.objects.select_related("version__document").get(pk=run_id)


def is_poison(run: IngestionRun) -> bool:
    """Whether every attempt before this one was killed in the middle: the file itself may be what kills them."""
    return run.attempts > MOST_ATTEMPTS


def advance(run: IngestionRun, step: Step, progress: float) -> None:
    """Say how far it is. Raises LeaseLost; inside a transaction this row is then locked to its end."""
    _write(run, step=step, progress=progress)
    run.step, run.progress = step, progress


def hand_on(run: IngestionRun, step: Step, progress: float) -> None:
    """Back to the queue for the next step, with its attempts anew. Raises LeaseLost."""
    _write(run, state=RunState.QUEUED, step=step, progress=progress, attempts=0, problem="", **_NO_LEASE)


def succeed(run: IngestionRun) -> None:
    """Raises LeaseLost."""
    _write(
        run,
        state=RunState.SUCCEEDED,
        step=Step.READY,
        progress=1.0,
        problem="",
        problem_facts={},
        finished_at=timezone.now(),
        **_NO_LEASE,
    )


def fail(run: IngestionRun, problem: str, **facts: str | float) -> None:
    """For good. `problem` is a code, `facts` harmless values for its sentence. Raises LeaseLost."""
    _write(
        run,
        state=RunState.FAILED,
        problem=problem,
        problem_facts=facts,
        finished_at=timezone.now(),
        **_NO_LEASE,
    )


def retry_later(run: IngestionRun, problem: str, **facts: str | float) -> bool:
    """Back to the queue after a pause that doubles; after `MOST_ATTEMPTS` it fails instead. Returns whether it
    will be tried again. Raises LeaseLost.
    """
    if run.attempts >= MOST_ATTEMPTS:
        fail(run, problem, **facts)
        return False
    pause = timedelta(seconds=_FIRST_RETRY_SECONDS * 2 ** (run.attempts - 1))
    _write(
        run,
        state=RunState.QUEUED,
        not_before=timezone.now() + pause,
        problem=problem,
        problem_facts=facts,
        **_NO_LEASE,
    )
    return True


def kept(run: IngestionRun) -> AbstractContextManager[None]:
    """Renews the lease from a thread of its own while the block works or waits for a child process."""
    return renewed(lambda until: _update_held(run, leased_until=until))


def due_runs(limit: int) -> list[IngestionRun]:
    """Runs that nobody works on although they are due, oldest first: the job was lost, the worker killed, or a pause
    is over.
    """
    now = timezone.now()
    waiting = Q(state=RunState.QUEUED, not_before__lte=now)
    abandoned = Q(state=RunState.RUNNING, leased_until__lt=now)
    return list(IngestionRun.objects.filter(waiting | abandoned).order_by("not_before")[:limit])


_NO_LEASE: Final = {"lease": None, "leased_until": None}


def _write(run: IngestionRun, **values: object) -> None:
    if not _update_held(run, **values):
        raise LeaseLost(str(run.pk))


def _update_held(run: IngestionRun, **values: object) -> bool:
    held = IngestionRun.objects.filter(pk=run.pk, state=RunState.RUNNING, lease=run.lease)
    return bool(held.update(**values))
