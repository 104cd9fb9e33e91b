"""`manage.py set_fusion FILE`: puts to use what `tune_fusion` fitted."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kbchat.cli.telling import told_error
from kbchat.core.errors import Invalid, KbchatError
from kbchat.indexing.generations import active_generation, set_fusion


class Command(BaseCommand):
    help = "Let search weigh its legs as `manage.py tune_fusion --json FILE` found best, from the next question on."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="what tune_fusion wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            told = _read(options["path"])
            generation = active_generation()
            if told["encoder"] != generation.encoder:
                raise CommandError(
                    f"These weights were fitted for {told['encoder']}; the library answers by {generation.encoder}."
                )
            set_fusion(generation.pk, told["dense_weights"], told["temperature"], told["null"])
        except KbchatError as error:
            raise CommandError(told_error(error)) from error
        weights = ", ".join(f"{language} {weight}" for language, weight in told["dense_weights"].items())
        self.stdout.write(f"Weight of the dense leg: {weights}. Temperature: {told['temperature']}.")


def _read(path: Path) -> dict[str, Any]:
    """Raises Invalid."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {
            "encoder": str(told["encoder"]),
            "dense_weights": {str(pair): float(weight) for pair, weight in told["dense_weights"].items()},
            "temperature": float(told["temperature"]),
            "null": {
                str(language): {str(name): float(weight) for name, weight in weights.items()}
                for language, weights in told.get("null", {}).items()
            },
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid("fusion_unusable") from error
