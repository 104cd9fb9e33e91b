"""`manage.py set_password EMAIL`: a new password for somebody who lost his, shown once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kbchat.accounts.people import set_password
from kbchat.cli.people import active_person, add_password_option, new_password, said_in_words


class Command(BaseCommand):
    help = "Give a person a new password, printed once, and end his sessions. His API keys stay."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="of the person")
        add_password_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        person = active_person(options["email"])
        with said_in_words():
            password = new_password(is_asked=options["ask_password"])
        set_password(person, password)
        self.stdout.write(f"{person.email} has a new password and is signed out everywhere.")
        if not options["ask_password"]:
            self.stdout.write(f"Password, shown only now: {password}")
