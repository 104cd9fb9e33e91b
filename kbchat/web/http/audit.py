"""The audit trail, for auditors: a page of it, or all of it as CSV."""

import csv
import io
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, astuple, replace
from typing import Annotated
from uuid import UUID

from django.db import DatabaseError
from django.http import StreamingHttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from kbchat.access.auditing import look_at_chain, names_in, read_events, record_export
from kbchat.audit.models import AuditAction
from kbchat.audit.reading import EventFilter, EventRow
from kbchat.audit.verifying import Newest
from kbchat.core.database_threads import in_database
from kbchat.core.errors import KbchatError, Unavailable
from kbchat.core.viewer import Viewer
from kbchat.web import audit_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest

router = Router()

_MOST = 200
_CUT_OFF = "cut_off"
_COLUMNS = ("seq", "at", "actor_id", "action", "subject", "previous", "hash")


class EventWish(shapes.Body):
    """`since` counts in, `until` does not; `before` is the `seq` of the last event that was read."""

    actor: UUID | None = None
    action: AuditAction | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None

    @property
    def chosen(self) -> EventFilter:
        return EventFilter(self.actor, self.action, self.since, self.until, self.before)


class PageWish(EventWish):
    limit: Annotated[int, Field(ge=1, le=_MOST)] = 50


@router.get("/audit", response=list[audit_shapes.AuditEvent])
def read_audit(request: ViewerRequest, wish: Query[PageWish]) -> list[audit_shapes.AuditEvent]:
    """Newest first. For auditors."""
    rows = read_events(request.auth, wish.chosen, limit=wish.limit)
    names = names_in(request.auth, rows)
    return [_told(row, names) for row in rows]


@router.get("/audit/chain", response=audit_shapes.AuditChain)
def read_audit_chain(request: ViewerRequest) -> Newest:
    """Whether the newest events are whole. For auditors."""
    return look_at_chain(request.auth)


@router.get("/audit/export", openapi_extra={"responses": {200: {"content": {"text/csv": {}}}}})
def export_audit(request: ViewerRequest, wish: Query[EventWish]) -> StreamingHttpResponse:
    """The same as CSV with a line of names, newest first; that it was asked for is an event itself. For auditors. Where
    it is cut off, since the right was taken meanwhile or the database is away, the last line says so: `cut_off`."""
    record_export(request.auth, wish.chosen)
    response = StreamingHttpResponse(
        _lines(request.auth, wish.chosen), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _told(row: EventRow, names: Mapping[UUID, str]) -> audit_shapes.AuditEvent:
    said = f"{row.actor_id} {row.subject}"
    return audit_shapes.AuditEvent(
        **asdict(row), names={str(person): name for person, name in names.items() if str(person) in said}
    )


async def _lines(viewer: Viewer, wanted: EventFilter) -> AsyncIterator[str]:
    """Page by page, each under the rights of its moment."""
    yield ",".join(_COLUMNS) + "\r\n"
    try:
        while rows := await in_database(read_events, viewer, wanted, limit=_MOST):
            yield _csv(rows)
            wanted = replace(wanted, before=rows[-1].seq)
    except (KbchatError, DatabaseError) as error:
        # What went out cannot be taken back: a short file must not look like a whole one.
        code = error.code if isinstance(error, KbchatError) else Unavailable.code
        yield f"{_CUT_OFF},,,{code},,,\r\n"


def _csv(rows: list[EventRow]) -> str:
    written = io.StringIO()
    told = csv.writer(written)
    for row in rows:
        seq, at, actor_id, action, subject, previous, hash_ = astuple(row)
        told.writerow([seq, at.isoformat(), actor_id, action, json.dumps(subject), previous, hash_])
    return written.getvalue()
