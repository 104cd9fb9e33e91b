"""`manage.py evaluate_retrieval FOLDER`: what each leg of search finds of a judged set, in a scratch library."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from kbchat.cli.judged_arguments import add_retrieval_options, legs_of
from kbchat.cli.judged_library import filled_from, searched_in
from kbchat.cli.scratch_library import ScratchLibrary
from kbchat.cli.telling import told_error
from kbchat.core.errors import KbchatError
from kbchat.evaluation.beir import BeirSet, read_beir_set
from kbchat.evaluation.legs import LegFigures, measure_legs
from kbchat.evaluation.reporting import legs_as_json, legs_table


class Command(BaseCommand):
    help = (
        "Bring a set in BEIR's layout into a scratch library as documents come in, search it, and show what each leg "
        "finds and how long it takes. The company's own library is not touched."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        add_retrieval_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        legs = legs_of(options["legs"])
        try:
            found = read_beir_set(options["path"].resolve(), options["split"]).asking(options["limit"])
            library = filled_from(found, self.stderr)
            figures = self._measure(found, library, legs)
        except KbchatError as error:
            raise CommandError(told_error(error)) from error
        self.stdout.write(legs_table(figures))
        ingestion = asdict(library.ingestion) if library.ingestion else {}
        if library.ingestion:
            self.stdout.write(
                "{documents} documents, {passages} passages, searchable after {seconds:.0f} s".format(
                    **ingestion
                )
            )
        if options["json"]:
            told = {"set": found.name, "legs": legs_as_json(figures), "ingestion": ingestion}
            options["json"].write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    def _measure(self, found: BeirSet, library: ScratchLibrary, legs: list[str]) -> dict[str, LegFigures]:
        with tqdm(desc="asking", total=len(found.questions), unit="question", file=self.stderr) as asking:
            return measure_legs(searched_in(library, found), found.questions, legs, on_asked=asking.update)
