"""`manage.py tune_fusion FOLDER ...`: how far each leg counts and when nothing answers, fitted on judged sets in a
scratch library."""

import json
from dataclasses import asdict, replace
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from kbchat import composition
from kbchat.cli.judged_arguments import add_fusion_options
from kbchat.cli.judged_library import filled_from, searched_in
from kbchat.cli.scratch_library import ScratchLibrary
from kbchat.cli.telling import told_error
from kbchat.core.errors import KbchatError
from kbchat.evaluation.beir import BeirSet, read_beir_set
from kbchat.evaluation.null_tuning import Asked, ask_with_and_without, fit_null
from kbchat.evaluation.paraphrasing import MeaningKept
from kbchat.evaluation.reporting import fitted_null_table, fitted_table
from kbchat.evaluation.tuning import Fitted, Pooled, fit, pool


class Command(BaseCommand):
    help = (
        "Fit the weight of the dense leg for each language, the temperature of p(z|x) and the weights of p(no passage "
        "answers), on every second question of judged sets in BEIR's layout; the others tell what it is worth. "
        "`manage.py set_fusion FILE` puts it to use."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        add_fusion_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sets = [
                read_beir_set(path.resolve(), options["split"]).asking(options["limit"])
                for path in options["paths"]
            ]
            libraries = {found.name: filled_from(found, self.stderr) for found in sets}
            fitted = fit({found.name: self._pooled(libraries[found.name], found) for found in sets})
            self.stdout.write(fitted_table(fitted))
            null = fit_null({found.name: self._asked(libraries[found.name], found, fitted) for found in sets})
            self.stdout.write(fitted_null_table(null))
        except KbchatError as error:
            raise CommandError(told_error(error)) from error
        if options["json"]:
            told = {
                "encoder": composition.encoders().configured.identity.model,
                "dense_weights": fitted.dense_weights,
                "temperature": fitted.temperature,
                "null": null.weights,
                "worth": {"blend": asdict(fitted), "null": asdict(null)},
            }
            options["json"].write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    def _pooled(self, library: ScratchLibrary, found: BeirSet) -> list[Pooled]:
        with self._progress(found, "asking") as asking:
            searched = searched_in(library, found)
            return pool(searched, found.questions, searched.with_vectors.pin(), on_asked=asking.update)

    def _asked(self, library: ScratchLibrary, found: BeirSet, fitted: Fitted) -> list[list[Asked]]:
        """With the weights that were just fitted, which the lead of the first passage follows."""
        embedder = MeaningKept(
            composition.encoders().configured, [question.text for question in found.questions]
        )
        searched = searched_in(library, found, embedder)
        pin = replace(searched.with_vectors.pin(), dense_weight=fitted.dense_weights)
        with self._progress(found, "asking with and without") as asking:
            return ask_with_and_without(searched, found.questions, pin, on_asked=asking.update)

    def _progress(self, found: BeirSet, what: str) -> "tqdm[NoReturn]":
        return tqdm(
            desc=f"{found.name}: {what}", total=len(found.questions), unit="question", file=self.stderr
        )
