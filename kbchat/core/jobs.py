"""The doorbell: jobs by name, ids only, rung when the transaction commits.

Work itself stands in rows. A job may be lost or doubled harmlessly; a sweeper rings again. This is the only file
beside `workers` that knows Celery, and it knows only how to send a name.
"""

import logging
from enum import StrEnum
from functools import cache, partial
from typing import Final
from uuid import UUID

from celery import Celery
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


class Queue(StrEnum):
    PARSE = "parse"
    EMBED = "embed"
    MAINTENANCE = "maintenance"
    SOURCES = "sources"


class Job(StrEnum):
    """Every job by the name its task is registered under; a test pins this to the registered tasks."""

    PARSE_RUN = "ingestion.parse_run"
    RECOGNISE_RUN = "ingestion.recognise_run"
    INDEX_RUN = "ingestion.index_run"
    SWEEP_RUNS = "ingestion.sweep_runs"
    PURGE_DELETED = "library.purge_deleted"
    APPLY_RULES = "retention.apply_rules"
    KEEP_VECTOR_INDEXES = "indexing.keep_vector_indexes"
    GO_ON_BUILDING = "rebuilding.go_on_building"
    SWEEP_BUILDS = "rebuilding.sweep_builds"
    CATCH_UP = "rebuilding.catch_up"
    START_DUE = "scheduling.start_due"
    RUN_SOURCE = "library.run_source"
    TRY_SOURCE = "library.try_source"
    CHECK_INDEX = "upkeep.check_index"

    @property
    def queue(self) -> Queue:
        return QUEUE_OF[self]


QUEUE_OF = {
    Job.PARSE_RUN: Queue.PARSE,
    Job.RECOGNISE_RUN: Queue.PARSE,
    Job.INDEX_RUN: Queue.EMBED,
    Job.SWEEP_RUNS: Queue.MAINTENANCE,
    Job.PURGE_DELETED: Queue.MAINTENANCE,
    Job.APPLY_RULES: Queue.MAINTENANCE,
    Job.KEEP_VECTOR_INDEXES: Queue.MAINTENANCE,
    Job.GO_ON_BUILDING: Queue.EMBED,
    Job.SWEEP_BUILDS: Queue.MAINTENANCE,
    Job.CATCH_UP: Queue.MAINTENANCE,
    Job.START_DUE: Queue.MAINTENANCE,
    Job.RUN_SOURCE: Queue.SOURCES,
    Job.TRY_SOURCE: Queue.SOURCES,
    Job.CHECK_INDEX: Queue.MAINTENANCE,
}


_PRIORITIES: Final = {Job.RECOGNISE_RUN: 3, Job.GO_ON_BUILDING: 9, Job.RUN_SOURCE: 9}
"""0, which is before all others, where nothing is said: in one queue, what takes seconds waits for nothing longer.
Celery keeps four lists a queue in Redis, 0, 3, 6 and 9; each is first in, first out."""
_IN_BULK: Final = 6
"""So much later comes what is one of thousands: nobody waits for it, and somebody does for everything else."""


@cache
def _doorbell() -> Celery:
    """Sends names, registers nothing: the tasks live in `workers`, which kbchat does not know."""
    app = Celery("kbchat-doorbell", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    return app


def ring(job: Job, *ids: UUID, in_bulk: bool = False) -> None:
    """Send now. A broker that is down loses nothing: the row waits and the sweeper rings again. `in_bulk`: behind
    everything that is not."""
    try:
        _doorbell().send_task(
            job.value,
            args=[str(item) for item in ids],
            queue=job.queue.value,
            priority=_PRIORITIES.get(job, 0) + (_IN_BULK if in_bulk else 0),
            retry=False,
        )
    except OperationalError:
        logger.warning("job not rung, the sweeper will", extra={"job": job.value})


def ring_on_commit(job: Job, *ids: UUID, in_bulk: bool = False) -> None:
    """Send when the current transaction commits; at once where there is none."""
    transaction.on_commit(partial(ring, job, *ids, in_bulk=in_bulk))


def workers_live(patience_seconds: float = 2.0) -> bool:
    """Whether any worker answers within the time; as soon as one does."""
    return bool(_doorbell().control.ping(timeout=patience_seconds, limit=1))
