"""`manage.py import_folder PATH --collection NAME`: a folder of documents, all of it or a reason for each file."""

import shlex
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from kbchat import composition
from kbchat.access.viewers import viewer_of
from kbchat.accounts.models import Group
from kbchat.accounts.people import ensure_group
from kbchat.cli.importing import Sent, collection_to_fill, send_files
from kbchat.cli.manifest import FilesToImport, files_to_import
from kbchat.cli.own_workers import workers_for_a_while
from kbchat.cli.people import active_person_or_first_administrator
from kbchat.cli.telling import told_error
from kbchat.cli.waiting import Result, printable, wait_until_done
from kbchat.core.errors import Invalid, KbchatError, NotAllowed
from kbchat.core.viewer import Viewer
from kbchat.library.sharing import let_read
from kbchat.sources.folder_files import FolderFiles


class Command(BaseCommand):
    help = "Import every document of a folder into a collection, and wait until each is ready or has failed."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the folder, or one file")
        parser.add_argument("--collection", required=True, help="its name; made if it is missing")
        parser.add_argument(
            "--group", help="who may read the collection besides the importer; made if it is missing"
        )
        parser.add_argument(
            "--as", dest="email", help="whose import it is (default: the first administrator)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            arriving = files_to_import(_existing(options["path"]))
        except Invalid as error:
            raise CommandError(told_error(error)) from error
        found = arriving.found
        if not found.files:
            raise CommandError(f"There is no document in {options['path']}.")
        viewer = viewer_of(active_person_or_first_administrator(options["email"]))
        try:
            collection_id, is_new = collection_to_fill(viewer, options["collection"])
            if is_new:
                self.stdout.write(f"The collection {options['collection']} is new.")
            if options["group"]:
                let_read(viewer, collection_id, self._group(options["group"]).pk)
            sent, result = self._import(viewer, collection_id, arriving)
        except NotAllowed as error:
            raise CommandError(
                f"{options['email'] or 'The importer'} may not do that: only administrators make collections, only "
                "editors of a collection add to it, only its owners share it."
            ) from error
        except KbchatError as error:
            raise CommandError(told_error(error, viewer.language)) from error
        self._tell(found, sent, result, viewer.language)
        lost = len(result.lost) + len(result.failed) + len(sent.refused)
        if lost:
            raise CommandError(
                f"{lost} of {len(found.files)} files did not become searchable; see the list above."
            )

    def _group(self, name: str) -> Group:
        found = Group.objects.filter(name=name).first()
        if found is None:
            self.stdout.write(
                f"The group {name} is new and nobody is in it yet: `manage.py add_to_group {shlex.quote(name)} EMAIL` "
                "puts people in."
            )
        return found or ensure_group(name)

    def _import(self, viewer: Viewer, collection_id: UUID, arriving: FilesToImport) -> tuple[Sent, Result]:
        environment = composition.environment()
        files = arriving.found.files
        with workers_for_a_while(environment) as workers:
            with tqdm(total=len(files), desc="sending", unit="file", file=self.stderr) as bar:
                sent = send_files(
                    viewer,
                    collection_id,
                    files,
                    archives=composition.archive_limits(),
                    step=bar.update,
                    origins=arriving.origins,
                )
            with tqdm(total=len(sent.paths), desc="reading", unit="file", file=self.stderr) as bar:
                result = wait_until_done(
                    viewer,
                    sent.paths,
                    told=lambda done: bar.update(done - bar.n),
                    look_after=workers.require_alive if workers else lambda: None,
                )
        return sent, result

    def _tell(self, found: FolderFiles, sent: Sent, result: Result, language: str) -> None:
        for skipped in found.skipped:
            reason = told_error(skipped.reason, language)
            self.stdout.write(f"  skipped  {printable(skipped.source_path)}: {reason}")
        for place in found.unread:
            self.stdout.write(f"  unread   {printable(place)}: it could not be looked at")
        for path, error in sent.refused.items():
            self.stdout.write(f"  failed   {printable(path)}: {told_error(error, language)}")
        for line in result.lines():
            self.stdout.write(line)
        empty = len(result.without_passages)
        self.stdout.write(
            f"{len(found.files)} files: {sent.new} new, {sent.replaced} new versions, {sent.unchanged} unchanged. "
            f"{len(result.ready) + empty} ready ({empty} of them without passages), "
            f"{len(sent.refused) + len(result.failed)} failed, {len(result.lost)} lost. {len(found.skipped)} skipped."
        )


def _existing(path: Path) -> Path:
    if not path.exists():
        raise CommandError(f"There is no {path}.")
    return path.resolve()
