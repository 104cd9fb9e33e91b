"""`manage.py tune_fusion FOLDER ...`: how far each leg counts, fitted on judged sets in a scratch library."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from kbchat import composition
from kbchat.cli.judged_library import filled_from, searched_in
from kbchat.cli.scratch_servers import add_library_option
from kbchat.cli.telling import told_error
from kbchat.core.errors import KbchatError
from kbchat.evaluation.beir import read_beir_set
from kbchat.evaluation.reporting import fitted_table
from kbchat.evaluation.tuning import Pooled, fit, pool


class Command(BaseCommand):
    help = (
        "Fit the weight of the dense leg for each language and the temperature of p(z|x), on every second question of "
        "judged sets in BEIR's layout; the others tell what it is worth. `manage.py set_fusion FILE` puts it to use."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "paths", nargs="+", type=Path, help="folders with corpus.jsonl, queries.jsonl, qrels/"
        )
        parser.add_argument(
            "--split", default="test", help="the file of judgements in qrels/ (default: test)"
        )
        parser.add_argument("--json", type=Path, help="write what was fitted to this file, for set_fusion")
        add_library_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        pooled: dict[str, list[Pooled]] = {}
        try:
            for path in options["paths"]:
                self._pool(path.resolve(), options["split"], pooled)
        except KbchatError as error:
            raise CommandError(told_error(error)) from error
        fitted = fit(pooled)
        self.stdout.write(fitted_table(fitted))
        if options["json"]:
            told = {"encoder": composition.embedder().identity.model, **asdict(fitted)}
            options["json"].write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    def _pool(self, path: Path, split: str, pooled: dict[str, list[Pooled]]) -> None:
        found = read_beir_set(path, split)
        library = filled_from(found, self.stderr)
        asked = {"total": len(found.questions), "unit": "question", "file": self.stderr}
        with tqdm(desc=f"{found.name}: asking", **asked) as asking:
            pooled[found.name] = pool(searched_in(library, found), found.questions, on_asked=asking.update)
