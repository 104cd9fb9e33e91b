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

SourceKind = Literal["folder", "mail_folder", "git", "website", "bucket"]
PermissionsFrom = Literal["collection", "source"]
SourceRunState = Literal["queued", "running", "succeeded", "failed", "cancelled", "skipped"]


class SourceOpenings(Shape):
    """What the operator lets sources read."""

    folders: list[str]
    origins: list[str]


class SourceTrial(Shape):
    """It answered. `has_documents`: something is there that may be one; null: only a run tells."""

    has_documents: bool | None


class SourceRun(Shape):
    """`due_at`: for when its schedule had it; null: `started_by` somebody. Of `total` items `done` were looked at.
    `left_out`: somebody deleted or moved their documents here. `held`: documents whose items are gone, kept until an
    owner lets them go. `passed_over`: what is no document by its name, and `unread_pictures`, since no text is
    recognised in pictures. Not `is_complete`: a part of the source could not be listed, so nothing was removed.
    `readers_changed`: documents of which the source says anew who reads them; `withheld`: items that are for owners
    alone because of `permissions_problem`."""

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
    unread_pictures: int
    readers_changed: int
    withheld: int
    is_complete: bool
    problem: Problem | None
    permissions_problem: Problem | None

    @classmethod
    def of(cls, run: models.SourceRun, language: str) -> "SourceRun":
        starter = run.started_by.name if run.started_by else ""
        made = {"problem", "permissions_problem", "started_by", "unread_pictures"}
        fields: dict[str, Any] = {name: getattr(run, name) for name in cls.model_fields if name not in made}
        return cls(
            **fields,
            problem=_told(run.problem, run.problem_facts, language),
            permissions_problem=_told(run.permissions_problem, run.permissions_facts, language),
            started_by=starter,
            unread_pictures=run.unread_pictures or 0,
        )


class KeptSource(Shape):
    """`place`: by the names of its kind's fields, without what is secret; `has_secrets`: something is. Who says who
    reads its documents is `permissions_from`; the source itself can where its kind `knows_readers`. `keeper`: on whose
    behalf it is read; "" where nobody is left. `held_in`: the run that found `held` documents gone, by which they are
    let go."""

    id: UUID
    collection_id: UUID
    collection_name: str
    kind: SourceKind
    name: str
    place: dict[str, str]
    has_secrets: bool
    knows_readers: bool
    permissions_from: PermissionsFrom
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
        told = _told(row.problem_code, row.problem_facts, language)
        return cls(item=row.item, path=row.path, kind=row.kind, document_id=row.document_id, problem=told)


class Retried(Shape):
    count: int


def _told(code: str, facts: dict[str, Any], language: str) -> Problem | None:
    return problem(code, facts, language) if code else None
