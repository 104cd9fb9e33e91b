"""A watched folder on this machine, or one that is mounted there: its files by their places below it.

A file is read again once its time or size is another; what a link leads to is not in the folder.
"""

import os
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import IO, ClassVar, Final, Self

from kbchat.core.errors import Unavailable
from kbchat.sources.beneath import OpenedFolder, allowed_folder
from kbchat.sources.copying import copy_bounded
from kbchat.sources.folder_files import FolderFiles, files_of
from kbchat.sources.port import Fetched, Item, Listing, Place, Surroundings

_FOLDER: Final = "folder"


class FolderSource:
    mirrors: ClassVar[bool] = True
    fields: ClassVar[Mapping[str, bool]] = {_FOLDER: True}

    def __init__(self, folder: OpenedFolder, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._places: dict[str, str] = {}

    @classmethod
    def at(cls, place: Place, surroundings: Surroundings) -> Self:
        return cls(allowed_folder(place[_FOLDER], surroundings.roots), surroundings.most_bytes)

    def listing(self, known_revision: str) -> Listing | None:
        if not self._folder.path.is_dir():
            raise Unavailable("source_folder_missing")
        found = self._found()
        items, is_complete = {}, not found.unread
        for file in found.files:
            try:
                mark = _mark(file.path.lstat())
            except OSError:
                # It went while the folder was read: the next run sees what is there then.
                is_complete = False
                continue
            path = self._path(file.source_path)
            items[path] = Item(path, mark)
            self._places[path] = file.source_path
        return Listing(list(items.values()), passed_over=len(found.skipped), is_complete=is_complete)

    def fetch(self, item: Item, validator: str, into: IO[bytes]) -> Fetched | None:
        name = self._filename(item)
        try:
            with os.fdopen(self._folder.open(self._places.get(item.path, item.path)), "rb") as file:
                copy_bounded(file.read, into, filename=name, most_bytes=self._most_bytes)
                after = os.fstat(file.fileno())
        except OSError as error:
            raise Unavailable("source_file_unreadable") from error
        if _mark(after) != item.mark:
            # Somebody is writing it: half a file is not taken in.
            raise Unavailable("source_changed_meanwhile")
        return Fetched(name)

    def close(self) -> None:
        """Nothing is held."""

    def _found(self) -> FolderFiles:
        return files_of(self._folder.path)

    def _path(self, place: str) -> str:
        """By which the item at a place below the folder is known for good."""
        return place

    def _filename(self, item: Item) -> str:
        return PurePosixPath(item.path).name


def _mark(known: os.stat_result) -> str:
    return f"{known.st_mtime_ns}-{known.st_size}"
