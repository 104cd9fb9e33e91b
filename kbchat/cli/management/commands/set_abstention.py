"""`manage.py set_abstention FILE`: puts to use what `tune_abstention` fitted."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kbchat.cli.telling import told_error
from kbchat.core.errors import Invalid, KbchatError
from kbchat.indexing.generations import active_generation, set_abstention


class Command(BaseCommand):
    help = "Answer from the probabilities on that `manage.py tune_abstention --json FILE` found best."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="what tune_abstention wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            encoder, answer_from = _read(options["path"])
            generation = active_generation()
            if encoder != generation.encoder:
                raise CommandError(
                    f"These thresholds were fitted for {encoder}; the library answers by {generation.encoder}."
                )
            set_abstention(generation.pk, answer_from)
        except KbchatError as error:
            raise CommandError(told_error(error)) from error
        for strategy, told in answer_from.items():
            least = ", ".join(f"{language} {value}" for language, value in told.items())
            self.stdout.write(f"{strategy}: answers from {least}.")


def _read(path: Path) -> tuple[str, dict[str, dict[str, float]]]:
    """Raises Invalid."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return str(told["encoder"]), {
            str(strategy): {str(language): float(value) for language, value in values.items()}
            for strategy, values in told["answer_from"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid("abstention_unusable") from error
