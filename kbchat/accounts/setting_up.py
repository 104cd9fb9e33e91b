"""The first administrator signs up by a one-time link; once anybody exists there is none."""

import hashlib
import secrets

from django.db import connection, transaction
from django.utils import timezone

from kbchat.accounts.models import SetupLink, User
from kbchat.accounts.people import create_person
from kbchat.core.errors import NotFound


def setup_is_open() -> bool:
    return not User.objects.exists()


@transaction.atomic
def new_setup_token() -> str:
    """A fresh token; every earlier one is void. Nothing but its SHA-256 is kept."""
    SetupLink.objects.filter(used_at=None).update(used_at=timezone.now())
    token = secrets.token_urlsafe(32)
    SetupLink.objects.create(digest=_digest(token))
    return token


@transaction.atomic
def set_up(token: str, *, email: str, name: str, password: str) -> User:
    """The first administrator. Raises NotFound for a token that is wrong, used or late."""
    # One at a time: two who hold the link must not both become the first administrator.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kbchat setup'))")
    used = SetupLink.objects.filter(digest=_digest(token), used_at=None).update(used_at=timezone.now())
    if not used or not setup_is_open():
        raise NotFound("setup_link_invalid")
    return create_person(email=email, name=name, password=password, is_administrator=True)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
