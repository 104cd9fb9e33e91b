"""`manage.py connect_directory NAME`: a token with which the company's directory brings people and groups."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kbchat import composition
from kbchat.accounts.accepting import accepted_name
from kbchat.accounts.directory_tokens import make_directory_token, revoke_directory_tokens
from kbchat.cli.people import said_in_words


class Command(BaseCommand):
    help = (
        "Let a directory such as Entra ID or Okta bring people and groups by SCIM 2.0. Its address and its token are "
        "printed once; only the token's hash is kept. A second token of the same name may replace the first one."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="of the directory, as you like to call it")
        parser.add_argument("--revoke", action="store_true", help="end every token of this name instead")

    def handle(self, *args: Any, **options: Any) -> None:
        with said_in_words():
            name = accepted_name(options["name"])
        if options["revoke"]:
            count = revoke_directory_tokens(name)
            if not count:
                raise CommandError(f"There is no valid token called {name}.")
            self.stdout.write(f"{count} {'token' if count == 1 else 'tokens'} called {name} ended now.")
            return
        _, secret = make_directory_token(name)
        self.stdout.write(f"Address: {composition.environment().origins[0]}/scim/v2")
        self.stdout.write(f"Token, shown only now: {secret}")
