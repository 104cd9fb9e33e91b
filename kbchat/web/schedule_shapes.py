"""What goes over the wire of a schedule, whatever it starts."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from kbchat.scheduling import rows
from kbchat.sentences.schedules import say_schedule
from kbchat.web.shapes import Body, Shape


class ScheduleWish(Body):
    """Five fields of cron, all of which have to fit, and the zone in which they are read."""

    expression: Annotated[str, Field(max_length=300)]
    time_zone: Annotated[str, Field(max_length=100)]


class Schedule(Shape):
    """`expression`: five fields of cron, `words`: the same in plain words. `upcoming`: the next five times."""

    expression: str
    time_zone: str
    words: str
    upcoming: list[datetime]

    @classmethod
    def of(cls, row: rows.ScheduleRow, language: str) -> "Schedule":
        return cls(
            expression=row.expression,
            time_zone=row.time_zone,
            words=say_schedule(row.fields, language),
            upcoming=row.upcoming,
        )
