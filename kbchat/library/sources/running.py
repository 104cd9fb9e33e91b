"""A run of a source, by a worker: what it lists is compared with what it held, and the difference is taken in.

A worker may do what the source's keeper may do in its collection at that moment, and nothing more: each file goes the
way of an upload, as him. Without somebody who may edit the collection nothing is read.
"""

import logging
from dataclasses import replace
from typing import Final
from uuid import UUID

from django.db.models import Count, Q

from kbchat.access.gate import access_collection
from kbchat.access.models import Role
from kbchat.access.viewers import viewer_of
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import KbchatError, NotAllowed, NotFound
from kbchat.core.leases import LeaseLost, is_poison, kept
from kbchat.core.viewer import Viewer
from kbchat.library.models import KeptSource, PermissionsFrom, SourceItem, SourceRun, SourceRunState
from kbchat.library.source_paths import as_kept
from kbchat.library.sources.credentials import opened
from kbchat.library.sources.missing import Missing
from kbchat.library.sources.permitting import Permitting
from kbchat.library.sources.removing import remove_missing
from kbchat.library.sources.runs import MOST_ATTEMPTS, claim, finish, forget_old_runs, note
from kbchat.library.sources.taking import Taking
from kbchat.library.uploading import imported_documents
from kbchat.sources.port import Listing, Source, Surroundings
from kbchat.sources.refusing import too_many_items

logger = logging.getLogger(__name__)

_NOTED_EVERY: Final = 100
_GIVEN_UP: Final = "source run given up: another worker has it, or somebody has ended it"


def run_source(run_id: UUID, surroundings: Surroundings) -> None:
    """One job that may come twice, late or never."""
    run = claim(run_id)
    if run is None:
        return
    if is_poison(run, MOST_ATTEMPTS):
        _fail(run, "gave_up")
        return
    try:
        with kept(run) as lost:
            _read(run, replace(surroundings, is_over=lost.is_set))
            finish(run, SourceRunState.SUCCEEDED)
    except LeaseLost:
        logger.warning(_GIVEN_UP, extra={"run": str(run.pk)})
    except KbchatError as error:
        _fail(run, error.code, **error.facts)
    except Exception:
        logger.exception("source run failed", extra={"run": str(run.pk)})
        _fail(run, "internal")
    forget_old_runs(run.source)


def keeper_of(source: KeptSource) -> Viewer:
    """As whom it is read now. Raises NotAllowed where there is nobody, or nobody who may edit its collection; who reads
    what is said on behalf of an owner alone."""
    if source.keeper is None:
        raise NotAllowed("source_without_keeper")
    is_mirrored = source.permissions_from == PermissionsFrom.SOURCE
    try:
        keeper = viewer_of(source.keeper)
        with viewing(keeper):
            access_collection(keeper, source.collection_id, role=Role.OWNER if is_mirrored else Role.EDITOR)
    except (NotFound, NotAllowed) as error:
        if is_mirrored:
            raise NotAllowed("source_without_owner") from error
        raise NotAllowed("source_without_keeper") from error
    return keeper


def _read(run: SourceRun, surroundings: Surroundings) -> None:
    keeper = keeper_of(run.source)
    source = opened(run.source, surroundings)
    try:
        listing = source.listing(_known_revision(run.source, surroundings))
        if listing is None:
            note(run, **_counted_as_before(run.source))
        elif len(listing.items) > surroundings.most_items:
            raise too_many_items(surroundings.most_items)
        else:
            _take_in(run, keeper, source, listing, surroundings)
    finally:
        source.close()
    record(
        None,
        AuditAction.SOURCE_READ,
        source=run.source_id,
        collection=run.source.collection_id,
        run=run.pk,
        new=run.new,
        changed=run.changed,
        removed=run.removed,
        held=run.held,
        readers_changed=run.readers_changed,
    )


def _known_revision(source: KeptSource, surroundings: Surroundings) -> str:
    """ "" where something is still to be fetched of what it names, or what is held is to be looked for; where pictures
    are read that were not before; and where it says who reads what: groups may have come or gone since."""
    if source.permissions_from == PermissionsFrom.SOURCE:
        return ""
    if surroundings.reads_pictures and _unread_pictures(source) != 0:
        return ""
    waiting = SourceItem.objects.filter(Q(mark="") | Q(held_in__isnull=False), source=source)
    return "" if waiting.exists() else source.revision


def _unread_pictures(source: KeptSource) -> int | None:
    """Of its last listing; None: nobody has counted."""
    ended = SourceRun.objects.filter(source=source, state=SourceRunState.SUCCEEDED).order_by("-created_at")
    return ended.values_list("unread_pictures", flat=True).first()


def _counted_as_before(source: KeptSource) -> dict[str, int | None]:
    """What a listing would find of which nothing has changed; by the names of the run's counters."""
    was_moved = Q(document__isnull=False) & ~Q(document__collection=source.collection_id)
    left_out = Q(document=None, was_taken_in=True) | Q(document__deleted_at__isnull=False) | was_moved
    counts = SourceItem.objects.filter(source=source).aggregate(
        total=Count("pk"),
        left_out=Count("pk", filter=left_out),
        refused=Count("pk", filter=~left_out & ~Q(problem="")),
    )
    unchanged = counts["total"] - counts["left_out"] - counts["refused"]
    return counts | {
        "done": counts["total"],
        "unchanged": unchanged,
        "unread_pictures": _unread_pictures(source),
    }


def _take_in(
    run: SourceRun, keeper: Viewer, source: Source, listing: Listing, surroundings: Surroundings
) -> None:
    known = {item.path: item for item in run.source.items.select_related("document")}
    # A picture that was read once goes on as anything else, whoever can read it now.
    items = [
        item
        for item in listing.items
        if surroundings.reads_pictures or not item.is_picture or item.path in known
    ]
    unread = len(listing.items) - len(items)
    note(
        run,
        total=len(items),
        passed_over=listing.passed_over + unread,
        unread_pictures=unread,
        is_complete=listing.is_complete,
    )
    permitting = None
    if run.source.permissions_from == PermissionsFrom.SOURCE:
        permitting = Permitting(run, keeper, source)
        # Before any new text.
        permitting.apply([*known.values()], items)
    held_elsewhere = SourceItem.objects.filter(document__collection=run.source.collection_id)
    others = set(held_elsewhere.values_list("document", flat=True))
    found = imported_documents(keeper, run.source.collection_id)
    adoptable = {path: each.id for path, each in found.items() if each.id not in others}
    is_whole = source.mirrors and listing.is_complete
    gone = known.keys() - {as_kept(item.path) for item in items} if is_whole else ()
    missing = Missing(keeper, run.source, [known[path] for path in gone])
    taking = Taking(run, keeper, source, surroundings.most_bytes, missing, permitting)
    for item in items:
        taking.take(item, known.get(as_kept(item.path)), adoptable.get(item.path))
        if run.done % _NOTED_EVERY == 0:
            note(run)
    note(run)
    remove_missing(run, keeper, missing.items, known=len(known))
    if listing.is_complete and not SourceItem.objects.filter(source=run.source, mark="").exists():
        KeptSource.objects.filter(pk=run.source_id).update(revision=listing.revision)


def _fail(run: SourceRun, code: str, **facts: str | float) -> None:
    try:
        finish(run, SourceRunState.FAILED, code, **facts)
    except LeaseLost:
        logger.warning(_GIVEN_UP, extra={"run": str(run.pk)})
