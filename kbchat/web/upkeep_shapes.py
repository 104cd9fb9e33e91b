"""What goes over the wire of upkeep: what is looked at again and again, when, and what became of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from kbchat.upkeep import keeping, models
from kbchat.web.problems import Problem, problem
from kbchat.web.schedule_shapes import Schedule
from kbchat.web.shapes import Shape

UpkeepTask = Literal["golden_questions", "calibration", "index_health"]
UpkeepCause = Literal["source", "fitted", "switched", "grown"]
UpkeepRunState = Literal["queued", "running", "succeeded", "failed", "skipped"]


class GoldenFound(Shape):
    """`golden_run`: by which its questions are read."""

    golden_run: UUID
    found: int
    answerable: int


class Refitted(Shape):
    """nDCG@10 of a generation on the half of the questions that nothing was fitted on, by the weights that were in
    force and by those that were fitted; the better ones are in force."""

    generation: int
    questions: int
    before: float
    now: float
    is_put_to_use: bool


class HubFound(Shape):
    """`title`: "" where the caller may not read it."""

    title: str
    share: float


class DeadRows(Shape):
    table: str
    dead: int
    live: int


class HealthFound(Shape):
    """`recall`: of the graph over vectors beside comparing all; null where there is none. `hubs`: documents of which a
    passage stands in so large a share of all lists of nearest passages. `dead`: rows that take space still. `invalid`:
    indexes that no search uses."""

    generation: int
    vectors: int
    probed: int
    recall: float | None
    hubs: list[HubFound]
    dead: list[DeadRows]
    invalid: list[str]


class UpkeepRun(Shape):
    """`due_at`: for when its schedule had it; null: `started_by` somebody, or, where there is a `cause`, by itself:
    something had changed. Of what it found, the part of its task."""

    id: UUID
    state: UpkeepRunState
    started_by: str
    due_at: datetime | None
    cause: UpkeepCause | None
    created_at: datetime
    finished_at: datetime | None
    seconds: float
    problem: Problem | None
    golden: GoldenFound | None
    refitted: list[Refitted]
    health: HealthFound | None

    @classmethod
    def of(cls, run: models.UpkeepRun, language: str, titles: Mapping[str, str]) -> "UpkeepRun":
        """`titles`: of hubs, by document."""
        return cls(
            id=run.pk,
            state=run.state,
            started_by="" if run.cause else run.person.name,
            due_at=run.due_at,
            cause=run.cause or None,
            created_at=run.created_at,
            finished_at=run.finished_at,
            seconds=run.seconds,
            problem=problem(run.problem, run.problem_facts, language) if run.problem else None,
            **_found(run, titles),
        )


class Upkeep(Shape):
    """`scheduled_by`: in whose name it runs by itself."""

    task: UpkeepTask
    schedule: Schedule | None
    scheduled_by: str
    latest: UpkeepRun | None

    @classmethod
    def of(cls, row: keeping.UpkeepRow, language: str, titles: Mapping[str, str]) -> "Upkeep":
        return cls(
            task=row.task.value,
            schedule=Schedule.of(row.schedule, language) if row.schedule else None,
            scheduled_by=row.scheduled_by,
            latest=UpkeepRun.of(row.latest, language, titles) if row.latest else None,
        )


def _found(run: models.UpkeepRun, titles: Mapping[str, str]) -> dict[str, Any]:
    found = run.found if run.state == models.RunState.SUCCEEDED else {}
    hubs = [
        HubFound(title=titles.get(hub["document_id"], ""), share=hub["share"])
        for hub in found.get("hubs", [])
    ]
    return {
        "golden": found if found and run.task == models.Task.GOLDEN_QUESTIONS else None,
        "refitted": found.get("generations", []),
        "health": {**found, "hubs": hubs} if found and run.task == models.Task.INDEX_HEALTH else None,
    }
