"""What stands in a source's way, item by item: refused when it came, failed when it was read, or gone and held; and
trying again, one or all of them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from kbchat.access.viewing import viewing
from kbchat.core.errors import Invalid
from kbchat.core.viewer import Viewer
from kbchat.ingestion.models import IngestionRun, RunState
from kbchat.library.models import KeptSource, SourceItem
from kbchat.library.retrying import MAY_BE_TRIED_AGAIN, last_runs, retry_failed
from kbchat.library.sources.keeping import start
from kbchat.library.sources.visible import access_source

MOST_LISTED: Final = 500
_LEFT_OUT: Final = Q(document=None, was_taken_in=True)
TroubleKind = Literal["refused", "failed", "held", "left_out"]


@dataclass(frozen=True, slots=True)
class TroubleRow:
    """`item`: its number, by which it is tried again. `problem_code`: "" where nothing is wrong with it."""

    item: int
    path: str
    kind: TroubleKind
    document_id: UUID | None
    problem_code: str
    problem_facts: dict[str, Any]


def list_troubles(viewer: Viewer, source_id: UUID) -> list[TroubleRow]:
    """By path, at most MOST_LISTED. Raises NotFound."""
    with viewing(viewer):
        items = list(_troubled(access_source(viewer, source_id)).order_by("path")[:MOST_LISTED])
        failed = _failed_runs(items)
        return [_row(item, failed) for item in items]


def retry_items(viewer: Viewer, source_id: UUID, wanted: Collection[int] | None = None) -> int:
    """These, or all that are in trouble (None); what is held is not meant, and what somebody deleted or cancelled here,
    or a scanner rejected, is only by its number. What was refused or deleted is fetched by a run that starts now; what
    failed, or was cancelled or rejected, is read again. Returns how many. Raises NotFound, Conflict where a run is
    under way, and Invalid("nothing_to_retry")."""
    with viewing(viewer):
        source = access_source(viewer, source_id)
        found = _troubled(source).filter(held_in=None)
        named = found.exclude(_LEFT_OUT) if wanted is None else found.filter(pk__in=wanted)
        items = list(named)
        failed = _failed_runs(items)
        # New bytes that were refused are worth more than old ones that could not be read.
        fetched = [item for item in items if item.problem or item.document_id not in failed]
        anew = {item.document_id for item in fetched}
        tried = (RunState.FAILED,) if wanted is None else MAY_BE_TRIED_AGAIN
        again = {pk: run for pk, run in failed.items() if pk not in anew and run.state in tried}
        if not fetched and not again:
            raise Invalid("nothing_to_retry")
        retry_failed(viewer, again)
        if fetched:
            rows = SourceItem.objects.filter(pk__in=[item.pk for item in fetched])
            # As if it had never come.
            rows.filter(_LEFT_OUT).update(was_taken_in=False)
            rows.update(mark="", validator="")
            start(viewer, source)
        return len(fetched) + len(again)


def _troubled(source: KeptSource) -> QuerySet[SourceItem]:
    runs = IngestionRun.objects.filter(version__document=OuterRef("document"))
    newest = Subquery(runs.order_by("-version__number", "-created_at").values("state")[:1])
    return (
        SourceItem.objects.filter(source=source)
        .annotate(newest=newest)
        .filter(
            ~Q(problem="") | Q(held_in__isnull=False) | Q(document=None) | Q(newest__in=MAY_BE_TRIED_AGAIN)
        )
    )


def _failed_runs(items: Collection[SourceItem]) -> dict[UUID, IngestionRun]:
    """By document: the last run, where it failed."""
    documents = {item.document_id for item in items if item.document_id}
    return {run.version.document_id: run for run in last_runs(documents, MAY_BE_TRIED_AGAIN)}


def _row(item: SourceItem, failed: dict[UUID, IngestionRun]) -> TroubleRow:
    run = failed.get(item.document_id) if item.document_id else None
    kind: TroubleKind
    code, facts = item.problem, item.problem_facts
    if item.held_in_id is not None:
        kind = "held"
    elif item.document_id is None and item.was_taken_in:
        kind, code, facts = "left_out", "", {}
    elif run is not None and not item.problem:
        kind, code, facts = "failed", run.problem, run.problem_facts
    else:
        kind = "refused"
    return TroubleRow(item.pk, item.path, kind, item.document_id, code, facts)
