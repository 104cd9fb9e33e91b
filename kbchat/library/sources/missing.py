"""What a source held and does not list any more: found again under another name, or gone.

A file that was renamed or moved keeps its document, and with it what somebody closed in it, its citations and its
versions: as a new document it would be open to everybody who reads the collection.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import IO
from uuid import UUID

from kbchat.access.closing import documents_with_denials
from kbchat.access.viewing import viewing
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion
from kbchat.documents.storage import address_of
from kbchat.library.models import KeptSource, SourceItem


class Missing:
    """Of one complete listing. `keeper`: as whom is looked at what they were."""

    def __init__(self, keeper: Viewer, source: KeptSource, items: Iterable[SourceItem]) -> None:
        self._keeper = keeper
        self._source = source
        self._items = {item.pk: item for item in items}

    @property
    def items(self) -> list[SourceItem]:
        """Those that nothing was found again of."""
        return list(self._items.values())

    def found_again(self, file: IO[bytes]) -> UUID | None:
        """The document of one that had these very bytes, whose place it leaves; None where there is none. Inside a
        transaction."""
        if not self._by_blob:
            return None
        blob, _ = address_of(file)
        items = self._by_blob.get(blob)
        if not items:
            return None
        item = items.pop()
        SourceItem.objects.filter(pk=item.pk).delete()
        del self._items[item.pk]
        return item.document_id

    @cached_property
    def _by_blob(self) -> dict[str, list[SourceItem]]:
        """By the bytes of its newest version, those in which something is closed last; without what somebody deleted or
        moved away."""
        by_document = {item.document_id: item for item in self._items.values() if item.document_id}
        with viewing(self._keeper):
            newest = (
                DocumentVersion.objects.filter(
                    document__in=by_document,
                    document__collection=self._source.collection_id,
                    document__deleted_at=None,
                )
                .order_by("document", "-number")
                .distinct("document")
                .values_list("document", "blob")
            )
            closed = documents_with_denials(by_document)
            found: dict[str, list[SourceItem]] = {}
            for document, blob in sorted(newest, key=lambda each: each[0] in closed):
                found.setdefault(blob, []).append(by_document[document])
            return found
