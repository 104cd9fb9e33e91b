"""`manage.py index_vectors`: makes graphs over vectors as the owner of the tables, while uploads go on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kbchat.indexing.generations import live_generations
from kbchat.indexing.vector_index import index_concurrently, is_worth_an_index


class Command(BaseCommand):
    help = (
        "Make the graph index over the vectors of each generation that is large enough and has none, or a broken one. "
        "Workers make it by themselves, and hold up uploads meanwhile; this command, run as the owner of the database, "
        "does not (CREATE INDEX CONCURRENTLY)."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anew", action="store_true", help="also where there is a good one")

    def handle(self, *args: Any, **options: Any) -> None:
        for generation in live_generations():
            if not is_worth_an_index(generation):
                self.stdout.write(f"Generation {generation.pk}: comparing everything is as quick.")
            elif index_concurrently(generation, anew=options["anew"]):
                self.stdout.write(f"Generation {generation.pk}: made.")
            else:
                self.stdout.write(f"Generation {generation.pk}: there, or somebody else makes it.")
