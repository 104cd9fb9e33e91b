"""The state machine of an ingestion run. Every transition is a compare-and-set: who lost the lease writes nothing. What
leads to a run's end is not waited for until it is on the disk, since it is done again; its end is.

queued -> running -> queued (next step, or a retry later) -> … -> succeeded | failed | rejected
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from kbchat.core import leases
from kbchat.core.jobs import Job
from kbchat.core.rows import read_rows
from kbchat.documents.models import Document, DocumentVersion
from kbchat.ingestion.models import IngestionRun, RunState, Step

MOST_ATTEMPTS: Final = 3
_FIRST_RETRY_SECONDS: Final = 10.0
_SCANNER_SECONDS: Final = 15
_ROOM_SECONDS: Final = 30.0
_CLAIMED: Final = """
FROM ingestion_ingestionrun run JOIN documents_documentversion version ON version.id = run.version_id
JOIN documents_document document ON document.id = version.document_id WHERE run.id = %(run)s"""

STEPS_OF: Final = {
    Job.PARSE_RUN: (Step.RECEIVED, Step.WAITING_FOR_SCAN, Step.SCANNING, Step.PARSING, Step.CHUNKING),
    Job.RECOGNISE_RUN: (Step.RECOGNISING,),
    Job.INDEX_RUN: (Step.EMBEDDING,),
}


def job_for(run: IngestionRun) -> Job:
    """The doorbell of the step that the run waits at."""
    return next(job for job, steps in STEPS_OF.items() if run.step in steps)


def claim(run_id: UUID, job: Job) -> IngestionRun | None:
    """Take the run for one of the steps of `job`. None: it is not due, finished, or somebody has it."""
    due = IngestionRun.objects.filter(_is_due(), leases.DONE_AGAIN, pk=run_id, step__in=STEPS_OF[job])
    if not leases.claim(due):
        return None
    models = {"run": IngestionRun, "version": DocumentVersion, "document": Document}
    ((run, version, document),) = read_rows(_CLAIMED, {"run": run_id}, **models)
    run.version, version.document = version, document
    claimed: IngestionRun = run
    return claimed


def advance(run: IngestionRun, step: Step, progress: float) -> None:
    """Say how far it is. Raises LeaseLost; inside a transaction this row is then locked to its end."""
    leases.write(run, leases.DONE_AGAIN, step=step, progress=progress)
    run.step, run.progress = step, progress


def hand_on(run: IngestionRun, step: Step, progress: float) -> None:
    """Back to the queue for the next step, with its attempts anew. Raises LeaseLost."""
    leases.write(
        run,
        leases.DONE_AGAIN,
        state=RunState.QUEUED,
        step=step,
        progress=progress,
        attempts=0,
        problem="",
        **leases.NO_LEASE,
    )


def succeed(run: IngestionRun) -> None:
    """Raises LeaseLost."""
    leases.write(
        run,
        state=RunState.SUCCEEDED,
        step=Step.READY,
        progress=1.0,
        problem="",
        problem_facts={},
        finished_at=timezone.now(),
        **leases.NO_LEASE,
    )


def fail(run: IngestionRun, problem: str, **facts: str | float) -> None:
    """For good. `problem` is a code, `facts` harmless values for its sentence. Raises LeaseLost."""
    _end(run, RunState.FAILED, problem, facts)


def reject(run: IngestionRun, problem: str, **facts: str | float) -> None:
    """As `fail`, for a file that nobody may be sent. Raises LeaseLost."""
    _end(run, RunState.REJECTED, problem, facts)


def wait_for_scan(run: IngestionRun) -> None:
    """Back to the queue until the scanner answers, however long that takes: the file is not to blame. Raises
    LeaseLost."""
    leases.write(
        run,
        state=RunState.QUEUED,
        step=Step.WAITING_FOR_SCAN,
        not_before=Now() + timedelta(seconds=_SCANNER_SECONDS),
        attempts=0,
        **leases.NO_LEASE,
    )


def wait_for_room(run: IngestionRun) -> None:
    """Back to the queue until the database's disk has room, however long that takes: the file is not to blame. Raises
    LeaseLost."""
    leases.write(
        run,
        state=RunState.QUEUED,
        not_before=Now() + timedelta(seconds=_ROOM_SECONDS),
        problem="database_full",
        problem_facts={},
        attempts=0,
        **leases.NO_LEASE,
    )


def retry_later(run: IngestionRun, problem: str, **facts: str | float) -> bool:
    """Back to the queue after a pause that doubles; after `MOST_ATTEMPTS` it fails instead. Returns whether it
    will be tried again. Raises LeaseLost.
    """
    if run.attempts >= MOST_ATTEMPTS:
        fail(run, problem, **facts)
        return False
    leases.write(
        run,
        state=RunState.QUEUED,
        not_before=Now() + leases.pause_after(run.attempts, _FIRST_RETRY_SECONDS),
        problem=problem,
        problem_facts=facts,
        **leases.NO_LEASE,
    )
    return True


def due_runs(limit: int) -> list[IngestionRun]:
    """Runs that nobody works on although they are due, oldest first."""
    return list(IngestionRun.objects.filter(_is_due()).order_by("not_before")[:limit])


def _is_due() -> Q:
    return leases.due(Q(not_before__lte=Now()))


def _end(run: IngestionRun, state: RunState, problem: str, facts: Mapping[str, str | float]) -> None:
    leases.write(
        run,
        state=state,
        problem=problem,
        problem_facts=dict(facts),
        finished_at=timezone.now(),
        **leases.NO_LEASE,
    )
