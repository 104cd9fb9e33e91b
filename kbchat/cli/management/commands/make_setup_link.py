"""`manage.py make_setup_link`: the one-time address at which the first administrator signs up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kbchat import composition
from kbchat.accounts.setting_up import new_setup_token, setup_is_open


class Command(BaseCommand):
    help = "Print a fresh one-time setup link; earlier ones are void. Only while nobody has an account."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def handle(self, *args: Any, **options: Any) -> None:
        if not setup_is_open():
            raise CommandError("Somebody has an account already: an administrator adds the others.")
        self.stdout.write(f"{composition.environment().origins[0]}/setup?token={new_setup_token()}")
