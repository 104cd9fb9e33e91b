"""`manage.py make_auditor EMAIL`: a person who may read the audit trail; `--remove` ends that."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kbchat.accounts.people import set_auditor
from kbchat.cli.people import active_person


class Command(BaseCommand):
    help = "Let a person read the audit trail (GET /api/v1/audit). Counts from now on."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="of the person")
        parser.add_argument("--remove", action="store_true", help="let him read it no longer")

    def handle(self, *args: Any, **options: Any) -> None:
        person = active_person(options["email"])
        set_auditor(person, is_auditor=not options["remove"])
        self.stdout.write(f"{person.email} is {'no auditor' if options['remove'] else 'an auditor'} now.")
