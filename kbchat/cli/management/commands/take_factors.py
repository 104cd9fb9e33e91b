"""`manage.py take_factors EMAIL`: second factors of somebody who lost them, the last administrator's too."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kbchat.accounts.factors import take_all
from kbchat.cli.people import active_person


class Command(BaseCommand):
    help = "Take away a person's authenticator app, passkeys and recovery codes, and end his sessions."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="of the person")

    def handle(self, *args: Any, **options: Any) -> None:
        person = active_person(options["email"])
        if take_all(person):
            self.stdout.write(
                f"{person.email} signs in with the password alone, and is signed out everywhere."
            )
        else:
            self.stdout.write(f"{person.email} has no second factor.")
