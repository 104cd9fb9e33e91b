"""What goes over the wire of sources, their schedules and their runs, for owners."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from kbchat.library import models
from kbchat.library.sources import rows
from kbchat.library.sources.troubles import TroubleKind, TroubleRow
from kbchat.web.problems import Problem, problem
from kbchat.web.schedule_shapes import Schedule
from kbchat.web.shapes import Shape

SourceKind = Literal["folder", "mail_folder", "git", "website"]
SourceRunState = Literal["queued", "running", "succeeded", "failed", "skipped"]


class SourceOpenings(Shape):
    """What the operator lets sources read."""

    folders: list[str]
    origins: list[str]


class SourceRun(Shape):
    """`due_at`: for when its schedule had it; null: `started_by` somebody. Of `total` items `done` were looked at.
    `left_out`: somebody deleted or moved their documents here. `held`: documents whose items are gone, kept until an
    owner lets them go. `passed_over`: what is no document by its name. Not `is_complete`: a part of the source could
    not be listed, so nothing was removed."""

    id: UUID
    state: SourceRunState
    started_by: str
    due_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    seconds: float
    seconds_left: float | None
    total: int | None
    done: int
    new: int
    changed: int
    unchanged: int
    refused: int
    left_out: int
    removed: int
    held: int
    passed_over: int
    is_complete: bool
    problem: Problem | None

    @classmethod
    def of(cls, run: models.SourceRun, language: str) -> "SourceRun":
        told = problem(run.problem, run.problem_facts, language) if run.problem else None
        starter = run.started_by.name if run.started_by else ""
        made = {"problem", "started_by"}
        fields: dict[str, Any] = {name: getattr(run, name) for name in cls.model_fields if name not in made}
        return cls(**fields, problem=told, started_by=starter)


class KeptSource(Shape):
    """`place`: by the names of its kind's fields. `keeper`: on whose behalf it is read; "" where nobody is left.
    `held_in`: the run that found `held` documents gone, by which they are let go."""

    id: UUID
    collection_id: UUID
    collection_name: str
    kind: SourceKind
    name: str
    place: dict[str, str]
    keeper: str
    is_own: bool
    schedule: Schedule | None
    latest: SourceRun | None
    items: int
    refused: int
    held: int
    held_in: UUID | None

    @classmethod
    def of(cls, row: rows.SourceRow, language: str) -> "KeptSource":
        made = {"schedule", "latest"}
        fields: dict[str, Any] = {name: getattr(row, name) for name in cls.model_fields if name not in made}
        return cls(
            **fields,
            schedule=Schedule.of(row.schedule, language) if row.schedule else None,
            latest=SourceRun.of(row.latest, language) if row.latest else None,
        )


class Trouble(Shape):
    """`item`: by which it is tried again. `left_out`: somebody deleted its document here."""

    item: int
    path: str
    kind: TroubleKind
    document_id: UUID | None
    problem: Problem | None

    @classmethod
    def of(cls, row: TroubleRow, language: str) -> "Trouble":
        told = problem(row.problem_code, row.problem_facts, language) if row.problem_code else None
        return cls(item=row.item, path=row.path, kind=row.kind, document_id=row.document_id, problem=told)


class Retried(Shape):
    count: int
