"""Links that work once: nothing but the SHA-256 of a token is kept, and a new link voids the earlier ones like it."""

from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from kbchat.accounts.models import LinkPurpose, OneTimeLink, User
from kbchat.core.errors import NotFound
from kbchat.core.secret_tokens import digest_of, new_secret

LIFETIMES: Final[dict[LinkPurpose, timedelta | None]] = {
    LinkPurpose.SETUP: None,
    LinkPurpose.INVITATION: timedelta(days=7),
    LinkPurpose.RESET: timedelta(hours=1),
}


def make_link(purpose: LinkPurpose, person: User | None = None) -> str:
    """Inside a transaction. A fresh token; every earlier one of this person is void, whatever it was for."""
    void_links(person)
    token = new_secret()
    lifetime = LIFETIMES[purpose]
    OneTimeLink.objects.create(
        digest=digest_of(token),
        purpose=purpose,
        person=person,
        expires_at=timezone.now() + lifetime if lifetime else None,
    )
    return token


def void_links(person: User | None) -> None:
    """None: those by which the first administrator signs up."""
    OneTimeLink.objects.filter(person=person, used_at=None).update(used_at=timezone.now())


def use_link(token: str, *purposes: LinkPurpose) -> OneTimeLink:
    """Inside a transaction; of several at once one gets it. Raises NotFound("link_invalid")."""
    now = timezone.now()
    in_time = Q(expires_at=None) | Q(expires_at__gt=now)
    good = OneTimeLink.objects.filter(in_time, digest=digest_of(token), purpose__in=purposes, used_at=None)
    if not good.update(used_at=now):
        raise NotFound("link_invalid")
    return OneTimeLink.objects.select_related("person").get(digest=digest_of(token))
