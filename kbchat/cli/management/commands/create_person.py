"""`manage.py create_person EMAIL --name NAME`: an account, in groups, with a password that is shown once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kbchat.accounts.accepting import accepted_email, accepted_name
from kbchat.accounts.models import Language, User
from kbchat.accounts.people import create_person, ensure_group
from kbchat.audit.recording import gathered
from kbchat.cli.people import add_password_option, group_names, is_new_group, new_password, said_in_words


class Command(BaseCommand):
    help = "Make an account. Its password is printed once, unless --ask-password takes one that you choose."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="with which the person signs in")
        parser.add_argument("--name", required=True, help="as others see it")
        parser.add_argument(
            "--group",
            action="append",
            default=[],
            help="a group to be in, made if it is missing; may be repeated",
        )
        parser.add_argument("--administrator", action="store_true", help="may make collections")
        parser.add_argument("--auditor", action="store_true", help="may read the audit trail")
        parser.add_argument(
            "--language", choices=Language.values, default=Language.ENGLISH.value, help="default: en"
        )
        add_password_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with said_in_words():
            email, name = accepted_email(options["email"]), accepted_name(options["name"])
            groups = group_names(options["group"])
            password = new_password(is_asked=options["ask_password"])
            new_groups = [group for group in groups if is_new_group(group)]
            person = _create(email, name, password, groups, options)
        for group in new_groups:
            self.stdout.write(f"The group {group} is new.")
        self.stdout.write(f"{person.name} may sign in as {person.email}.")
        if not options["ask_password"]:
            self.stdout.write(f"Password, shown only now: {password}")


@gathered()
def _create(email: str, name: str, password: str, groups: list[str], options: dict[str, Any]) -> User:
    person = create_person(
        email=email,
        name=name,
        password=password,
        language=options["language"],
        is_administrator=options["administrator"],
        is_auditor=options["auditor"],
    )
    for group in groups:
        ensure_group(group, [person])
    return person
