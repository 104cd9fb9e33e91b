"""Making people and groups. They are made by commands so far: the audit trail names no actor."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from kbchat.accounts.models import Group, Membership, User
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import Conflict


def create_person(
    *,
    email: str,
    name: str,
    password: str | None,
    language: str = "en",
    is_administrator: bool = False,
    is_auditor: bool = False,
) -> User:
    """Without a password, somebody whom an identity provider lets in. Raises Conflict("email_taken")."""
    person = User(
        email=email.strip(),
        name=name.strip(),
        language=language,
        is_administrator=is_administrator,
        is_auditor=is_auditor,
    )
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
            record(
                None,
                AuditAction.PERSON_CREATED,
                person=person.pk,
                is_administrator=is_administrator,
                is_auditor=is_auditor,
            )
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
    group, is_new = Group.objects.get_or_create(name=name)
    entered = [
        person.pk for person in members if Membership.objects.get_or_create(user=person, group=group)[1]
    ]
    if is_new or entered:
        record(None, AuditAction.GROUP_CHANGED, group=group.pk, is_new=is_new, entered=entered)
    return group


@transaction.atomic
def set_password(person: User, password: str) -> None:
    """Sessions that were opened with the former one end with their next request; API keys stay."""
    person.set_password(password)
    person.save(update_fields=["password"])
    record(None, AuditAction.PASSWORD_SET, person=person.pk)


@transaction.atomic
def set_auditor(person: User, *, is_auditor: bool) -> None:
    """Whether he may read the audit trail, from his next request on."""
    person.is_auditor = is_auditor
    person.save(update_fields=["is_auditor"])
    record(None, AuditAction.AUDITOR_CHANGED, person=person.pk, is_auditor=is_auditor)


@transaction.atomic
def take_from_group(group: Group, members: Iterable[User]) -> int:
    """How many of them were in it."""
    theirs = Membership.objects.filter(group=group, user__in=list(members))
    left = list(theirs.select_for_update().values_list("user_id", flat=True))
    theirs.delete()
    if left:
        record(None, AuditAction.GROUP_CHANGED, group=group.pk, is_new=False, left=left)
    return len(left)


def change_language(person: User, language: str) -> None:
    person.language = language
    person.save(update_fields=["language"])
