"""Originals into a folder: one folder for each collection, with a manifest of what stands in it."""

import hashlib
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from kbchat.chat.sources import OriginalFile, original_file
from kbchat.cli.manifest import MANIFEST, ManifestLine
from kbchat.cli.safe_names import Names
from kbchat.core.errors import NotFound
from kbchat.core.private_files import private_file
from kbchat.core.viewer import Viewer
from kbchat.documents.storage import open_blob
from kbchat.library.exporting import VersionToGive

_PIECE_BYTES: Final = 1024 * 1024


@dataclass(slots=True)
class Exported:
    """`closed`: versions whose file is not open to him as a whole; `spoiled`: by file, what storage lost or changed."""

    files: int = 0
    size: int = 0
    closed: int = 0
    spoiled: list[str] = field(default_factory=list)


def export_files(
    viewer: Viewer,
    folder: Path,
    versions: Iterable[VersionToGive],
    *,
    files_are_scanned: bool,
    step: Callable[[], object],
) -> Exported:
    """Into `folder`, which is there and empty. Each is opened as whoever downloads it opens it, and recorded like that.
    `step` is called after each. Raises OSError where there is no room for them."""
    with ExitStack() as opened:
        shelves = _Shelves(folder, opened)
        exported = Exported()
        for version in versions:
            try:
                original = original_file(viewer, version.id, files_are_scanned=files_are_scanned)
            except NotFound:
                exported.closed += 1
            else:
                shelves.of(version).put(version, original, exported)
            step()
        return exported


class _Spoiled(Exception):
    """The bytes are not those that were kept."""


class _Shelf:
    """The folder of one collection."""

    def __init__(self, folder: Path, manifest: IO[bytes]) -> None:
        self._folder, self._manifest = folder, manifest
        self._names = Names(MANIFEST)

    def put(self, version: VersionToGive, original: OriginalFile, exported: Exported) -> None:
        name = self._names.of_file(original.filename)
        path = self._folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            with open_blob(original.blob) as file:
                _copy(file, path, original.blob)
        except (FileNotFoundError, _Spoiled):
            exported.spoiled.append(f"{self._folder.name}/{name}")
            return
        exported.files += 1
        exported.size += original.size
        self._manifest.write(_line(name, version, original).written())
        # What stands there already is told, however this ends.
        self._manifest.flush()


class _Shelves:
    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self._folder, self._opened = folder, opened
        self._names = Names()
        self._known: dict[UUID, _Shelf] = {}

    def of(self, version: VersionToGive) -> _Shelf:
        if version.collection_id not in self._known:
            folder = self._folder / self._names.of_folder(version.collection_name)
            folder.mkdir(mode=0o700)
            path = folder / MANIFEST
            path.touch(mode=0o600)
            self._known[version.collection_id] = _Shelf(folder, self._opened.enter_context(path.open("ab")))
        return self._known[version.collection_id]


def _copy(file: IO[bytes], path: Path, blob: str) -> None:
    """Whole and as it was kept, or not at all. Raises _Spoiled."""
    digest = hashlib.sha256()
    with private_file(path) as written:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
            written.write(piece)
        if digest.hexdigest() != blob:
            raise _Spoiled


def _line(name: str, version: VersionToGive, original: OriginalFile) -> ManifestLine:
    return ManifestLine(
        file=name,
        document=str(version.document_id),
        title=version.title,
        collection=version.collection_name,
        source_path=version.source_path,
        version=version.number,
        in_force=version.in_force,
        state=version.state,
        filename=original.filename,
        media_type=original.media_type,
        size=original.size,
        sha256=original.blob,
        effective_from=version.effective_from.isoformat(),
        expires_on=version.expires_on.isoformat() if version.expires_on else None,
        uploaded_by=version.uploaded_by,
        uploaded_at=version.uploaded_at.isoformat(),
    )
