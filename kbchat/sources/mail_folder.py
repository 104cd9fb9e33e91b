"""A folder into which mail is dropped: `.eml` files, or a Maildir that a mail server delivers into.

Whoever empties it takes nothing back: a mail that was taken in stays in the library. A mail of a Maildir has one name
for good, and another folder and flags behind a colon each time that somebody does something with it.

Who reads a mail the folder's own file says, as of any folder, and nothing in the mail: to whom it is addressed is what
its sender has written there.
"""

from pathlib import Path, PurePosixPath
from typing import ClassVar

from kbchat.core.errors import Invalid
from kbchat.sources.folder import FolderSource
from kbchat.sources.port import Item

_SUFFIX = ".eml"
_CURRENT = "cur"
_DELIVERED = {"new", _CURRENT}
"""Of a Maildir; what stands in its `tmp` is still being written."""
_NOT_READ = {"drafts", "trash", "junk", "spam", "templates", "deleted messages", "deleted items"}
"""As mail servers and programs call them."""


class MailFolderSource(FolderSource):
    mirrors: ClassVar[bool] = False

    def _why_not(self, path: Path) -> Invalid | None:
        is_mail = path.suffix.lower() == _SUFFIX or path.parent.name in _DELIVERED
        return None if is_mail else Invalid("not_a_document", suffix=path.suffix.removeprefix("."))

    def _is_looked_into(self, folder: Path) -> bool:
        """A folder inside a Maildir is named after all around it, with a dot before each: `.Archive.2024`. What a
        person has not sent, or has thrown away, is nobody's to read."""
        kinds = {kind.lower() for kind in folder.name.split(".")}
        return all((folder / name).is_dir() for name in _DELIVERED) and not kinds & _NOT_READ

    def _path(self, place: str) -> str:
        place = super()._path(place)
        path = PurePosixPath(place)
        if (self._folder.path / path).parent.name not in _DELIVERED:
            return place
        return str(path.parent.parent / _CURRENT / path.name.partition(":")[0])

    def _filename(self, item: Item) -> str:
        return super()._filename(item).removesuffix(_SUFFIX) + _SUFFIX
