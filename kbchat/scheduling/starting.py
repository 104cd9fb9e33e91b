"""Starting what is due, exactly once, however many ask for it.

A due schedule is a row: whoever locks it moves it on and starts its job in the same transaction, and others pass it by.
So two beats, or a beat that comes back, do no more than one. What was missed in between is caught up once: the next
time is counted from now.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kbchat.scheduling.models import Schedule
from kbchat.scheduling.times import MOST_AHEAD, next_times

logger = logging.getLogger(__name__)

Starter = Callable[[UUID, datetime], None]
"""Called with the subject and the time for which it was due, inside the transaction; it writes a row and rings for it,
and is no work itself."""


def start_due(starters: Mapping[str, Starter]) -> int:
    """`starters`: by the jobs' names. Returns how many schedules were due."""
    started = 0
    while _start_one(starters):
        started += 1
    return started


@transaction.atomic
def _start_one(starters: Mapping[str, Starter]) -> bool:
    now = timezone.now()
    due = Schedule.objects.select_for_update(skip_locked=True, of=("self",)).select_related("crontab")
    schedule = due.filter(due_at__lte=now).order_by("due_at", "pk").first()
    if schedule is None:
        return False
    Schedule.objects.filter(pk=schedule.pk).update(due_at=_next_time(schedule, now))
    about = _about(schedule)
    starter = starters.get(schedule.job)
    if starter is None:
        logger.error("nothing is started by this name", extra=about)
        return True
    try:
        with transaction.atomic():
            starter(schedule.subject_id, schedule.due_at)
    except Exception:
        # One that cannot be started keeps no other from its time.
        logger.exception("not started", extra=about)
    return True


def _next_time(schedule: Schedule, now: datetime) -> datetime:
    try:
        return next_times(schedule.crontab, now, 1)[0]
    except Exception:
        # Left where it is, it would be the first that is due for ever, and stop all others.
        logger.exception("nobody can say when it is due again", extra=_about(schedule))
        return now + MOST_AHEAD


def _about(schedule: Schedule) -> Mapping[str, str]:
    return {"subject": str(schedule.subject_id), "job": schedule.job}
