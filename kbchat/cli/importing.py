"""A folder into a collection: every file sent in, or refused with its reason.

Importing again finds a document by the place it came from: the same bytes change nothing, other bytes become a new
version, and what failed is tried again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final
from uuid import UUID

from kbchat.cli.manifest import Origin
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.storage import address_of
from kbchat.library.archives import ARCHIVE, ArchiveLimits, unpacked
from kbchat.library.collections import collection_named, create_collection
from kbchat.library.retrying import retry_document
from kbchat.library.source_paths import require_keepable
from kbchat.library.uploading import (
    Days,
    ImportedDocument,
    Upload,
    imported_documents,
    replace,
    take_in,
)
from kbchat.sources.folder_files import FolderFile

NO_ORIGINS: Final[Mapping[str, Origin]] = MappingProxyType({})


@dataclass(slots=True)
class Sent:
    """What became of the files on arrival: `paths` tells by document which file it was, `refused` which are none."""

    new: int = 0
    replaced: int = 0
    unchanged: int = 0
    refused: dict[str, Invalid] = field(default_factory=dict)
    paths: dict[UUID, str] = field(default_factory=dict)


def collection_to_fill(viewer: Viewer, name: str) -> tuple[UUID, bool]:
    """The collection of this name, and whether it was made now. Raises NotAllowed, Invalid."""
    try:
        return collection_named(viewer, name), False
    except NotFound:
        return create_collection(viewer, name=name).id, True


def send_files(
    viewer: Viewer,
    collection_id: UUID,
    files: Iterable[FolderFile],
    *,
    archives: ArchiveLimits,
    step: Callable[[], object],
    origins: Mapping[str, Origin] = NO_ORIGINS,
) -> Sent:
    """`step` is called after each file. Of an archive, the files in it are sent. `origins`: what an export says of
    some of them, by their place in the folder."""
    known = imported_documents(viewer, collection_id)
    sending = _Sending(viewer, collection_id, archives, Sent(), known, origins)
    for file in files:
        try:
            sending.file(file)
        except Invalid as error:
            sending.sent.refused[file.source_path] = error
        except OSError as error:
            sending.sent.refused[file.source_path] = Invalid("cannot_be_opened", cause=error.strerror or "")
        step()
    return sending.sent


@dataclass(frozen=True, slots=True)
class _Sending:
    viewer: Viewer
    collection_id: UUID
    archives: ArchiveLimits
    sent: Sent
    known: dict[str, ImportedDocument]
    origins: Mapping[str, Origin]

    def file(self, file: FolderFile) -> None:
        origin = self.origins.get(file.source_path, Origin(file.path.name, "", {}))
        source_path = origin.source_path or file.source_path
        require_keepable(source_path)
        with Path(file.path).open("rb") as opened:
            arriving = Upload(origin.filename, opened, source_path=source_path, in_bulk=True)
            try:
                self._take(arriving, origin.days)
            except Invalid as error:
                if error.code != ARCHIVE:
                    raise
                self._unpacked(arriving)

    def _unpacked(self, archive: Upload) -> None:
        for path, member in unpacked(archive, limits=self.archives):
            try:
                if isinstance(member, Invalid):
                    raise member
                self._take(member, {})
            except Invalid as error:
                self.sent.refused[f"{archive.source_path}/{path}"] = error

    def _take(self, arriving: Upload, days: Days) -> None:
        known = self.known.get(arriving.source_path)
        if known is None:
            document_id = take_in(
                self.viewer, self.collection_id, arriving, max_bytes=self.archives.max_bytes, **days
            )
            self.sent.new += 1
        else:
            document_id = known.id
            self._take_again(known, arriving, days)
        self.sent.paths[document_id] = arriving.source_path

    def _take_again(self, known: ImportedDocument, arriving: Upload, days: Days) -> None:
        blob, _ = address_of(arriving.file)
        if blob != known.blob:
            replace(self.viewer, known.id, arriving, max_bytes=self.archives.max_bytes, **days)
            self.sent.replaced += 1
            return
        self.sent.unchanged += 1
        if known.has_failed:
            retry_document(self.viewer, known.id, in_bulk=True)
