"""`manage.py index_vectors`: makes graphs over vectors as the owner of the tables, while uploads go on."""

from typing import Any, Final

from django.core.management.base import BaseCommand, CommandParser

from kbchat.indexing.vector_index import index_all_concurrently

_TOLD: Final = {
    None: "comparing everything is as quick.",
    True: "made.",
    False: "there, or somebody else makes it.",
}


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
        for generation, made in index_all_concurrently(anew=options["anew"]).items():
            self.stdout.write(f"Generation {generation}: {_TOLD[made]}")
