"""When a cron expression is due, in a time zone: whole minutes on the wall clock.

As Celery reads them, all five fields have to fit: a day of the month and a day of the week narrow each other. A time
that the clock skips in spring is due an hour later; one that it shows twice in autumn is due the first time. Sunday may
be called 7, as in every other cron; it is kept as Celery has it.
"""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django_celery_beat.models import CrontabSchedule

from kbchat.core.errors import Invalid

MOST_AHEAD: Final = timedelta(days=366 * 41)
"""A 29th of February on a given day of the week is forty years from the next one around a century's end."""
_MOST_CHARACTERS: Final = 60
# A step (*/7) is no day.
_TO_SEVENTH_DAY: Final = re.compile(r"(?<!\d)0*([0-7])-0*7(?:/0*([1-9]\d?))?(?![\d/])")
_SEVENTH_DAY: Final = re.compile(r"(?<![\d/])0*7(?!\d)")


@dataclass(frozen=True, slots=True)
class Fields:
    """What each field of an expression stands for. Sunday is 0."""

    minutes: Set[int]
    hours: Set[int]
    days_of_month: Set[int]
    months: Set[int]
    days_of_week: Set[int]

    def fits(self, day: date) -> bool:
        return (
            day.month in self.months
            and day.day in self.days_of_month
            and day.isoweekday() % 7 in self.days_of_week
        )


def crontab_of(expression: str, timezone: str) -> CrontabSchedule:
    """Not saved. Raises Invalid for what is no expression of five fields, no time zone, or never due."""
    parts = expression.split()
    if len(parts) != 5 or max(map(len, parts)) > _MOST_CHARACTERS:
        raise Invalid("schedule_unreadable")
    if timezone not in available_timezones():
        raise Invalid("schedule_time_zone_unknown")
    minute, hour, day_of_month, month_of_year, day_of_week = parts
    crontab = CrontabSchedule(
        minute=minute,
        hour=hour,
        day_of_month=day_of_month,
        month_of_year=month_of_year,
        day_of_week=_with_sunday_as_0(day_of_week),
        timezone=ZoneInfo(timezone),
    )
    try:
        crontab.clean_fields()
    except ValidationError as error:
        raise Invalid("schedule_unreadable") from error
    try:
        fields_of(crontab)
    except ValueError as error:
        # Each field can be read; together they name no day.
        raise Invalid("schedule_never_due") from error
    return crontab


def expression_of(crontab: CrontabSchedule) -> str:
    days = f"{crontab.day_of_month} {crontab.month_of_year} {crontab.day_of_week}"
    return f"{crontab.minute} {crontab.hour} {days}"


def fields_of(crontab: CrontabSchedule) -> Fields:
    """Raises ValueError."""
    read = crontab.schedule
    return Fields(read.minute, read.hour, read.day_of_month, read.month_of_year, read.day_of_week)


def next_times(crontab: CrontabSchedule, after: datetime, count: int) -> list[datetime]:
    """In UTC, the earliest first; at least one, and none that is further than MOST_AHEAD. Raises ValueError."""
    return list(islice(_times(fields_of(crontab), crontab.timezone, after), count))


def _with_sunday_as_0(days_of_week: str) -> str:
    """A range to 7 becomes its days, since none may go around the end of the week."""

    def days(found: re.Match[str]) -> str:
        first, step = int(found[1]), int(found[2] or 1)
        return ",".join(map(str, sorted({day % 7 for day in range(first, 8, step)})))

    return _SEVENTH_DAY.sub("0", _TO_SEVENTH_DAY.sub(days, days_of_week))


def _times(fields: Fields, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    first = after.astimezone(zone).date()
    for ahead in range(MOST_AHEAD.days):
        day = first + timedelta(days=ahead)
        if not fields.fits(day):
            continue
        # As a set, in their order: an hour that the clock skips falls onto the next.
        due = {
            datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
            for hour in fields.hours
            for minute in fields.minutes
        }
        yield from (moment for moment in sorted(due) if moment > after)
