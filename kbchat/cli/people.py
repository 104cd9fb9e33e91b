"""People, groups and collections as commands name them, and the passwords that commands give."""

import getpass
import secrets
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from kbchat.access.viewers import viewer_of
from kbchat.accounts.accepting import accepted_name, accepted_password
from kbchat.accounts.models import Group, User, is_email
from kbchat.cli.telling import told_error
from kbchat.core.errors import Conflict, Invalid, NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.library.collections import collection_named


@contextmanager
def said_in_words() -> Iterator[None]:
    """What cannot be used ends the command with one line."""
    try:
        yield
    except (Conflict, Invalid, NotAllowed) as error:
        raise CommandError(told_error(error)) from error


def active_person(email: str) -> User:
    """Raises CommandError where there is none."""
    person = User.objects.filter(is_email(email.strip()), is_active=True).first()
    if person is None:
        raise CommandError(f"There is no active person with the e-mail {email}.")
    return person


def active_person_or_first_administrator(email: str | None) -> User:
    """The one that is named; else whoever was an administrator first. Raises CommandError."""
    if email:
        return active_person(email)
    administrators = User.objects.filter(is_active=True, is_administrator=True)
    person = administrators.order_by("joined_at", "email").first()
    if person is None:
        raise CommandError(
            "Nobody is an administrator yet: `manage.py create_person --administrator` makes one."
        )
    return person


def readable_collection(viewer: Viewer, name: str) -> UUID:
    """Raises CommandError where he may read none of that name."""
    try:
        return collection_named(viewer, name)
    except NotFound as error:
        raise CommandError(f"There is no collection {name!r} that this person may read.") from error


def add_choice(parser: ArgumentParser, *, who: str) -> None:
    """`--collection` and `--as`, of a command that works on what somebody edits. `who` he is to it."""
    parser.add_argument("--collection", help="of this collection alone (default: of all)")
    parser.add_argument("--as", dest="email", help=f"{who} (default: the first administrator)")


def chosen(options: Mapping[str, Any]) -> tuple[Viewer, UUID | None]:
    """As `add_choice` asks for it. Raises CommandError."""
    viewer = viewer_of(active_person_or_first_administrator(options["email"]))
    name = options["collection"]
    return viewer, readable_collection(viewer, name) if name else None


def is_new_group(name: str) -> bool:
    return not Group.objects.filter(name=name).exists()


def group_names(names: Iterable[str]) -> list[str]:
    """Raises Invalid for a name that no group may have."""
    return [accepted_name(name) for name in names]


def add_password_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--ask-password",
        action="store_true",
        help="take the password from a prompt, or from standard input where that is no terminal, instead of making one",
    )


def new_password(*, is_asked: bool) -> str:
    """Typed in, or made at random. Raises Invalid for one that is too short."""
    if not is_asked:
        return secrets.token_urlsafe(12)
    if not sys.stdin.isatty():
        return accepted_password(sys.stdin.readline().rstrip("\r\n"))
    password = accepted_password(getpass.getpass("Password: "))
    if getpass.getpass("Again: ") != password:
        raise CommandError("The two are not the same.")
    return password
