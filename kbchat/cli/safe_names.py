"""Names of files that every file system takes and that lead nowhere else, each one once in its folder."""

import re
import unicodedata
from collections import Counter
from typing import Final

# File systems take 255 bytes; what stands beside a file while it is written has a name of its own.
_MOST_BYTES: Final = 200
_MOST_SUFFIX_BYTES: Final = 20
_UNSAFE: Final = re.compile(r'[/\\:*?"<>|]')
_OF_WINDOWS: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE | re.DOTALL)
_REPLACED: Final = "_"


def safe_name(name: str) -> str:
    """As near to `name` as may be: letters of any script stay. Never empty, hidden, or `~` first, which is kept for the
    folders of those that have the name of another."""
    signs = unicodedata.normalize("NFC", name)
    kept = "".join(sign for sign in signs if not unicodedata.category(sign).startswith("C"))
    kept = _UNSAFE.sub(_REPLACED, kept).strip().rstrip(". ")
    if not kept or kept[0] in ".~" or _OF_WINDOWS.fullmatch(kept):
        kept = _REPLACED + kept.lstrip(".~")
    return _shortened(kept)


def _shortened(name: str) -> str:
    if len(name.encode()) <= _MOST_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    suffix = dot + ending if stem and len(ending.encode()) < _MOST_SUFFIX_BYTES else ""
    room = _MOST_BYTES - len(suffix.encode())
    # A character that is cut through is left out.
    return name.removesuffix(suffix).encode()[:room].decode(errors="ignore").rstrip(". ") + suffix


class Names:
    """Of what is put into one folder. Two that differ in case alone count as the same."""

    def __init__(self, *taken: str) -> None:
        self._count = Counter(each.casefold() for each in taken)

    def of_file(self, name: str) -> str:
        """Below the folder, with a slash: the second of a name stands in a folder `~2`, so that it keeps its name,
        which many a document is called after."""
        safe, number = self._numbered(name)
        return safe if number == 1 else f"~{number}/{safe}"

    def of_folder(self, name: str) -> str:
        safe, number = self._numbered(name)
        return safe if number == 1 else self.of_folder(f"{safe[:60]} ({number})")

    def _numbered(self, name: str) -> tuple[str, int]:
        safe = safe_name(name)
        self._count[safe.casefold()] += 1
        return safe, self._count[safe.casefold()]
