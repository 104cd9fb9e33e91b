"""Making people and groups."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from kbchat.accounts.models import Group, Membership, User
from kbchat.core.errors import Conflict


def create_person(
    *, email: str, name: str, password: str, language: str = "en", is_administrator: bool = False
) -> User:
    """Raises Conflict("email_taken")."""
    person = User(
        email=email.strip(), name=name.strip(), language=language, is_administrator=is_administrator
    )
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("email_taken") from error
    return person


def ensure_person(
    *, email: str, name: str, password: str, language: str = "en", is_administrator: bool = False
) -> User:
    """The person with this e-mail; made if missing, otherwise left as is."""
    found = User.objects.filter(email__iexact=email).first()
    return found or create_person(
        email=email, name=name, password=password, language=language, is_administrator=is_administrator
    )


@transaction.atomic
def ensure_group(name: str, members: Iterable[User] = ()) -> Group:
    group, _ = Group.objects.get_or_create(name=name)
    for person in members:
        Membership.objects.get_or_create(user=person, group=group)
    return group


def set_password(person: User, password: str) -> None:
    """Sessions that were opened with the former one end with their next request; API keys stay."""
    person.set_password(password)
    person.save(update_fields=["password"])


@transaction.atomic
def take_from_group(group: Group, members: Iterable[User]) -> int:
    """How many of them were in it."""
    gone, _ = Membership.objects.filter(group=group, user__in=list(members)).delete()
    return gone


def change_language(person: User, language: str) -> None:
    person.language = language
    person.save(update_fields=["language"])
