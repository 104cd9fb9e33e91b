"""`manage.py dump FOLDER`: a backup of an installation with the embedded database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from kbchat import composition
from kbchat.cli.attaching import embedded_database
from kbchat.cli.copying import BLOBS, copy_files, copy_secret_key, stored_files
from kbchat.cli.management.commands.export import require_empty
from kbchat.embedded.dumping import write_dump


class Command(BaseCommand):
    help = (
        "Write a backup of the embedded database, the stored files and the secret key into an empty folder that only "
        "you may read, while the program runs or not. `manage.py restore_dump` brings it back. Where DATABASE_URL "
        "names a server: docs/backups.md."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="empty, or not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        cluster = embedded_database()
        folder = options["folder"].absolute()
        require_empty(folder)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            # Before the files, so that no document in it lacks its file.
            write_dump(cluster, folder)
            copy_secret_key(composition.environment().data_dir, folder)
            self._copy_files(folder)
        except OSError as error:
            raise CommandError(
                f"Cannot write {error.filename or folder} ({error.strerror}); the backup is not complete. Remove "
                f"{folder} and try again where there is room."
            ) from error

    def _copy_files(self, folder: Path) -> None:
        if (source := stored_files()) is None:
            self.stdout.write(f"The database stands in {folder}. Files are in a bucket: back that up, too.")
            return
        with tqdm(desc="copying", unit="file", file=self.stderr) as bar:
            count = copy_files(source, folder / BLOBS, bar.update)
        self.stdout.write(
            f"The database and {count} files stand in {folder}. Keep it where few may read: all documents, questions "
            "and secrets are in it."
        )
