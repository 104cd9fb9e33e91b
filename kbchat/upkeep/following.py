"""Golden questions after each run of a source that changed something, for whoever has them asked by schedule."""

from django.db import transaction

from kbchat.accounts.models import User
from kbchat.ingestion.models import IngestionRun
from kbchat.library.models import SourceRun, SourceRunState
from kbchat.scheduling.models import Schedule
from kbchat.upkeep.models import RunState, Task, UpkeepRun
from kbchat.upkeep.runs import queue_run


def follow_changes() -> int:
    """Queue what is to follow, once the documents that came with it are read. A worker's to ask, as often as it likes.
    Returns how many were queued."""
    changed = (
        SourceRun.objects.filter(state=SourceRunState.SUCCEEDED)
        .exclude(new=0, changed=0, removed=0)
        .order_by("-finished_at")
        .first()
    )
    if changed is None or changed.finished_at is None or _is_being_read(changed):
        return 0
    asked = UpkeepRun.objects.filter(task=Task.GOLDEN_QUESTIONS, created_at__gt=changed.finished_at)
    people = Schedule.objects.filter(job=Task.GOLDEN_QUESTIONS).values("subject_id")
    waiting = User.objects.filter(pk__in=people, is_active=True).exclude(
        pk__in=asked.exclude(state=RunState.SKIPPED).values("subject_id")
    )
    with transaction.atomic():
        queued = [queue_run(Task.GOLDEN_QUESTIONS, person, is_following=True) for person in waiting]
    return sum(run is not None for run in queued)


def _is_being_read(changed: SourceRun) -> bool:
    """What came with it; what came later is of a later run."""
    unfinished = IngestionRun.objects.filter(state__in=("queued", "running"))
    return unfinished.filter(created_at__lt=changed.finished_at).exists()
