"""`manage.py show_trace TURN --as EMAIL`: what an answer was made by, with the numbers behind each verdict."""

import json
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kbchat.access.viewers import viewer_of
from kbchat.chat.tracing import trace_of
from kbchat.cli.people import active_person
from kbchat.core.errors import NotFound


class Command(BaseCommand):
    help = "Show why a question was answered as it was, to whoever asked it: index, prompts, model, rounds, verdicts."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("turn", type=UUID, help="the id of the question, as the API gives it")
        parser.add_argument("--as", dest="email", required=True, help="the person who asked it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = trace_of(viewer_of(active_person(options["email"])), options["turn"])
        except NotFound as error:
            raise CommandError(
                "This person has asked no such question, or may not see its sources any more."
            ) from error
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1, default=str))
