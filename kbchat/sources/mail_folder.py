"""A folder into which mail is dropped: `.eml` files, or a Maildir that a mail server delivers into.

Whoever empties it takes nothing back: a mail that was taken in stays in the library.
"""

from pathlib import Path
from typing import ClassVar

from kbchat.core.errors import Invalid
from kbchat.sources.folder import FolderSource
from kbchat.sources.folder_files import FolderFiles, files_of
from kbchat.sources.port import Item

_SUFFIX = ".eml"
_DELIVERED = {"new", "cur"}
"""Of a Maildir; what stands in its `tmp` is still being written."""


class MailFolderSource(FolderSource):
    mirrors: ClassVar[bool] = False

    def _found(self) -> FolderFiles:
        return files_of(self._folder, _why_no_mail)

    def _filename(self, item: Item) -> str:
        name = super()._filename(item)
        return name if name.endswith(_SUFFIX) else f"{name.partition(':')[0]}{_SUFFIX}"


def _why_no_mail(path: Path) -> Invalid | None:
    is_mail = path.suffix.lower() == _SUFFIX or path.parent.name in _DELIVERED
    return None if is_mail else Invalid("not_a_document", suffix=path.suffix.removeprefix("."))
