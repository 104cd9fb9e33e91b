"""`manage.py tune_abstention SET ...`: from which probability on there is an answer, fitted on development sets."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from kbchat import composition
from kbchat.cli.answer_sets import add_set_options, cases_of
from kbchat.cli.telling import told_error
from kbchat.core.errors import KbchatError
from kbchat.evaluation.abstention_tuning import (
    COSTS,
    STRATEGIES,
    Asked,
    FittedThreshold,
    ask_whatever_the_probability,
    fit_thresholds,
    thresholds_of,
)
from kbchat.evaluation.answer_reporting import thresholds_picture, thresholds_table
from kbchat.evaluation.cases import Case
from kbchat.evaluation.citations import VerifierJudge
from kbchat.evaluation.measuring import Tools


class Command(BaseCommand):
    help = (
        "Fit, for each strategy and language, from which probability on questions are answered, on every second "
        "question; the others tell what it is worth. `manage.py set_abstention FILE` puts it to use. Take sets that "
        "nothing is reported on."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        add_set_options(parser)
        for strategy in STRATEGIES:
            parser.add_argument(
                f"--{strategy}-cost",
                type=float,
                default=COSTS[strategy],
                help=f"how many needless refusals a false answer counts as (default: {COSTS[strategy]:g})",
            )
        parser.add_argument(
            "--most-false-answers",
            type=float,
            help="quote where the upper 95 %% bound of the share of false answers stays under this, instead of by cost",
        )
        parser.add_argument(
            "--json", type=Path, help="write what was fitted to this file, for set_abstention"
        )
        parser.add_argument("--plot", type=Path, help="draw the curves into this file, as SVG")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            fitted = fit_thresholds(
                self._asked(cases_of(options, self.stderr)),
                costs={strategy: options[f"{strategy}_cost"] for strategy in STRATEGIES},
                most_false_answers=options["most_false_answers"],
            )
        except KbchatError as error:
            raise CommandError(told_error(error)) from error
        if not fitted:
            raise CommandError("There are too few questions, or only such as are answered, or none of these.")
        self.stdout.write(thresholds_table(fitted))
        self._keep(fitted, options)

    def _asked(self, cases: list[Case]) -> Asked:
        retriever = composition.retriever()
        tools = Tools(retriever, composition.encoders(), VerifierJudge())
        count = len(cases) * len(STRATEGIES)
        with asyncio.Runner() as answering, tqdm(desc="asking", total=count, file=self.stderr) as progress:
            return ask_whatever_the_probability(
                cases, retriever.pin(), tools, answering, on_asked=lambda _: progress.update()
            )

    def _keep(self, fitted: list[FittedThreshold], options: dict[str, Any]) -> None:
        if options["json"]:
            told = {
                "encoder": composition.encoders().configured.identity.model,
                "answer_from": thresholds_of(fitted),
                "worth": [asdict(each) for each in fitted],
            }
            options["json"].write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        if options["plot"]:
            options["plot"].write_text(thresholds_picture(fitted), encoding="utf-8")
