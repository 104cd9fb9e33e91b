"""`manage.py retry`: another attempt at every document that failed, waited for to its end."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from kbchat import composition
from kbchat.cli.own_workers import workers_for_a_while
from kbchat.cli.people import add_choice, chosen
from kbchat.cli.telling import told
from kbchat.cli.waiting import Result, wait_until_done
from kbchat.core.viewer import Viewer
from kbchat.library.retrying import FailedDocument, list_failed, retry_documents


class Command(BaseCommand):
    help = (
        "Try every document again that failed, was rejected or cancelled and that he may edit, and wait until each is "
        "ready or has failed once more. Ends with 1 where one has."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        add_choice(parser, who="who tries them again")
        parser.add_argument(
            "--code", help="what failed for this reason alone, by the code that this command tells"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        viewer, collection = chosen(options)
        failed = list_failed(viewer, collection)
        again = [each for each in failed if options["code"] in (None, each.code)]
        if not again:
            self.stdout.write(
                "There is nothing to try again." if not failed else "Nothing failed for this reason."
            )
            self._tell_reasons(failed, viewer.language)
            return
        self.stdout.write(f"{len(again)} {'document' if len(again) == 1 else 'documents'} to try again:")
        self._tell_reasons(again, viewer.language)
        result = self._retry(viewer, again)
        for line in result.lines():
            self.stdout.write(line)
        self.stdout.write(f"{len(again)} tried again: {result.counted()}")
        if result.failed:
            raise CommandError(f"{len(result.failed)} of {len(again)} failed again; see the list above.")

    def _tell_reasons(self, failed: Sequence[FailedDocument], language: str) -> None:
        """The most frequent first. Facts are of single documents, and left out."""
        for code, count in Counter(each.code for each in failed).most_common():
            self.stdout.write(f"  {count} × {code}: {told(code, {}, language)}")

    def _retry(self, viewer: Viewer, again: Sequence[FailedDocument]) -> Result:
        with (
            workers_for_a_while(composition.environment()) as workers,
            tqdm(total=len(again), desc="reading", unit="document", file=self.stderr) as bar,
        ):
            retry_documents(viewer, [each.id for each in again])
            return wait_until_done(
                viewer,
                _names(again),
                told=lambda done: bar.update(done - bar.n),
                look_after=workers.require_alive if workers else lambda: None,
            )


def _names(again: Sequence[FailedDocument]) -> dict[UUID, str]:
    """Of two of the same name in a collection, each with its id."""
    names = {each.id: f"{each.collection_name}: {each.title}" for each in again}
    twice = {name for name, count in Counter(names.values()).items() if count > 1}
    return {pk: f"{name} ({pk})" if name in twice else name for pk, name in names.items()}
