"""People as the company's directory brings them: made, kept and ended by it. How it says so is the web's affair."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from kbchat.accounts.accepting import accepted_email, accepted_name
from kbchat.accounts.acting import Actor
from kbchat.accounts.groups import leave
from kbchat.accounts.identities import end_identities
from kbchat.accounts.managing import has_another_administrator, keep_administrators
from kbchat.accounts.models import DirectoryPerson, Group, Language, Source, User
from kbchat.accounts.people import change_person, create_person, deactivate, reactivate
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class DirectoryProfile:
    """What the directory says of somebody. `user_name`: his name there, an e-mail address or not. `language` and
    `is_active` None: it does not say, and what is so stays; somebody new is active."""

    user_name: str
    email: str
    name: str
    language: str | None = None
    is_active: bool | None = None
    external_id: str = ""
    given_name: str = ""
    family_name: str = ""


def is_kept_by_directory(person: User) -> bool:
    return DirectoryPerson.objects.filter(user=person).exists()


def people_of_directory() -> QuerySet[User]:
    """Everybody whom it may manage. Whom it has not brought it finds and takes over, unless he was deactivated here."""
    return User.objects.filter(Q(is_active=True) | Q(directory__isnull=False)).select_related("directory")


def person_of_directory(person_id: UUID, *, for_change: bool = False) -> User:
    """`for_change`: inside a transaction, until whose end nobody else changes him. Raises NotFound."""
    people = people_of_directory()
    if for_change:
        keep_administrators()
        people = people.select_for_update(of=("self",))
    person = people.filter(pk=person_id).first()
    if person is None:
        raise NotFound
    return person


@transaction.atomic
def bring_person(profile: DirectoryProfile, *, by: Actor) -> User:
    """Somebody new. Raises Invalid, Conflict("email_taken" or "directory_name_taken")."""
    person = create_person(
        email=accepted_email(profile.email),
        name=accepted_name(profile.name),
        password=None,
        language=profile.language or Language.ENGLISH,
        is_active=profile.is_active is not False,
        by=by,
    )
    _keep(person, profile)
    return person


@transaction.atomic
def keep_person(person: User, profile: DirectoryProfile, *, by: Actor) -> None:
    """As the directory says now; whom somebody here deactivated it does not bring back.

    Raises Invalid, Conflict("email_taken" or "directory_name_taken").
    """
    if profile.is_active is False:
        _require_another_administrator(person)
    change_person(
        person,
        by=by,
        email=accepted_email(profile.email),
        name=accepted_name(profile.name),
        language=profile.language or person.language,
    )
    _keep(person, profile)
    if profile.is_active is False:
        deactivate(person, by=by)
    elif profile.is_active and not person.directory.is_barred:
        reactivate(person, by=by)


@transaction.atomic
def part_with_person(person: User, *, by: Actor) -> None:
    """The directory knows him no longer. What is his stays his: whoever gets the address later is somebody else, and so
    is whoever signs in by the identity that was his.

    Raises Invalid("only_administrator").
    """
    _require_another_administrator(person)
    deactivate(person, by=by)
    for group in Group.objects.filter(memberships__user=person, source=Source.DIRECTORY):
        leave(group, [person], by=by)
    DirectoryPerson.objects.filter(user=person).delete()
    end_identities(person)
    person.email = f"{person.pk}@former.invalid"
    person.save(update_fields=["email"])
    by.record(AuditAction.PERSON_CHANGED, person=person.pk, changed=["email", "identities"])


def _require_another_administrator(person: User) -> None:
    """Nobody could let anybody else manage then: a directory that is mistaken, or taken over, must not lock the company
    out. Raises Invalid("only_administrator")."""
    if person.is_active and person.is_administrator and not has_another_administrator(person):
        raise Invalid("only_administrator")


def _keep(person: User, profile: DirectoryProfile) -> None:
    if not profile.user_name.strip() or len(profile.user_name) > 254:
        raise Invalid("directory_name_invalid")
    known = {
        "user_name": profile.user_name,
        "external_id": profile.external_id[:255],
        "given_name": profile.given_name[:200],
        "family_name": profile.family_name[:200],
    }
    try:
        with transaction.atomic():
            DirectoryPerson.objects.update_or_create(user=person, defaults=known)
    except IntegrityError as error:
        raise Conflict("directory_name_taken") from error
    person.refresh_from_db()
