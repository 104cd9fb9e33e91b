"""`manage.py add_to_group GROUP EMAIL…`: people into a group; `--remove` takes them out."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kbchat.accounts.models import Group
from kbchat.accounts.people import ensure_group, take_from_group
from kbchat.cli.people import active_person, group_names, is_new_group, said_in_words


class Command(BaseCommand):
    help = (
        "Put people into a group, which is made if it is missing, or take them out of it. Counts from now on."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("group", help="its name")
        parser.add_argument("emails", nargs="+", metavar="email", help="who")
        parser.add_argument("--remove", action="store_true", help="take them out of it instead")

    def handle(self, *args: Any, **options: Any) -> None:
        people = [active_person(email) for email in options["emails"]]
        with said_in_words():
            (name,) = group_names([options["group"]])
        is_new = is_new_group(name)
        if options["remove"]:
            if is_new:
                raise CommandError(f"There is no group {name}.")
            with said_in_words():
                take_from_group(Group.objects.get(name=name), people)
        else:
            with said_in_words():
                ensure_group(name, people)
            if is_new:
                self.stdout.write(f"The group {name} is new.")
        count = Group.objects.get(name=name).memberships.count()
        self.stdout.write(f"{name} has {count} {'member' if count == 1 else 'members'} now.")
