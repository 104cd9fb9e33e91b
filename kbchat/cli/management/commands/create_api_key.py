"""`manage.py create_api_key EMAIL NAME`: a key with which a script signs in as this person."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from kbchat.access.viewers import viewer_of
from kbchat.accounts.api_keys import create_api_key
from kbchat.cli.people import active_person, said_in_words
from kbchat.core.errors import NotFound
from kbchat.core.viewer import EVERY_SCOPE, KeyScope, Viewer
from kbchat.library.collections import collection_named


class Command(BaseCommand):
    help = "Make an API key. It is printed once; only its hash is kept."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose rights the key has")
        parser.add_argument("name", help="what it is for")
        parser.add_argument(
            "--scope",
            action="append",
            type=KeyScope,
            choices=list(KeyScope),
            help="what it may do; may be repeated (default: all of them)",
        )
        parser.add_argument(
            "--collection", action="append", help="the name of a collection that it reaches (default: all)"
        )
        parser.add_argument("--days", type=int, help="how long it is valid")

    def handle(self, *args: Any, **options: Any) -> None:
        person = active_person(options["email"])
        days: int | None = options["days"]
        with said_in_words():
            _, secret = create_api_key(
                person,
                options["name"],
                scopes=options["scope"] or EVERY_SCOPE,
                collections=_collections(viewer_of(person), options["collection"]),
                expires_at=None if days is None else timezone.now() + timedelta(days=days),
                by_command=True,
            )
        self.stdout.write(secret)


def _collections(viewer: Viewer, names: list[str] | None) -> list[UUID] | None:
    if names is None:
        return None
    try:
        return [collection_named(viewer, name) for name in names]
    except NotFound as error:
        raise CommandError("This person may read no collection of this name.") from error
