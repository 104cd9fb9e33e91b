"""`manage.py reindex`: documents in force read anew by what is installed now, where that reads another text."""

import os
from collections import Counter
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from kbchat import composition
from kbchat.cli.own_workers import OwnWorkers, workers_for_a_while
from kbchat.cli.people import add_choice, chosen
from kbchat.cli.waiting import Result, wait_until_done
from kbchat.core.viewer import Viewer
from kbchat.library.reading_anew import InForce, Reading, ToReadAnew, list_in_force, read_anew

# As the workers are: whoever asks and whoever uploads goes first.
_NICE: Final = 10


class Command(BaseCommand):
    help = (
        "Read the documents in force anew by today's parsers, after an upgrade or since Tesseract or LibreOffice was "
        "installed. Where the text is the same nothing changes; where it is another one, the same file becomes another "
        "version, and what was cited stays in the former. Run it where the workers run: it reads by what is installed "
        "there. Another index of the same text is built by `generation build`."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        add_choice(parser, who="who reads what he edits anew")

    def handle(self, *args: Any, **options: Any) -> None:
        viewer, collection = chosen(options)
        asked = list_in_force(viewer, collection)
        self._tell_left_out(asked)
        if not asked.found:
            self.stdout.write("There is no document to read anew.")
            return
        with (
            workers_for_a_while(composition.environment()) as workers,
            tqdm(total=len(asked.found), desc="reading", unit="document", file=self.stderr) as bar,
        ):
            os.nice(_NICE)
            readings, result = self._read(viewer, asked.found, workers, bar)
        self._tell(readings, result)
        if result.failed:
            raise CommandError(
                f"{len(result.failed)} could not be read by the workers; their former versions answer on."
            )

    def _read(
        self, viewer: Viewer, found: list[InForce], workers: OwnWorkers | None, bar: "tqdm[Any]"
    ) -> tuple[Counter[Reading], Result]:
        """One after another: whoever uploads meanwhile waits for one of them at most."""
        limits, equipment = composition.sandbox_limits(), composition.equipment()
        readings: Counter[Reading] = Counter()
        result = Result.of_none()
        for one in found:
            reading = read_anew(viewer, one, limits, equipment)
            readings[reading] += 1
            name = f"{one.collection_name}: {one.title}"
            if reading is Reading.OTHER:
                result.take(
                    wait_until_done(
                        viewer,
                        {one.document_id: name},
                        told=lambda _: None,
                        look_after=workers.require_alive if workers else lambda: None,
                    )
                )
            elif reading is Reading.UNREADABLE:
                bar.write(
                    f"  stays    {name}: it cannot be read as well by what is installed here", self.stdout
                )
            bar.update()
        return readings, result

    def _tell_left_out(self, asked: ToReadAnew) -> None:
        if asked.later:
            self.stdout.write(
                f"{asked.later} left as they are: a newer version of theirs waits, failed (`manage.py retry`) or is "
                "not in force yet."
            )
        if asked.closed:
            self.stdout.write(
                f"{asked.closed} left as they are: sections of them are closed to whoever asks."
            )

    def _tell(self, readings: Counter[Reading], result: Result) -> None:
        for line in result.lines():
            self.stdout.write(line)
        passed_by = readings[Reading.PASSED_BY]
        self.stdout.write(
            f"{readings.total()} read: {readings[Reading.SAME]} as before, {readings[Reading.OTHER]} with another "
            f"text, {readings[Reading.UNREADABLE]} not as well as before and left"
            + (f", {passed_by} changed meanwhile." if passed_by else ".")
        )
        if readings[Reading.OTHER]:
            self.stdout.write(f"Of those with another text: {result.counted()}")
