"""The files of a folder that are brought in; the others with the reason why they are passed over."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kbchat.core.errors import Invalid
from kbchat.sources.choosing import PICTURE, why_not_file, why_not_folder


@dataclass(frozen=True, slots=True)
class FolderFile:
    path: Path
    source_path: str
    """Below the folder, with slashes."""
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    source_path: str
    reason: Invalid


@dataclass(frozen=True, slots=True)
class Unread:
    """A folder that could not be listed, or a file that could not be looked at: whether it is there is not known."""

    place: str


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """`unread`: folders that could not be listed, and files that could not be looked at."""

    files: list[FolderFile]
    skipped: list[Skipped]
    unread: list[str] = field(default_factory=list)


def no_document(path: Path) -> Invalid | None:
    """Why a plain file is none, by its name and by what it holds; None where it may be one."""
    try:
        with path.open("rb") as file:
            return why_not_file(path.name, file)
    except OSError:
        return None  # told where it is sent in


def files_of(folder: Path, why_not: Callable[[Path], Invalid | None] = no_document) -> FolderFiles:
    """All of them but pictures, which are part of what they stand beside. A single file is a folder of one. `why_not`
    as in `walked`."""
    if folder.is_file():
        return FolderFiles([FolderFile(folder, folder.name)], [])
    found = FolderFiles([], [])
    for one in walked(folder, why_not):
        match one:
            case FolderFile(is_picture=True):
                found.skipped.append(Skipped(one.source_path, Invalid(PICTURE)))
            case FolderFile():
                found.files.append(one)
            case Skipped():
                found.skipped.append(one)
            case Unread():
                found.unread.append(one.place)
    return found


def walked(
    folder: Path,
    why_not: Callable[[Path], Invalid | None] = no_document,
    is_looked_into: Callable[[Path], bool] = lambda _: False,
) -> Iterator[FolderFile | Skipped | Unread]:
    """In the order of their names. Links are not followed: they may lead anywhere.

    `why_not`: the reason why a plain file is passed over. `is_looked_into`: a folder whatever its name says.
    """
    unread: list[Unread] = []
    for parent, folders, names in os.walk(
        folder, onerror=lambda error: unread.append(Unread(str(error.filename)))
    ):
        for name in sorted(folders):
            reason = _why_not_folder(Path(parent) / name, is_looked_into)
            if reason:
                folders.remove(name)
                yield Skipped(f"{(Path(parent) / name).relative_to(folder).as_posix()}/", reason)
        folders.sort()
        for name in sorted(names):
            path = Path(parent) / name
            below = path.relative_to(folder).as_posix()
            try:
                reason = _why_not_plain(path) or why_not(path)
            except OSError:
                # Whoever saves a file may take the former one away first.
                yield Unread(str(path))
                continue
            if reason is None or reason.code == PICTURE:
                yield FolderFile(path, below, is_picture=reason is not None)
            else:
                yield Skipped(below, reason)
    yield from unread


def _why_not_folder(path: Path, is_looked_into: Callable[[Path], bool]) -> Invalid | None:
    if path.is_symlink():
        return Invalid("is_a_link")
    code = why_not_folder(path.name) if not is_looked_into(path) else ""
    return Invalid(code, files=sum(len(names) for _, _, names in os.walk(path))) if code else None


def _why_not_plain(path: Path) -> Invalid | None:
    """Raises OSError for what is not there any more."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return Invalid("is_a_link")
    if path.name.startswith("."):
        return Invalid("hidden_file")
    return None if stat.S_ISREG(mode) else Invalid("not_a_plain_file")
