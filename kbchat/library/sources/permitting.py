"""Who reads a source's documents: whoever reads the collection, or of those whom the source itself names.

In the second case a run asks the source before it takes anything in, and what is withdrawn there is withdrawn here
before any new text comes. It fails closed: what is not said, cannot be understood, or names a group that nobody knows
is for the collection's owners alone, and the run says so.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import transaction

from kbchat.access.mirroring import (
    MirroredReaders,
    close_until_mirrored,
    mirror_readers,
    open_to_collection,
)
from kbchat.access.viewing import viewing
from kbchat.accounts.models import Group
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import gathered, record
from kbchat.core.errors import Conflict, Invalid, KbchatError
from kbchat.core.viewer import Viewer
from kbchat.library.announcing import announce_document
from kbchat.library.models import UNFINISHED, KeptSource, PermissionsFrom, SourceItem, SourceRun
from kbchat.library.sources.rows import SourceRow, row_for
from kbchat.library.sources.runs import add_mirrored, note
from kbchat.library.sources.visible import access_source
from kbchat.sources.access_file import Permissions
from kbchat.sources.kinds import KINDS
from kbchat.sources.port import Item, Source

_AT_ONCE: Final = 500
"""Documents in one transaction; nobody else records meanwhile."""


class Permitting:
    """Of one run. `keeper`: as whom it writes; he owns the collection."""

    def __init__(self, run: SourceRun, keeper: Viewer, source: Source) -> None:
        self._run = run
        self._keeper = keeper
        self._permissions = Permissions()
        self._groups: Mapping[str, UUID] = {}
        self._is_unknown = False
        try:
            self._permissions = source.permissions()
        except KbchatError as error:
            self._is_unknown = True
            run.permissions_problem, run.permissions_facts = error.code, dict(error.facts)
            return
        groups = Group.objects.filter(name__in=self._permissions.groups)
        self._groups = dict(groups.values_list("name", "pk"))
        if unknown := self._permissions.groups - self._groups.keys():
            run.permissions_problem = "source_groups_unknown"
            run.permissions_facts = {"groups": ", ".join(sorted(unknown)[:5]), "count": len(unknown)}

    def apply(self, known: Sequence[SourceItem], listed: Sequence[Item]) -> None:
        """To all that it has brought in before. Raises LeaseLost."""
        run = self._run
        run.withheld = sum(self._is_withheld(item.path) for item in listed)
        with transaction.atomic():
            note(
                run,
                permissions_problem=run.permissions_problem,
                permissions_facts=run.permissions_facts,
            )
        wanted = iter(
            (item.document_id, self._readers(item.path))
            for item in known
            if item.document is not None
            and item.document.deleted_at is None
            and item.document.collection_id == run.source.collection_id
        )
        while some := dict(islice(wanted, _AT_ONCE)):
            with transaction.atomic():
                note(run)
                self._mirror({document: readers for document, readers in some.items() if document})

    def admit(self, document_id: UUID, path: str) -> None:
        """Of a document that the run takes in, in the same transaction, last."""
        self._mirror({document_id: self._readers(path)})

    def _mirror(self, wanted: Mapping[UUID, MirroredReaders]) -> None:
        run = self._run
        with viewing(self._keeper):
            changed = mirror_readers(self._keeper, wanted)
        if changed:
            run.readers_changed += len(changed)
            add_mirrored(run.mirrored, {pk: (before, wanted[pk]) for pk, before in changed.items()})
            note(run, mirrored=run.mirrored)
        for document in changed:
            announce_document(run.source.collection_id, document)

    def _readers(self, path: str) -> MirroredReaders:
        if self._is_withheld(path):
            return MirroredReaders()
        said = self._permissions.readers_of(path)
        return MirroredReaders(frozenset(self._groups[name] for name in said.groups), said.everyone)

    def _is_withheld(self, path: str) -> bool:
        return self._is_unknown or not self._permissions.readers_of(path).groups <= self._groups.keys()


def choose_permissions(viewer: Viewer, source_id: UUID, chosen: PermissionsFrom) -> SourceRow:
    """From then on. Where the source is to say it, what it has brought in is for owners alone until its next run; where
    the collection is, whoever reads that reads all of it at once. Raises NotFound, Invalid for a kind that knows of
    nobody, and Conflict while a run is under way."""
    with gathered(), viewing(viewer):
        source = access_source(viewer, source_id)
        require_known_readers(source.kind, chosen)
        # No run begins meanwhile: it would take something in as it was chosen before.
        KeptSource.objects.select_for_update(no_key=True).filter(pk=source.pk).first()
        if SourceRun.objects.filter(source=source, state__in=UNFINISHED).exists():
            raise Conflict("source_is_running")
        KeptSource.objects.filter(pk=source.pk).update(permissions_from=chosen)
        here = SourceItem.objects.filter(source=source, document__collection=source.collection_id)
        documents = list(here.values_list("document", flat=True))
        if chosen == PermissionsFrom.SOURCE:
            close_until_mirrored(documents)
        else:
            open_to_collection(documents)
        for document in documents:
            announce_document(source.collection_id, document)
        record(
            viewer.user_id,
            AuditAction.SOURCE_PERMISSIONS_CHOSEN,
            source=source.pk,
            before=source.permissions_from,
            after=chosen.value,
            documents=len(documents),
        )
        return row_for(access_source(viewer, source_id), viewer.user_id)


def require_known_readers(kind: str, chosen: PermissionsFrom) -> None:
    """Raises Invalid for a kind that cannot say what it is to say."""
    if chosen == PermissionsFrom.SOURCE and not KINDS[kind].knows_readers:
        raise Invalid("source_knows_no_readers")
