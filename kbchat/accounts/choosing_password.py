"""Choosing one's password by a one-time link: after an invitation, or because the old one is lost."""

from dataclasses import dataclass

from django.db import transaction

from kbchat.accounts.accepting import accepted_password
from kbchat.accounts.acting import Actor
from kbchat.accounts.models import LinkPurpose, User, is_email
from kbchat.accounts.notices import settle_lost_password
from kbchat.accounts.one_time_links import make_link, use_link
from kbchat.accounts.people import set_password
from kbchat.accounts.provisioned_people import is_kept_by_directory
from kbchat.audit.models import AuditAction
from kbchat.core.errors import NotAllowed, NotFound


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """By `token` this person chooses his password, once."""

    person: User
    purpose: LinkPurpose
    token: str


def new_password_link(person: User, *, by: Actor) -> PasswordLink:
    """Inside a transaction; earlier ones are void. Raises NotAllowed("not_active")."""
    if not person.is_active:
        raise NotAllowed("not_active")
    settle_lost_password(person)
    purpose = LinkPurpose.RESET if person.has_usable_password() else LinkPurpose.INVITATION
    token = make_link(purpose, person)
    by.record(AuditAction.LINK_MADE, person=person.pk, purpose=purpose)
    return PasswordLink(person, purpose, token)


@transaction.atomic
def find_reset(email: str) -> PasswordLink | None:
    """For whoever says that he lost his password: a link that goes to this address alone, or None.

    Whom the directory brought and who never had a password here gets none: it would go round the company's sign-in.
    """
    person = User.objects.filter(is_email(email.strip()), is_active=True).first()
    if person is None or (is_kept_by_directory(person) and not person.has_usable_password()):
        return None
    return new_password_link(person, by=Actor())


@transaction.atomic
def choose_password(token: str, password: str) -> User:
    """Sessions that were open are over. Raises NotFound("link_invalid"), Invalid("password_too_short")."""
    accepted = accepted_password(password)
    person = use_link(token, LinkPurpose.INVITATION, LinkPurpose.RESET).person
    if person is None or not person.is_active:
        raise NotFound("link_invalid")
    set_password(person, accepted, by=Actor(person_id=person.pk))
    return person
