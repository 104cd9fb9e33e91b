"""How the program is used, in figures for administrators: by day, of everybody or of a group, and never of a person.

Counted by the database (0003_figures), which also says of how few people nothing is told. A conversation that was
deleted counts nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection

from kbchat.access.gate import visible_documents
from kbchat.access.viewing import viewing
from kbchat.accounts.managing import administrator
from kbchat.accounts.models import Group
from kbchat.audit.models import AuditAction
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer

MOST_DOCUMENTS: Final = 20

_DAYS = """
    SELECT day, questions, people, waited_p50, waited_p95, answered, not_found, failed, stopped, helpful, unhelpful
    FROM kbchat_insight_days(%s, %s, %s)
"""
_DOCUMENTS = "SELECT document_id, answers FROM kbchat_insight_documents(%s, %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Figures:
    """`waited_p50`, `waited_p95`: seconds to the first word, of the answers that had one; None: of none. `answered`:
    where the length limit cut it, too; `failed`: also where it broke off or was withdrawn. What is still being written
    is a question and nothing else."""

    questions: int = 0
    people: int = 0
    waited_p50: float | None = None
    waited_p95: float | None = None
    answered: int = 0
    not_found: int = 0
    failed: int = 0
    stopped: int = 0
    helpful: int = 0
    unhelpful: int = 0


@dataclass(frozen=True, slots=True)
class DayFigures:
    """`figures` None: of too few people of the group, or of none."""

    day: date
    figures: Figures | None


@dataclass(frozen=True, slots=True)
class CitedDocument:
    """`answers`: how many cite it."""

    id: UUID
    title: str
    answers: int


@dataclass(frozen=True, slots=True)
class Insights:
    """`days`: in UTC, the oldest first, each one. `total`: of those with figures together. `documents`: those that
    the viewer may read, the most cited first."""

    days: Sequence[DayFigures]
    total: Figures
    documents: Sequence[CitedDocument]


def read_insights(viewer: Viewer, *, days: int, group_id: UUID | None = None) -> Insights:
    """Of so many days, today the last one. Recorded. Raises NotFound for whoever is no administrator, and for a group
    that there is not."""
    today = datetime.now(UTC).date()
    period = (today - timedelta(days=days - 1), today, group_id)
    with viewing(viewer):
        actor = administrator(viewer)
        if group_id is not None and not Group.objects.filter(pk=group_id).exists():
            raise NotFound
        found = _by_day(period)
        cited = _cited(viewer, period)
        actor.record(AuditAction.INSIGHTS_READ, days=days, group=group_id)
    nothing = Figures() if group_id is None else None
    listed = [today - timedelta(days=back) for back in reversed(range(days))]
    return Insights([DayFigures(day, found.get(day, nothing)) for day in listed], found[None], cited)


def _by_day(period: tuple[date, date, UUID | None]) -> dict[date | None, Figures]:
    """None: of all days."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, period)
        return {day: Figures(*figures) for day, *figures in cursor.fetchall()}


def _cited(viewer: Viewer, period: tuple[date, date, UUID | None]) -> list[CitedDocument]:
    with connection.cursor() as cursor:
        cursor.execute(_DOCUMENTS, [*period, MOST_DOCUMENTS])
        counts = dict(cursor.fetchall())
    titles = dict(visible_documents(viewer).filter(pk__in=counts).values_list("pk", "title"))
    return [CitedDocument(each, titles[each], answers) for each, answers in counts.items() if each in titles]
