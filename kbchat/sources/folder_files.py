"""The files of a folder that are documents by their names; the others with the reason why they are passed over."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kbchat.parsing.registry import PARSERS
from kbchat.parsing.sniffing import named_type, suffix_of

# Of site generators: made from the pages, or what pages are made with.
_MACHINERY = frozenset({"_site", "_layouts", "_includes", "_sass", "node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class FolderFile:
    path: Path
    source_path: str
    """Below the folder, with slashes."""


@dataclass(frozen=True, slots=True)
class Skipped:
    source_path: str
    reason: str


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """`unread`: folders that could not be listed."""

    files: list[FolderFile]
    skipped: list[Skipped]
    unread: list[str] = field(default_factory=list)


def no_document(path: Path) -> str:
    """Why a file is none by its name; "" where it may be one."""
    suffix = suffix_of(path.name)
    # Without an ending the content decides.
    return f"no document format (.{suffix})" if suffix and named_type(path.name) not in PARSERS else ""


def files_of(folder: Path, why_not: Callable[[Path], str] = no_document) -> FolderFiles:
    """In the order of their names. Links are not followed: they may lead anywhere. A single file is a folder of one.

    `why_not`: the reason why a plain file is passed over, or "".
    """
    if folder.is_file():
        return FolderFiles([FolderFile(folder, folder.name)], [])
    found = FolderFiles([], [])
    for parent, folders, names in os.walk(
        folder, onerror=lambda error: found.unread.append(str(error.filename))
    ):
        for name in sorted(folders):
            reason = _why_not_folder(Path(parent) / name)
            if reason:
                folders.remove(name)
                below = (Path(parent) / name).relative_to(folder).as_posix()
                found.skipped.append(Skipped(f"{below}/", reason))
        folders.sort()
        for name in sorted(names):
            path = Path(parent) / name
            reason = _why_not_file(path) or why_not(path)
            below = path.relative_to(folder).as_posix()
            if reason:
                found.skipped.append(Skipped(below, reason))
            else:
                found.files.append(FolderFile(path, below))
    return found


def _why_not_folder(path: Path) -> str:
    if path.is_symlink():
        return "a link"
    if path.name.startswith("."):
        return f"a hidden folder, files in it: {_count(path)}"
    return f"machinery of a site, files in it: {_count(path)}" if path.name in _MACHINERY else ""


def _count(folder: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(folder))


def _why_not_file(path: Path) -> str:
    if path.is_symlink():
        return "a link"
    if path.name.startswith("."):
        return "a hidden file"
    return "" if path.is_file() else "not a plain file"
