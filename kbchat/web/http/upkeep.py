"""Upkeep: golden questions for owners; calibration and the health of the index for administrators. When each runs, and
what became of it."""

from ninja import Router, Status

from kbchat.upkeep import keeping
from kbchat.upkeep.models import Task
from kbchat.web.http.credentials import ViewerRequest
from kbchat.web.language import reader_language
from kbchat.web.schedule_shapes import ScheduleWish
from kbchat.web.upkeep_shapes import Upkeep, UpkeepRun, UpkeepTask

router = Router()


@router.get("/upkeep", response=list[Upkeep])
def read_upkeep(request: ViewerRequest) -> list[Upkeep]:
    """What the caller may keep."""
    return _told(request, *keeping.list_upkeep(request.auth))


@router.put("/upkeep/{task}/schedule", response=Upkeep)
def schedule_upkeep(request: ViewerRequest, task: UpkeepTask, wish: ScheduleWish) -> Upkeep:
    """From now on, in the caller's name."""
    (told,) = _told(
        request, keeping.schedule_upkeep(request.auth, Task(task), wish.expression, wish.time_zone)
    )
    return told


@router.delete("/upkeep/{task}/schedule", response={204: None})
def unschedule_upkeep(request: ViewerRequest, task: UpkeepTask) -> Status[None]:
    keeping.unschedule_upkeep(request.auth, Task(task))
    return Status(204, None)


@router.post("/upkeep/{task}/runs", response={201: Upkeep})
def start_upkeep(request: ViewerRequest, task: UpkeepTask) -> Status[Upkeep]:
    """Now."""
    (told,) = _told(request, keeping.start_upkeep(request.auth, Task(task)))
    return Status(201, told)


@router.get("/upkeep/{task}/runs", response=list[UpkeepRun])
def read_upkeep_runs(request: ViewerRequest, task: UpkeepTask) -> list[UpkeepRun]:
    """Newest first."""
    language, found = reader_language(request), keeping.list_upkeep_runs(request.auth, Task(task))
    titles = keeping.hub_titles(request.auth, found)
    return [UpkeepRun.of(run, language, titles) for run in found]


def _told(request: ViewerRequest, *rows: keeping.UpkeepRow) -> list[Upkeep]:
    language = reader_language(request)
    titles = keeping.hub_titles(request.auth, [row.latest for row in rows if row.latest])
    return [Upkeep.of(row, language, titles) for row in rows]
