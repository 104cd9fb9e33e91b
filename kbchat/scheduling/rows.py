"""What is told of a schedule: the expression, what it stands for, and when it is due next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils import timezone
from django_celery_beat.models import CrontabSchedule

from kbchat.scheduling.schedules import schedules_of
from kbchat.scheduling.times import Fields, crontab_of, expression_of, fields_of, next_times

UPCOMING: Final = 5


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """`fields`: the expression read, for saying it in words. `upcoming`: the next times, in UTC."""

    expression: str
    time_zone: str
    fields: Fields
    upcoming: list[datetime]


def upcoming_row(crontab: CrontabSchedule) -> ScheduleRow:
    """From now on."""
    return ScheduleRow(
        expression_of(crontab),
        str(crontab.timezone),
        fields_of(crontab),
        next_times(crontab, timezone.now(), UPCOMING),
    )


def upcoming_rows(job: str, subject_ids: Collection[UUID]) -> Mapping[UUID, ScheduleRow]:
    """By subject; of those that have a schedule."""
    found = schedules_of(job, subject_ids)
    return {subject: upcoming_row(schedule.crontab) for subject, schedule in found.items()}


def preview_schedule(expression: str, time_zone: str) -> ScheduleRow:
    """Of one that is kept nowhere. Raises Invalid."""
    return upcoming_row(crontab_of(expression, time_zone))
