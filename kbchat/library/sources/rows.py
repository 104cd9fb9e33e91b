"""What owners are told of a source: where it is, its schedule, how its last run went, and what stands in its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q

from kbchat.library.models import KeptSource, SourceItem, SourceRun, SourceRunState
from kbchat.scheduling.rows import ScheduleRow, upcoming_rows
from kbchat.sources.kinds import KINDS

RUN_SOURCE: Final = "run_source"
"""The job's name in a schedule."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """`place`: without its secrets. `knows_readers`: its kind can say who reads what.

    `items`: what it held when it was last listed; of these `refused` could not be taken in, and `held` have gone and
    wait for an owner's word, by which he names the run that `held_in` is. `keeper`: "" where nobody is.
    `latest`: the run that is under way, or the last that was."""

    id: UUID
    collection_id: UUID
    collection_name: str
    kind: str
    name: str
    place: Mapping[str, str]
    has_secrets: bool
    knows_readers: bool
    permissions_from: str
    keeper: str
    is_own: bool
    schedule: ScheduleRow | None
    latest: SourceRun | None
    items: int
    refused: int
    held: int
    held_in: UUID | None


def source_rows(sources: Sequence[KeptSource], viewer_id: UUID) -> list[SourceRow]:
    """Inside `viewing`; five statements however many."""
    ids = [source.pk for source in sources]
    schedules = upcoming_rows(RUN_SOURCE, ids)
    runs = SourceRun.objects.select_related("started_by").filter(source__in=ids)
    newest = runs.exclude(state=SourceRunState.SKIPPED).order_by("source", "-created_at").distinct("source")
    latest = {run.source_id: run for run in newest}
    holding = holding_runs(ids)
    counts = {row["source"]: row for row in _counts(ids)}
    none = {"items": 0, "refused": 0, "held": 0}
    return [
        SourceRow(
            id=source.pk,
            collection_id=source.collection_id,
            collection_name=source.collection.name,
            kind=source.kind,
            name=source.name,
            place=source.place,
            has_secrets=bool(source.sealed_secrets),
            knows_readers=KINDS[source.kind].knows_readers,
            permissions_from=source.permissions_from,
            keeper=source.keeper.name if source.keeper and source.keeper.is_active else "",
            is_own=source.keeper_id == viewer_id,
            schedule=schedules.get(source.pk),
            latest=latest.get(source.pk),
            **{name: counts.get(source.pk, none)[name] for name in none},
            held_in=holding.get(source.pk),
        )
        for source in sources
    ]


def row_for(source: KeptSource, viewer_id: UUID) -> SourceRow:
    """Inside `viewing`."""
    (row,) = source_rows([source], viewer_id)
    return row


def holding_runs(ids: Sequence[UUID]) -> Mapping[UUID, UUID]:
    """By source: the run that held what it holds."""
    held = SourceItem.objects.filter(source__in=ids).exclude(held_in=None)
    newest = held.order_by("source", "-held_in__created_at").distinct("source")
    return dict(newest.values_list("source", "held_in"))


def _counts(ids: Sequence[UUID]) -> Sequence[Mapping[str, Any]]:
    return list(
        SourceItem.objects.filter(source__in=ids)
        .values("source")
        .annotate(
            items=Count("pk"),
            refused=Count("pk", filter=~Q(problem="")),
            held=Count("pk", filter=Q(held_in__isnull=False)),
        )
    )
