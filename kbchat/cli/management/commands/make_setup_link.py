"""`manage.py make_setup_link`: how the first administrator gets in, on any database that was migrated."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kbchat import composition
from kbchat.accounts.setting_up import setup_is_open
from kbchat.cli.first_start import welcome_first_people


class Command(BaseCommand):
    help = (
        "After `manage.py migrate`, while nobody has an account: make the administrator of KBCHAT_ADMIN_EMAIL and "
        "KBCHAT_ADMIN_PASSWORD; without these print a one-time link (earlier ones are void) at which the first "
        "administrator signs up. It begins with the first of KBCHAT_PUBLIC_ORIGINS."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def handle(self, *args: Any, **options: Any) -> None:
        if not setup_is_open():
            raise CommandError("Somebody has an account already: `manage.py create_person` adds the others.")
        environment = composition.environment()
        link = welcome_first_people(environment, None).setup_link
        self.stdout.write(link or f"{environment.admin_email} is the administrator and may sign in.")
