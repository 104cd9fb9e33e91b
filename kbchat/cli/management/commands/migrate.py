"""`manage.py migrate`: Django's, between making the database's roles and giving them their privileges."""

from typing import Any

from django.core.management.commands import migrate

from kbchat.access.provisioning import Login, ensure_roles, grant_privileges
from kbchat.accounts.setting_up import setup_is_open
from kbchat.settings.environment import read_environment


class Command(migrate.Command):
    help = "Make the database's roles, bring its tables up to date, and give each role its privileges."

    def handle(self, *args: Any, **options: Any) -> None:
        environment = read_environment()
        ensure_roles(
            application=Login.of_url(environment.require_database_url(role="application")),
            worker=Login.of_url(environment.require_database_url(role="worker")),
        )
        super().handle(*args, **options)
        grant_privileges()
        # Not after a part alone, which may have left no people to ask for.
        if options["verbosity"] and not options["app_label"] and setup_is_open():
            self.stdout.write(
                "Nobody has an account yet: `manage.py make_setup_link` lets the first administrator in."
            )
