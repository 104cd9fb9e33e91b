"""Weights and calibration are fitted anew where the library has grown since: how far words and meaning count, and when
nothing answers, was learnt from what it held then.
"""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from kbchat.accounts.models import User
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.indexing.models import ActiveGeneration
from kbchat.scheduling.models import Schedule
from kbchat.upkeep.models import Cause, RunState, Task, UpkeepRun
from kbchat.upkeep.runs import queue_run

GROWN: Final = 1.3
"""Times as many passages as there were."""
# What failed, for want of questions for instance, is left alone for so long.
_APART: Final = timedelta(days=1)


def refit_what_has_grown() -> bool:
    """A worker's to ask, as often as it likes. Whether a run was queued: in the name of whoever has it run by schedule,
    or of whoever ran it last, as long as he is an administrator."""
    runs = UpkeepRun.objects.filter(task=Task.CALIBRATION).exclude(state=RunState.SKIPPED)
    fitted = runs.filter(state=RunState.SUCCEEDED, found__has_key="passages").order_by("-finished_at").first()
    if fitted is None or runs.filter(created_at__gt=timezone.now() - _APART).exists():
        return False
    then, now = fitted.found["passages"], _passages()
    if not then or now < GROWN * then:
        return False
    by_schedule = Schedule.objects.filter(job=Task.CALIBRATION).values_list("subject_id", flat=True)
    candidates = User.objects.filter(is_active=True, is_administrator=True).in_bulk(
        [*by_schedule, fitted.person_id]
    )
    person = next((candidates[each] for each in (*by_schedule, fitted.person_id) if each in candidates), None)
    if person is None:
        return False
    with transaction.atomic():
        run = queue_run(Task.CALIBRATION, person, cause=Cause.GROWN)
        if run is not None:
            record(
                None,
                AuditAction.UPKEEP_STARTED,
                task=run.task,
                run=run.pk,
                cause=run.cause,
                before=then,
                passages=now,
            )
    return run is not None


def _passages() -> int:
    """Of the index that answers, as they were last counted."""
    return ActiveGeneration.objects.values_list("generation__vectors", flat=True).first() or 0
