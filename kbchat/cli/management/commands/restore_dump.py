"""`manage.py restore_dump FOLDER`: bring back what `manage.py dump` wrote, into a new data folder alone."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from kbchat import composition
from kbchat.cli.attaching import embedded_database
from kbchat.cli.copying import BLOBS, copy_files, copy_secret_key, stored_files
from kbchat.cli.only_program import only_program
from kbchat.embedded.dumping import DUMP, ROLES, is_empty, restore_dump


class Command(BaseCommand):
    help = (
        "Bring back what `manage.py dump` wrote, into the embedded database of a new data folder (KBCHAT_DATA_DIR); "
        "one that holds anything is left as it is. `make run` then brings it to this release."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="what `manage.py dump` wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        cluster = embedded_database()
        folder = options["folder"].absolute()
        data_dir = composition.environment().data_dir
        for name in (DUMP, ROLES):
            if not (folder / name).is_file():
                raise CommandError(f"{folder} has no {name}: name a folder that `manage.py dump` wrote.")
        with only_program(data_dir):
            if not is_empty(cluster):
                raise CommandError(
                    f"{data_dir} holds a database already, and nothing was changed. Name a new data folder: "
                    f"KBCHAT_DATA_DIR=… manage.py restore_dump {folder}"
                )
            try:
                # The database last: as long as it is empty, this may be said again.
                self._copy_files(folder)
                copy_secret_key(folder, data_dir)
            except OSError as error:
                raise CommandError(
                    f"Cannot copy {error.filename or folder} ({error.strerror}); the database is still empty. Say the "
                    "same again where there is room."
                ) from error
            restore_dump(cluster, folder)
        self.stdout.write(
            f"It stands in {data_dir}. Start it with `make run`, then see by `manage.py reconcile` if it is whole."
        )

    def _copy_files(self, folder: Path) -> None:
        if (target := stored_files()) is None:
            self.stdout.write("Files are in a bucket: see that it holds those of the backup.")
            return
        with tqdm(desc="copying", unit="file", file=self.stderr) as bar:
            copy_files(folder / BLOBS, target, bar.update)
