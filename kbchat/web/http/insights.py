"""How the program is used: figures for administrators, as JSON or CSV."""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, fields
from typing import Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router

from kbchat.insights import figures
from kbchat.web import insight_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest

router = Router()

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FIGURES = [each.name for each in fields(figures.Figures)]


class PeriodWish(shapes.Body):
    """`days`: up to today, in UTC. `group_id`: of its members as they are today; all people without it."""

    days: Literal["7", "30", "90"] = "30"
    group_id: UUID | None = None


class ExportWish(PeriodWish):
    table: Literal["days", "documents"] = "days"


@router.get("/insights", response=insight_shapes.Insights)
def read_insights(request: ViewerRequest, wish: Query[PeriodWish]) -> figures.Insights:
    """For administrators. Of a group, days are left out on which fewer than five of it asked. That it was read is
    recorded."""
    return figures.read_insights(request.auth, days=int(wish.days), group_id=wish.group_id)


@router.get("/insights/export", openapi_extra={"responses": {200: {"content": {"text/csv": {}}}}})
def export_insights(request: ViewerRequest, wish: Query[ExportWish]) -> HttpResponse:
    """The same figures as CSV with a line of names, in UTF-8 with a byte order mark. For administrators."""
    found = figures.read_insights(request.auth, days=int(wish.days), group_id=wish.group_id)
    told = _days(found) if wish.table == "days" else _documents(found)
    response = HttpResponse("\ufeff" + _csv(told), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="insights-{wish.table}.csv"'
    return response


def _days(found: figures.Insights) -> Iterable[Iterable[object]]:
    yield ["day", *_FIGURES]
    for each in found.days:
        yield [each.day.isoformat(), *(astuple(each.figures) if each.figures else [""] * len(_FIGURES))]


def _documents(found: figures.Insights) -> Iterable[Iterable[object]]:
    yield ["document_id", "title", "answers"]
    for each in found.documents:
        # A spreadsheet computes what begins like a formula.
        yield [each.id, f"'{each.title}" if each.title.startswith(_FORMULA) else each.title, each.answers]


def _csv(rows: Iterable[Iterable[object]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
