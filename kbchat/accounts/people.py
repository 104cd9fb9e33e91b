"""Making and changing people, and their groups as commands name them. Who may do so is asked by the callers."""

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from kbchat.accounts.acting import COMMAND, Actor
from kbchat.accounts.groups import enter, leave
from kbchat.accounts.models import ApiKey, DirectoryPerson, Group, PendingSignIn, User
from kbchat.accounts.one_time_links import void_links
from kbchat.accounts.open_sessions import end_all_sessions
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Conflict


def create_person(
    *,
    email: str,
    name: str,
    password: str | None,
    language: str = "en",
    is_administrator: bool = False,
    is_auditor: bool = False,
    is_active: bool = True,
    by: Actor = COMMAND,
) -> User:
    """Without a password he signs in by a link or by the company's sign-in alone. Raises Conflict("email_taken")."""
    person = User(
        email=email.strip(),
        name=name.strip(),
        password=make_password(password),
        language=language,
        is_administrator=is_administrator,
        is_auditor=is_auditor,
        is_active=is_active,
    )
    try:
        with transaction.atomic():
            person.save(force_insert=True)
            by.record(
                AuditAction.PERSON_CREATED,
                person=person.pk,
                is_administrator=is_administrator,
                is_auditor=is_auditor,
            )
    except IntegrityError as error:
        raise Conflict("email_taken") from error
    return person


def change_person(person: User, *, by: Actor = COMMAND, **change: str) -> None:
    """`name`, `email` or `language`; a link to a former address is void. Raises Conflict("email_taken")."""
    changed = {field: value for field, value in change.items() if getattr(person, field) != value}
    if not changed:
        return
    for field, value in changed.items():
        setattr(person, field, value)
    try:
        with transaction.atomic():
            person.save(update_fields=list(changed))
            if "email" in changed:
                void_links(person)
            by.record(AuditAction.PERSON_CHANGED, person=person.pk, changed=sorted(changed))
    except IntegrityError as error:
        raise Conflict("email_taken") from error


@transaction.atomic
def set_password(person: User, password: str, *, by: Actor = COMMAND) -> None:
    """Sessions that were opened with the former one end with their next request; API keys stay, links are void."""
    person.set_password(password)
    person.save(update_fields=["password"])
    void_links(person)
    by.record(AuditAction.PASSWORD_SET, person=person.pk)


@transaction.atomic
def deactivate(person: User, *, by: Actor = COMMAND) -> None:
    """From now on he is nobody. Sessions, API keys and links are over for good, also where he comes back. Where it is
    not the directory that says so, it does not bring him back."""
    was_active = User.objects.filter(pk=person.pk, is_active=True).update(is_active=False)
    if by.directory_id is None:
        DirectoryPerson.objects.filter(user=person).update(is_barred=True)
    if not was_active:
        return
    person.is_active = False
    end_all_sessions(person, by=by)
    PendingSignIn.objects.filter(user=person).delete()
    keys = ApiKey.objects.filter(user=person, revoked_at=None).update(revoked_at=timezone.now())
    void_links(person)
    by.record(AuditAction.PERSON_DEACTIVATED, person=person.pk, keys=keys)


@transaction.atomic
def reactivate(person: User, *, by: Actor = COMMAND) -> None:
    """With the groups and roles that he has; he signs in anew."""
    was_inactive = User.objects.filter(pk=person.pk, is_active=False).update(is_active=True)
    DirectoryPerson.objects.filter(user=person).update(is_barred=False)
    if was_inactive:
        person.is_active = True
        by.record(AuditAction.PERSON_REACTIVATED, person=person.pk)


@transaction.atomic
def set_administrator(person: User, *, is_administrator: bool, by: Actor = COMMAND) -> None:
    """Whether he manages, from his next request on."""
    person.is_administrator = is_administrator
    person.save(update_fields=["is_administrator"])
    by.record(AuditAction.ADMINISTRATOR_CHANGED, person=person.pk, is_administrator=is_administrator)


@transaction.atomic
def set_auditor(person: User, *, is_auditor: bool, by: Actor = COMMAND) -> None:
    """Whether he may read the audit trail, from his next request on."""
    person.is_auditor = is_auditor
    person.save(update_fields=["is_auditor"])
    by.record(AuditAction.AUDITOR_CHANGED, person=person.pk, is_auditor=is_auditor)


@transaction.atomic
def ensure_group(name: str, members: Iterable[User] = ()) -> Group:
    """The group of this name, with these people in it. Raises NotAllowed("kept_by_directory")."""
    group, is_new = Group.objects.get_or_create(name=name)
    enter(group, members, is_new=is_new)
    return group


def take_from_group(group: Group, members: Iterable[User]) -> int:
    """How many of them were in it. Raises NotAllowed("kept_by_directory")."""
    return leave(group, members)


def change_language(person: User, language: str) -> None:
    person.language = language
    person.save(update_fields=["language"])
