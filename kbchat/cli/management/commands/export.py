"""`manage.py export FOLDER`: the original files of the library, as they were sent in, with what is known of each."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from kbchat import composition
from kbchat.access.viewers import viewer_of
from kbchat.cli.exporting import Exported, export_files
from kbchat.cli.people import active_person_or_first_administrator, readable_collection
from kbchat.core.viewer import Viewer
from kbchat.library.exporting import VersionsToGive, list_versions


class Command(BaseCommand):
    help = (
        "Write the original files of the versions in force into an empty folder, a folder for each collection, with a "
        "manifest.jsonl by which import_folder brings them in again. What he may not read as a whole is left out; each "
        "file is recorded as opened by him. Ends with 1 where storage has lost or spoiled one."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="empty, or not there yet")
        parser.add_argument(
            "--collection",
            action="append",
            help="of this collection alone; may be given again (default: all)",
        )
        parser.add_argument(
            "--all-versions", action="store_true", help="former, later and failed versions, too"
        )
        parser.add_argument(
            "--as", dest="email", help="under whose rights (default: the first administrator's)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"].absolute()
        require_empty(folder)
        viewer = viewer_of(active_person_or_first_administrator(options["email"]))
        names = options["collection"]
        found = list_versions(
            viewer,
            None if names is None else {readable_collection(viewer, name) for name in names},
            all_versions=options["all_versions"],
        )
        exported = self._export(viewer, folder, found)
        self._tell(folder, found, exported, options["email"] or "the first administrator")
        if exported.spoiled:
            raise CommandError(
                f"{len(exported.spoiled)} of {len(found.versions)} files are lost or damaged; see the list above. "
                "`manage.py reconcile` tells of all."
            )

    def _export(self, viewer: Viewer, folder: Path, found: VersionsToGive) -> Exported:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tqdm(total=len(found.versions), desc="exporting", unit="file", file=self.stderr) as bar:
                return export_files(
                    viewer,
                    folder,
                    found.versions,
                    files_are_scanned=composition.malware_scanner() is not None,
                    step=bar.update,
                )
        except OSError as error:
            raise CommandError(
                f"Cannot write {error.filename or folder} ({error.strerror}); the export is not complete."
            ) from error

    def _tell(self, folder: Path, found: VersionsToGive, exported: Exported, person: str) -> None:
        for path in exported.spoiled:
            self.stdout.write(f"  damaged  {path}: storage has lost or changed its bytes")
        if exported.closed:
            self.stdout.write(
                f"{exported.closed} left out: files are given as a whole alone, and these are not open as a whole to "
                f"{person}."
            )
        if found.without:
            self.stdout.write(f"{found.without} documents have no version that was asked for.")
        self.stdout.write(f"{exported.files} files with {exported.size:,} bytes stand in {folder}.")


def require_empty(folder: Path) -> None:
    """Raises CommandError where something is in it."""
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder} is no folder.")
    if folder.is_dir() and any(folder.iterdir()):
        raise CommandError(f"{folder} is not empty; nothing was written.")
