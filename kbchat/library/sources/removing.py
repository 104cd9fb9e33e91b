"""Documents whose items have gone from their source go with them: only after a listing that was complete, and only few
of them without asking (F12).

Where more than a fifth of a source is missing at once, it is more likely emptied by mistake, unmounted or moved than
meant: all of them are held until an owner lets them go, and are looked for again before they do. While some are held,
nothing else goes unasked either: that most of them are back says nothing of the rest.

A document in which something is closed to somebody goes only when an owner says so, too: if its file came back, or
stood somewhere else by now, it would be a new document, open to everybody who reads the collection.
"""

from collections.abc import Sequence
from typing import Final

from django.db import transaction

from kbchat.access.closing import documents_with_denials
from kbchat.access.gate import access_document
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.library.deleting import mark_deleted
from kbchat.library.models import SourceItem, SourceRun
from kbchat.library.sources.runs import note

MOST_MISSING_SHARE: Final = 0.2


def remove_missing(run: SourceRun, keeper: Viewer, gone: Sequence[SourceItem], *, known: int) -> None:
    """`known`: how many items the source held before. What was let go and is still missing goes; the rest is counted
    against the guard. Raises LeaseLost."""

    def is_approved(item: SourceItem) -> bool:
        return item.held_in_id is not None and item.held_in_id == run.approves_id

    others = [item for item in gone if not is_approved(item)]
    closed = documents_with_denials([item.document_id for item in others if item.document_id])
    open_ones = [item for item in others if item.document_id not in closed]
    are_all_held = any(item.held_in_id for item in open_ones) or len(open_ones) > MOST_MISSING_SHARE * known
    held = {item.pk for item in others if are_all_held or item.document_id in closed}
    for item in gone:
        if item.pk not in held:
            _remove(run, keeper, item)
    if held:
        with transaction.atomic():
            note(run, held=len(held))
            SourceItem.objects.filter(pk__in=held).update(held_in=run)


def _remove(run: SourceRun, keeper: Viewer, item: SourceItem) -> None:
    """A document that was deleted or moved away, or that the keeper may not edit, stays as it is."""
    with transaction.atomic():
        note(run)
        item.delete()
        if item.document_id is None:
            return
        try:
            with viewing(keeper):
                document = access_document(keeper, item.document_id, role=Role.EDITOR)
        except (NotFound, NotAllowed):
            return
        if document.collection_id == run.source.collection_id:
            mark_deleted(document, actor_id=None, source=run.source_id)
            run.removed += 1
            note(run)
