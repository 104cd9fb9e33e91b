"""The state machine of an ingestion run. Every transition is a compare-and-set: who lost the lease writes nothing. What
leads to a run's end is not waited for until it is on the disk, since it is done again; its end is.

queued -> running -> queued (next step, or a retry later) -> … -> succeeded | failed | rejected; cancelled from anywhere
before.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from kbchat.core import leases
from kbchat.core.jobs import Job, ring, ring_on_commit
from kbchat.core.rows import read_rows
from kbchat.documents.models import Document, DocumentVersion
from kbchat.ingestion.models import UNFINISHED, IngestionRun, RunState, Step

MOST_ATTEMPTS: Final = 3
MOST_AWAITED: Final = 20
"""So many of a person's files at once go before what comes in bulk; behind them the next person's file waits, and
behind no more of his."""
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


def begin(
    version: DocumentVersion, *, step: Step = Step.RECEIVED, encoding: str = "", in_bulk: bool = False
) -> IngestionRun:
    """Another run for the version, rung for as soon as the transaction commits. Also `in_bulk`, whoever sent it: what
    comes when `MOST_AWAITED` of the same person's are under way."""
    run = IngestionRun.objects.create(
        version=version, step=step, encoding=encoding, in_bulk=in_bulk or _has_enough(version.uploaded_by_id)
    )
    call(run)
    return run


def begin_again(
    version: DocumentVersion, *, step: Step = Step.RECEIVED, encoding: str, in_bulk: bool = False
) -> IngestionRun | None:
    """As `begin`. None: one is unfinished, perhaps by somebody who asked for it at the same moment."""
    try:
        with transaction.atomic():
            return begin(version, step=step, encoding=encoding, in_bulk=in_bulk)
    except IntegrityError:
        return None


def chosen_encoding(version: DocumentVersion) -> str:
    """Which a person chose when it was read last: it stands in no other place, and citations point into what that gave.
    "" where nobody did."""
    last = version.runs.order_by("-created_at").first()
    return last.encoding if last else ""


def call(run: IngestionRun) -> None:
    """Ring for the step that the run waits at, as soon as the transaction commits."""
    ring_on_commit(job_for(run), run.pk, in_bulk=run.in_bulk)


def call_again(most: int) -> int:
    """Ring for runs that nobody works on although they are due. Returns how many."""
    runs = due_runs(most)
    for run in runs:
        ring(job_for(run), run.pk, in_bulk=run.in_bulk)
    return len(runs)


def job_for(run: IngestionRun) -> Job:
    """The doorbell of the step that the run waits at."""
    return _job_at(run.step)


def _job_at(step: str) -> Job:
    return next(job for job, steps in STEPS_OF.items() if step in steps)


def _has_enough(sender_id: UUID | None) -> bool:
    awaited = IngestionRun.objects.filter(state__in=UNFINISHED, in_bulk=False, version__uploaded_by=sender_id)
    return awaited[:MOST_AWAITED].count() == MOST_AWAITED


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


def give_way(run: IngestionRun, step: Step, progress: float) -> None:
    """Back to the queue at the step that it is at, behind whatever somebody waits for: it takes long, and went well so
    far; inside a transaction. Raises LeaseLost."""
    run.in_bulk = True
    hand_on(run, step, progress)


def hand_on(run: IngestionRun, step: Step, progress: float) -> None:
    """Back to the queue for the next step, with its attempts anew, and rung for; inside a transaction. Raises
    LeaseLost."""
    leases.write(
        run,
        leases.DONE_AGAIN,
        state=RunState.QUEUED,
        step=step,
        progress=progress,
        in_bulk=run.in_bulk,
        attempts=0,
        problem="",
        **leases.NO_LEASE,
    )
    ring_on_commit(_job_at(step), run.pk, in_bulk=run.in_bulk)


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


def cancel(version_ids: Collection[UUID]) -> list[UUID]:
    """End what is not over yet of these versions, whoever works on it: without its lease he writes nothing any more. A
    write that holds the row is waited for, and decides. Inside a transaction. Returns the versions."""
    unfinished = IngestionRun.objects.filter(version__in=version_ids, state__in=UNFINISHED)
    # In one order, so that of two who cancel the same neither waits for the other.
    held = dict(unfinished.order_by("pk").select_for_update().values_list("pk", "version"))
    IngestionRun.objects.filter(pk__in=held).update(
        state=RunState.CANCELLED,
        problem="run_cancelled",
        problem_facts={},
        finished_at=timezone.now(),
        **leases.NO_LEASE,
    )
    return list(held.values())


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
    """Runs that nobody works on although they are due: what somebody waits for, then the oldest."""
    return list(IngestionRun.objects.filter(_is_due()).order_by("in_bulk", "not_before")[:limit])


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
