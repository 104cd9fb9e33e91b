"""`manage.py create_api_key EMAIL NAME`: a key with which a script signs in as this person."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kbchat.accounts.api_keys import create_api_key
from kbchat.cli.people import active_person


class Command(BaseCommand):
    help = "Make an API key. It is printed once; only its hash is kept."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose rights the key has")
        parser.add_argument("name", help="what it is for")

    def handle(self, *args: Any, **options: Any) -> None:
        _, secret = create_api_key(active_person(options["email"]), options["name"])
        self.stdout.write(secret)
