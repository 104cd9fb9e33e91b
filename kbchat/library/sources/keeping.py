"""Keeping sources. Their collection's owners see them, start them, and say when they run; where one is, which is what
this machine reads, an owner who is an administrator says, among what the operator has opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from kbchat.access.gate import access_collection
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.accounts.managing import administrator
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import gathered, record
from kbchat.core.errors import Conflict, Invalid, NotFound
from kbchat.core.viewer import Viewer
from kbchat.library.models import (
    MOST_NAME_CHARACTERS,
    UNFINISHED,
    KeptSource,
    PermissionsFrom,
    SourceRun,
)
from kbchat.library.sharing import let_read
from kbchat.library.sources.credentials import without_secrets
from kbchat.library.sources.permitting import require_known_readers
from kbchat.library.sources.rows import (
    RUN_SOURCE,
    SourceRow,
    holding_runs,
    row_for,
    source_rows,
)
from kbchat.library.sources.runs import cancel, queue_run, record_mirrored
from kbchat.library.sources.visible import access_source, require_administrator, visible_sources
from kbchat.scheduling.rows import ScheduleRow, upcoming_row
from kbchat.scheduling.schedules import remove_schedule, set_schedule
from kbchat.sources.kinds import source_at
from kbchat.sources.port import Place, Surroundings

MOST_RUNS = 50
"""As many of a source are listed."""


@dataclass(frozen=True, slots=True)
class SourceWish:
    """`place`: with its secrets. `readers`: groups that may read the collection from now on; of these the source itself
    says who reads which of its documents, where `permissions_from` says so."""

    kind: str
    name: str
    place: Place
    readers: Sequence[UUID] = ()
    permissions_from: PermissionsFrom = PermissionsFrom.COLLECTION


def list_sources(viewer: Viewer) -> list[SourceRow]:
    """Of the collections that he owns; by collection and name."""
    with viewing(viewer):
        return source_rows(list(visible_sources(viewer).order_by("collection__name", "name")), viewer.user_id)


def keep_source(
    viewer: Viewer, collection_id: UUID, wish: SourceWish, surroundings: Surroundings
) -> SourceRow:
    """Nothing is read yet. He becomes its keeper. Raises NotFound, NotAllowed for whoever is no owner or no
    administrator, and Invalid for a place that sources may not read."""
    name = " ".join(wish.name.split())
    if not name:
        raise Invalid("name_missing")
    if len(name) > MOST_NAME_CHARACTERS:
        raise Invalid("name_too_long", limit=MOST_NAME_CHARACTERS)
    with gathered(), viewing(viewer):
        access_collection(viewer, collection_id, role=Role.OWNER)
        require_administrator(viewer)
        source_at(wish.kind, wish.place, surroundings).close()
        require_known_readers(wish.kind, wish.permissions_from)
        shown, sealed = without_secrets(wish.kind, wish.place)
        source = KeptSource(
            collection_id=collection_id,
            kind=wish.kind,
            name=name,
            place=shown,
            sealed_secrets=sealed,
            permissions_from=wish.permissions_from,
            keeper_id=viewer.user_id,
        )
        try:
            with transaction.atomic():
                source.save(force_insert=True)
        except IntegrityError as error:
            raise Invalid("source_name_taken", name=name) from error
        for group in dict.fromkeys(wish.readers):
            let_read(viewer, collection_id, group)
        record(
            viewer.user_id,
            AuditAction.SOURCE_KEPT,
            source=source.pk,
            collection=collection_id,
            kind=wish.kind,
        )
        return _row(viewer, source.pk)


def openings(viewer: Viewer, surroundings: Surroundings) -> Surroundings:
    """What an administrator may choose from. Raises NotFound for everybody else."""
    administrator(viewer)
    return surroundings


def remove_source(viewer: Viewer, source_id: UUID) -> None:
    """A run that is under way ends. What it has brought in stays. Raises NotFound."""
    with viewing(viewer):
        source = access_source(viewer, source_id)
        remove_schedule(RUN_SOURCE, source_id)
        ended = _let_nobody_add_to(source)
        source.delete()
        for run in ended:
            record_mirrored(run, actor_id=viewer.user_id)
        record(viewer.user_id, AuditAction.SOURCE_REMOVED, source=source_id, collection=source.collection_id)


def take_over(viewer: Viewer, source_id: UUID) -> SourceRow:
    """From now on it is read on his behalf. Raises NotFound."""
    with viewing(viewer):
        source = access_source(viewer, source_id)
        KeptSource.objects.filter(pk=source.pk).update(keeper=viewer.user_id)
        record(viewer.user_id, AuditAction.SOURCE_TAKEN_OVER, source=source_id, before=source.keeper_id)
        return _row(viewer, source_id)


def schedule_source(viewer: Viewer, source_id: UUID, expression: str, time_zone: str) -> ScheduleRow:
    """`expression`: five fields of cron. Raises NotFound or Invalid."""
    with viewing(viewer):
        source = access_source(viewer, source_id)
        schedule = set_schedule(RUN_SOURCE, source.pk, expression, time_zone)
        record(viewer.user_id, AuditAction.SOURCE_SCHEDULED, source=source_id)
        return upcoming_row(schedule.crontab)


def unschedule_source(viewer: Viewer, source_id: UUID) -> None:
    """Raises NotFound."""
    with viewing(viewer):
        source = access_source(viewer, source_id)
        remove_schedule(RUN_SOURCE, source.pk)
        record(viewer.user_id, AuditAction.SOURCE_SCHEDULED, source=source_id)


def start_source(viewer: Viewer, source_id: UUID, *, lets_go: UUID | None = None) -> SourceRow:
    """Now. `lets_go`: a `SourceRow.held_in`; what this run held may go, where it is missing still. Raises NotFound,
    Conflict("source_is_running"), Invalid("source_holds_nothing"), and Conflict("source_holds_something_else") where
    another run has found more or less missing since."""
    with viewing(viewer):
        source = access_source(viewer, source_id)
        if lets_go is not None:
            held_in = holding_runs([source.pk]).get(source.pk)
            if held_in is None:
                raise Invalid("source_holds_nothing")
            if held_in != lets_go:
                raise Conflict("source_holds_something_else")
        start(viewer, source, approves=lets_go)
        return _row(viewer, source_id)


def cancel_source(viewer: Viewer, source_id: UUID) -> SourceRow:
    """The run that is under way. What it has taken in stays, and the next one goes on from there. Raises NotFound, and
    Conflict("source_is_not_running")."""
    with viewing(viewer):
        source = access_source(viewer, source_id)
        run = cancel(source)
        if run is None:
            raise Conflict("source_is_not_running")
        record_mirrored(run, actor_id=viewer.user_id)
        record(
            viewer.user_id,
            AuditAction.SOURCE_CANCELLED,
            source=source_id,
            collection=source.collection_id,
            run=run.pk,
            new=run.new,
            changed=run.changed,
            removed=run.removed,
        )
        return _row(viewer, source_id)


def list_source_runs(viewer: Viewer, source_id: UUID) -> list[SourceRun]:
    """Newest first. Raises NotFound."""
    with viewing(viewer):
        source = access_source(viewer, source_id)
        runs = SourceRun.objects.select_related("started_by").filter(source=source).order_by("-created_at")
        return list(runs[:MOST_RUNS])


def _let_nobody_add_to(source: KeptSource) -> list[SourceRun]:
    """To the end of the transaction, neither a run that is under way nor one that starts meanwhile. Rows are locked in
    a worker's order: it holds its run while it takes something in. Returns the unfinished ones. Raises NotFound where
    somebody removed it first."""
    runs = list(SourceRun.objects.select_for_update().filter(source=source, state__in=UNFINISHED))
    if KeptSource.objects.select_for_update().filter(pk=source.pk).first() is None:
        raise NotFound
    for run in runs:
        run.source = source
    return runs


def _row(viewer: Viewer, source_id: UUID) -> SourceRow:
    return row_for(access_source(viewer, source_id), viewer.user_id)


def start(viewer: Viewer, source: KeptSource, *, approves: UUID | None = None) -> None:
    """Inside `viewing`, last. Raises Conflict("source_is_running")."""
    run = queue_run(source, started_by_id=viewer.user_id, approves_id=approves)
    if run is None:
        raise Conflict("source_is_running")
    record(viewer.user_id, AuditAction.SOURCE_STARTED, source=source.pk, run=run.pk, approves=approves)
