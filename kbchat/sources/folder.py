"""A watched folder on this machine, or one that is mounted there: its files by their places below it.

A file is read again once its time or size is another; what a link leads to is not in the folder.
"""

import io
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO, ClassVar, Final, Self

from kbchat.core.deadline import Deadline
from kbchat.core.errors import Invalid, Unavailable
from kbchat.sources.access_file import ACCESS_FILE, MOST_ACCESS_BYTES, Permissions, permissions_in
from kbchat.sources.beneath import OpenedFolder, allowed_folder
from kbchat.sources.copying import copy_bounded
from kbchat.sources.folder_files import FolderFile, Skipped, Unread, no_document, walked
from kbchat.sources.port import Fetched, Item, Listing, Place, Surroundings
from kbchat.sources.refusing import too_many_items

_FOLDER: Final = "folder"


class FolderSource:
    mirrors: ClassVar[bool] = True
    knows_readers: ClassVar[bool] = True
    fields: ClassVar[Mapping[str, bool]] = {_FOLDER: True}
    secrets: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, folder: OpenedFolder, surroundings: Surroundings) -> None:
        self._folder = folder
        self._surroundings = surroundings
        self._places: dict[str, str] = {}

    @classmethod
    def at(cls, place: Place, surroundings: Surroundings) -> Self:
        return cls(allowed_folder(place[_FOLDER], surroundings.roots), surroundings)

    def listing(self, known_revision: str) -> Listing | None:
        if not self._folder.path.is_dir():
            raise Unavailable("source_folder_missing")
        items: dict[str, Item] = {}
        passed_over, is_complete, most = 0, True, self._surroundings.most_items
        for one in walked(self._folder.path, self._why_not, self._is_looked_into):
            match one:
                case Skipped():
                    passed_over += 1
                case Unread():
                    is_complete = False
                case FolderFile():
                    is_complete &= self._list(one, items)
            if len(items) > most:
                raise too_many_items(most)
        return Listing(list(items.values()), passed_over, is_complete)

    def glimpse(self, seconds: float) -> bool | None:
        folder, deadline = self._folder.path, Deadline.after(seconds)
        if not folder.is_dir() or not os.access(folder, os.R_OK | os.X_OK):
            raise Unavailable("source_folder_missing")
        for one in walked(folder, self._why_not, self._is_looked_into):
            if isinstance(one, FolderFile) and (self._surroundings.reads_pictures or not one.is_picture):
                return True
            if deadline.has_passed:
                return None
        return False

    def _list(self, file: FolderFile, items: dict[str, Item]) -> bool:
        """Whether it was there still; if not, the next run sees what is there then."""
        try:
            mark = _mark(file.path.lstat())
        except OSError:
            return False
        path = self._path(file.source_path)
        items[path] = Item(path, mark, file.is_picture)
        self._places[path] = file.source_path
        return True

    def fetch(self, item: Item, validator: str, into: IO[bytes]) -> Fetched | None:
        name = self._filename(item)
        try:
            with os.fdopen(self._folder.open(self._places.get(item.path, item.path)), "rb") as file:
                copy_bounded(file.read, into, filename=name, most_bytes=self._surroundings.most_bytes)
                after = os.fstat(file.fileno())
        except OSError as error:
            raise Unavailable("source_file_unreadable") from error
        if _mark(after) != item.mark:
            # Somebody is writing it: half a file is not taken in.
            raise Unavailable("source_changed_meanwhile")
        return Fetched(name)

    def permissions(self) -> Permissions:
        content = io.BytesIO()
        try:
            with os.fdopen(self._folder.open(ACCESS_FILE), "rb") as file:
                copy_bounded(file.read, content, filename=ACCESS_FILE, most_bytes=MOST_ACCESS_BYTES)
        except OSError as error:
            raise Invalid("source_access_missing") from error
        return permissions_in(content.getvalue())

    def close(self) -> None:
        """Nothing is held."""

    def _why_not(self, path: Path) -> Invalid | None:
        """The reason why a plain file is passed over."""
        return no_document(path)

    def _is_looked_into(self, folder: Path) -> bool:
        """Whatever its name says."""
        return False

    def _path(self, place: str) -> str:
        """By which the item at a place below the folder is known for good; odd bytes of its name are written out."""
        return os.fsencode(place).decode("utf-8", "backslashreplace")

    def _filename(self, item: Item) -> str:
        return PurePosixPath(item.path).name


def _mark(known: os.stat_result) -> str:
    return f"{known.st_mtime_ns}-{known.st_size}"
