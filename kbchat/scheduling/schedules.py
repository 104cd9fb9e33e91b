"""Keeping a subject's schedule. Whether somebody may is for the use case whose subject it is."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule

from kbchat.scheduling.models import Schedule
from kbchat.scheduling.times import crontab_of, next_times

_FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone")


@transaction.atomic
def set_schedule(job: str, subject_id: UUID, expression: str, time_zone: str) -> Schedule:
    """From now on this one, in place of any other. Raises Invalid."""
    wanted = crontab_of(expression, time_zone)
    known = {name: getattr(wanted, name) for name in _FIELDS}
    crontab = CrontabSchedule.objects.filter(**known).first() or CrontabSchedule.objects.create(**known)
    due_at = next_times(crontab, timezone.now(), 1)[0]
    schedule, _ = Schedule.objects.update_or_create(
        job=job, subject_id=subject_id, defaults={"crontab": crontab, "due_at": due_at}
    )
    return schedule


def remove_schedule(job: str, subject_id: UUID) -> None:
    """From now on nothing starts by itself."""
    Schedule.objects.filter(job=job, subject_id=subject_id).delete()


def schedules_of(job: str, subject_ids: Collection[UUID]) -> Mapping[UUID, Schedule]:
    """By subject; those that have one."""
    found = Schedule.objects.select_related("crontab").filter(job=job, subject_id__in=subject_ids)
    return {schedule.subject_id: schedule for schedule in found}
