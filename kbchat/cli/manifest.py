"""What an export says of its files, one line each, and what an import makes of that: names that no folder can hold,
the place from which a document came, and the days on which it answers."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Final

from kbchat.core.errors import Invalid
from kbchat.library.uploading import Days
from kbchat.sources.folder_files import FolderFiles, files_of, no_document

MANIFEST: Final = "manifest.jsonl"


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """`file`: below the folder of the manifest, with slashes; times and days as in ISO 8601."""

    file: str
    document: str
    title: str
    collection: str
    source_path: str
    version: int
    in_force: bool
    state: str
    filename: str
    media_type: str
    size: int
    sha256: str
    effective_from: str
    expires_on: str | None
    uploaded_by: str
    uploaded_at: str

    def written(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Origin:
    """Of a file that is imported. `source_path`: "" where it is to be known by its place in the folder."""

    filename: str
    source_path: str
    days: Days


@dataclass(frozen=True, slots=True)
class FilesToImport:
    """`origins`: of those that a manifest tells of, by their place in the folder."""

    found: FolderFiles
    origins: Mapping[str, Origin]


def files_to_import(folder: Path) -> FilesToImport:
    """As `files_of`, with what a manifest says that stands in the folder itself or in one right below. What it says is
    a document is taken for one; versions that are not in force are passed over. Raises Invalid for a manifest that
    breaks off or was changed."""
    lines: dict[str, dict[str, Any]] = {}
    manifests = set()
    for manifest in _manifests(folder):
        below = manifest.parent.relative_to(folder)
        for line in _read(manifest):
            lines[(below / line["file"]).as_posix()] = line
            manifests.add((below / MANIFEST).as_posix())

    def why_not(path: Path) -> Invalid | None:
        line = lines.get(path.relative_to(folder).as_posix())
        if line is None:
            return no_document(path)
        return None if line["in_force"] else Invalid("version_not_in_force")

    # Of two from one place, each would be taken for the next version of the other.
    places = Counter(line["source_path"] for line in lines.values() if line["in_force"])
    origins = {
        place: _origin(line, is_alone=places[line["source_path"]] == 1)
        for place, line in lines.items()
        if line["in_force"]
    }
    found = files_of(folder, why_not)
    # What was read is not told as passed over.
    skipped = [each for each in found.skipped if each.source_path not in manifests]
    return FilesToImport(replace(found, skipped=skipped), origins)


def _manifests(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    named = [folder / MANIFEST, *sorted(folder.glob(f"*/{MANIFEST}"))]
    return [each for each in named if each.is_file() and not each.is_symlink()]


def _read(manifest: Path) -> Iterator[dict[str, Any]]:
    """Nothing where it is somebody else's file of that name: its first line tells."""
    for number, written in enumerate(manifest.read_bytes().splitlines(), 1):
        try:
            line = json.loads(written)
            _require_sound(ManifestLine(**line))
        except (ValueError, TypeError) as error:
            if number == 1:
                return
            raise Invalid("manifest_unreadable", line=number) from error
        yield line


def _require_sound(line: ManifestLine) -> None:
    """Raises ValueError, TypeError for what no export writes."""
    if not all(isinstance(each, str) for each in (line.file, line.filename, line.source_path)):
        raise TypeError
    if PurePosixPath(line.file).is_absolute():
        raise ValueError
    date.fromisoformat(line.effective_from)
    date.fromisoformat(line.expires_on or line.effective_from)


def _origin(line: Mapping[str, Any], *, is_alone: bool) -> Origin:
    expires_on = line["expires_on"]
    return Origin(
        filename=line["filename"],
        source_path=line["source_path"] if is_alone else "",
        days={
            "effective_from": date.fromisoformat(line["effective_from"]),
            "expires_on": date.fromisoformat(expires_on) if expires_on else None,
        },
    )
