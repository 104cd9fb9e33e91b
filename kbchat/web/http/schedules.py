"""Schedules before they are kept: in words and with their next times."""

from ninja import Query, Router

from kbchat.scheduling import rows
from kbchat.web.http.credentials import ViewerRequest
from kbchat.web.language import reader_language
from kbchat.web.schedule_shapes import Schedule, ScheduleWish

router = Router()


@router.get("/schedule", response=Schedule)
def preview_schedule(request: ViewerRequest, wish: Query[ScheduleWish]) -> Schedule:
    """In words and with its next times; nothing is kept."""
    return Schedule.of(rows.preview_schedule(wish.expression, wish.time_zone), reader_language(request))
