"""One item of a source into the library, by the way of an upload: with the same checks, reasons and states."""

import tempfile
from enum import StrEnum
from typing import IO, Final
from uuid import UUID

from django.db import transaction

from kbchat.access.viewing import viewing
from kbchat.core.errors import Invalid, KbchatError, NotAllowed, NotFound, Unavailable
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, DocumentVersion
from kbchat.documents.storage import address_of
from kbchat.library.models import SourceItem, SourceRun
from kbchat.library.source_paths import as_kept, why_not_kept
from kbchat.library.sources.missing import Missing
from kbchat.library.sources.permitting import Permitting
from kbchat.library.sources.runs import note
from kbchat.library.uploading import Upload, replace, take_in
from kbchat.sources.port import UNANSWERED, Fetched, Item, Source

_MOST_UNANSWERED: Final = 20
"""One after another. Each is waited for."""


class Outcome(StrEnum):
    """By the name of the run's counter."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    LEFT_OUT = "left_out"


class Taking:
    """Of one run. `keeper`: as whom it writes. `missing`: what is gone from where it was. `permitting`: where the
    source says who reads what."""

    def __init__(
        self,
        run: SourceRun,
        keeper: Viewer,
        source: Source,
        most_bytes: int,
        missing: Missing,
        permitting: Permitting | None = None,
    ) -> None:
        self._run = run
        self._keeper = keeper
        self._source = source
        self._most_bytes = most_bytes
        self._missing = missing
        self._permitting = permitting
        self._unanswered = 0

    def take(self, item: Item, known: SourceItem | None, adoptable: UUID | None) -> None:
        """`adoptable`: a document that was imported from a place of this name, and belonged to no source when the run
        began. Counts what became of it. Raises LeaseLost, NotAllowed where the keeper may not edit the collection any
        more, and Unavailable where the source has not answered so often that no more is to be expected."""
        if known is not None:
            if known.held_in_id is not None:
                SourceItem.objects.filter(pk=known.pk).update(held_in=None)
            if self._was_taken_away(known):
                return self._count(Outcome.LEFT_OUT)
            if item.mark and known.mark == item.mark:
                return self._count(Outcome.REFUSED if known.problem else Outcome.UNCHANGED)
        unkept = why_not_kept(item.path)
        if unkept is not None:
            return self._refused(Item(as_kept(item.path)), unkept, item.mark)
        validator = known.validator if known is not None else ""
        try:
            with tempfile.TemporaryFile() as file:
                fetched = self._source.fetch(item, validator, file)
                self._unanswered = 0
                if fetched is None:
                    self._keep(item, {})
                    return self._count(Outcome.UNCHANGED)
                return self._sent(item, known.document if known else None, adoptable, fetched, file)
        except Invalid as error:
            self._unanswered = 0
            return self._refused(item, error, item.mark)
        except Unavailable as error:
            self._unanswered = self._unanswered + 1 if error.code in UNANSWERED else 0
            if self._unanswered == _MOST_UNANSWERED:
                raise
            # Asked for again by the next run.
            return self._refused(item, error, "", validator)

    def _count(self, outcome: Outcome) -> None:
        setattr(self._run, outcome.value, getattr(self._run, outcome.value) + 1)
        self._run.done += 1

    def _was_taken_away(self, known: SourceItem) -> bool:
        """Somebody deleted its document here, or moved it to where this source has no say."""
        document = known.document
        if document is None:
            return known.was_taken_in
        return document.deleted_at is not None or document.collection_id != self._run.source.collection_id

    def _sent(
        self, item: Item, held: Document | None, adoptable: UUID | None, fetched: Fetched, file: IO[bytes]
    ) -> None:
        upload = Upload(fetched.filename, file, source_path=item.path, in_bulk=True)
        with transaction.atomic():
            note(self._run)
            if held is not None:
                document_id, outcome = held.pk, self._replaced(held.pk, upload)
            elif adoptable is not None and self._is_the_same(adoptable, file):
                document_id, outcome = adoptable, Outcome.UNCHANGED
            elif (moved := self._missing.found_again(file)) is not None:
                document_id, outcome = moved, Outcome.UNCHANGED
            else:
                document_id = take_in(
                    self._keeper, self._run.source.collection_id, upload, max_bytes=self._most_bytes
                )
                outcome = Outcome.NEW
            self._keep(
                item, {"document_id": document_id, "was_taken_in": True, "validator": fetched.validator}
            )
            if self._permitting is not None:
                self._permitting.admit(document_id, item.path)
            # With what it counts, or whoever ends the run would tell of one less.
            self._count(outcome)
            note(self._run)

    def _is_the_same(self, adoptable: UUID, file: IO[bytes]) -> bool:
        """Whether it has these very bytes, and still no source. A path alone says nothing: it is one below some folder,
        repository or host. To the end of the transaction no other source can ask."""
        blob, _ = address_of(file)
        with viewing(self._keeper):
            here = Document.objects.filter(collection=self._run.source.collection_id, deleted_at=None)
            document = here.select_for_update().filter(pk=adoptable).first()
            newest = DocumentVersion.objects.filter(document=document).order_by("-number").first()
        is_held = SourceItem.objects.filter(document=adoptable).exists()
        return newest is not None and newest.blob == blob and not is_held

    def _replaced(self, document_id: UUID, upload: Upload) -> Outcome:
        try:
            replace(self._keeper, document_id, upload, max_bytes=self._most_bytes)
        except (NotFound, NotAllowed) as error:
            raise Invalid("source_document_closed") from error
        except Invalid as error:
            if error.code != "same_as_current":
                raise
            return Outcome.UNCHANGED
        return Outcome.CHANGED

    def _refused(self, item: Item, error: KbchatError, mark: str, validator: str = "") -> None:
        self._keep(
            Item(item.path, mark),
            {"problem": error.code, "problem_facts": dict(error.facts), "validator": validator},
        )
        self._count(Outcome.REFUSED)

    def _keep(self, item: Item, values: dict[str, object]) -> None:
        with transaction.atomic():
            note(self._run)
            SourceItem.objects.update_or_create(
                source_id=self._run.source_id,
                path=item.path,
                defaults={"mark": item.mark, "problem": "", "problem_facts": {}} | values,
            )
