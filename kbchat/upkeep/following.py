"""Golden questions after whatever may let search find something else, without anybody's schedule: for whoever keeps
some, and whoever has them asked by schedule.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from kbchat.accounts.models import User
from kbchat.evaluation.keeping import people_who_keep_questions
from kbchat.indexing.models import ActiveGeneration, IndexGeneration
from kbchat.ingestion.models import IngestionRun
from kbchat.library.models import SourceRun
from kbchat.scheduling.models import Schedule
from kbchat.upkeep.models import Cause, RunState, Task, UpkeepRun
from kbchat.upkeep.runs import queue_run

# What changes more often is asked about together.
_APART: Final = timedelta(minutes=15)


def follow_changes() -> int:
    """Queue what is to follow. A worker's to ask, as often as it likes. Returns how many were queued."""
    changes = [
        (at, cause)
        for at, cause in (
            (_source_read_at(), Cause.SOURCE),
            (_fitted_at(), Cause.FITTED),
            (_switched_at(), Cause.SWITCHED),
        )
        if at is not None
    ]
    if not changes:
        return 0
    at, cause = max(changes)
    if cause == Cause.SOURCE and _is_being_read(at):
        return 0
    lately = UpkeepRun.objects.filter(
        task=Task.GOLDEN_QUESTIONS, created_at__gt=min(at, timezone.now() - _APART)
    ).exclude(state=RunState.SKIPPED)
    by_schedule = Schedule.objects.filter(job=Task.GOLDEN_QUESTIONS).values("subject_id")
    waiting = User.objects.filter(
        Q(pk__in=by_schedule) | Q(pk__in=people_who_keep_questions()), is_active=True
    ).exclude(pk__in=lately.values("subject_id"))
    with transaction.atomic():
        queued = [queue_run(Task.GOLDEN_QUESTIONS, person, cause=cause) for person in waiting]
    return sum(run is not None for run in queued)


def _source_read_at() -> datetime | None:
    """The last run of a source that changed something, however it ended."""
    changed = SourceRun.objects.exclude(finished_at=None).exclude(new=0, changed=0, removed=0)
    return _last(changed, "finished_at")


def _fitted_at() -> datetime | None:
    """When weights of what answers were last put to use."""
    put_to_use = [
        {"generation": active, "is_put_to_use": True}
        for active in ActiveGeneration.objects.values_list("generation", flat=True)
    ]
    fitted = UpkeepRun.objects.filter(
        task=Task.CALIBRATION, state=RunState.SUCCEEDED, found__contains={"generations": put_to_use}
    )
    return _last(fitted, "finished_at") if put_to_use else None


def _switched_at() -> datetime | None:
    return _last(IndexGeneration.objects.all(), "answered_until")


def _last(rows: QuerySet[Any], name: str) -> datetime | None:
    last: datetime | None = rows.aggregate(last=Max(name))["last"]
    return last


def _is_being_read(read_at: datetime) -> bool:
    """What came with it; what came later is of a later run."""
    unfinished = IngestionRun.objects.filter(state__in=("queued", "running"))
    return unfinished.filter(created_at__lt=read_at).exists()
