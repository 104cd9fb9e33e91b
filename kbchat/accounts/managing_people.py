"""An administrator's view of the people, and what he may do to them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kbchat.accounts.accepting import accepted_email, accepted_name
from kbchat.accounts.choosing_password import PasswordLink, new_password_link
from kbchat.accounts.factors import take_all
from kbchat.accounts.groups import enter
from kbchat.accounts.managing import administrator, has_another_administrator, sole_administrator
from kbchat.accounts.models import Group, User
from kbchat.accounts.people import (
    change_person,
    create_person,
    deactivate,
    reactivate,
    set_administrator,
    set_auditor,
)
from kbchat.accounts.provisioned_people import is_kept_by_directory
from kbchat.core.errors import Invalid, NotAllowed, NotFound
from kbchat.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class GroupName:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """`is_waiting`: was invited here and has no password yet. `by_directory`: name and e-mail are kept there."""

    id: UUID
    name: str
    email: str
    language: str
    is_active: bool
    is_administrator: bool
    is_auditor: bool
    is_waiting: bool
    by_directory: bool
    has_second_factor: bool
    joined_at: datetime
    groups: list[GroupName]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """`total`: of all pages."""

    people: list[PersonRow]
    total: int


@dataclass(frozen=True, slots=True)
class Newcomer:
    email: str
    name: str
    language: str
    is_administrator: bool = False
    is_auditor: bool = False
    group_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What is None stays as it is."""

    name: str | None = None
    email: str | None = None
    language: str | None = None
    is_active: bool | None = None
    is_administrator: bool | None = None
    is_auditor: bool | None = None


def list_people(viewer: Viewer, text: str, *, start: int, limit: int) -> PeoplePage:
    """By name; with `text`, those in whose name or e-mail it stands. Raises NotFound."""
    administrator(viewer)
    found = User.objects.filter(Q(name__icontains=text) | Q(email__icontains=text))
    rows = found.select_related("directory", "authenticator_app").prefetch_related(
        "memberships__group", "passkeys"
    )
    return PeoplePage(
        people=[_row(person) for person in rows.order_by("name", "pk")[start : start + limit]],
        total=found.count(),
    )


def person_row(viewer: Viewer, person_id: UUID) -> PersonRow:
    """Raises NotFound."""
    administrator(viewer)
    return _row(_person(person_id))


@transaction.atomic
def invite(viewer: Viewer, newcomer: Newcomer) -> PasswordLink:
    """A person without a password, and the link by which he chooses one. Raises NotFound, Invalid, Conflict."""
    by = sole_administrator(viewer)
    person = create_person(
        email=accepted_email(newcomer.email),
        name=accepted_name(newcomer.name),
        password=None,
        language=newcomer.language,
        is_administrator=newcomer.is_administrator,
        is_auditor=newcomer.is_auditor,
        by=by,
    )
    for group_id in newcomer.group_ids:
        group = Group.objects.filter(pk=group_id).first()
        if group is None:
            raise Invalid("principal_unknown")
        enter(group, [person], by=by)
    return new_password_link(person, by=by)


@transaction.atomic
def link_for(viewer: Viewer, person_id: UUID) -> PasswordLink:
    """A new link for somebody who lost his, or his password. Raises NotFound, NotAllowed("not_active")."""
    by = administrator(viewer)
    return new_password_link(_person(person_id), by=by)


@transaction.atomic
def change(viewer: Viewer, person_id: UUID, wish: PersonChange) -> PersonRow:
    """All of it or nothing. Raises NotFound, Invalid, Conflict."""
    by = sole_administrator(viewer)
    person = _person(person_id)
    leaves = viewer.user_id == person.pk and (wish.is_active is False or wish.is_administrator is False)
    if leaves and not has_another_administrator(person):
        raise Invalid("last_administrator")
    told = {
        "name": accepted_name(wish.name) if wish.name is not None else person.name,
        "email": accepted_email(wish.email) if wish.email is not None else person.email,
    }
    if is_kept_by_directory(person) and told != {"name": person.name, "email": person.email}:
        raise NotAllowed("kept_by_directory")
    change_person(person, by=by, **told, language=wish.language or person.language)
    if wish.is_administrator not in (None, person.is_administrator):
        set_administrator(person, is_administrator=bool(wish.is_administrator), by=by)
    if wish.is_auditor not in (None, person.is_auditor):
        set_auditor(person, is_auditor=bool(wish.is_auditor), by=by)
    if wish.is_active is True:
        reactivate(person, by=by)
    if wish.is_active is False:
        deactivate(person, by=by)
    return _row(_person(person_id))


def take_factors(viewer: Viewer, person_id: UUID) -> User | None:
    """The second factors of somebody who lost them; his sessions end. The person, if he had any. Raises NotFound."""
    by = administrator(viewer)
    person = _person(person_id)
    return person if take_all(person, by=by) else None


def _person(person_id: UUID) -> User:
    person = User.objects.select_related("directory", "authenticator_app").filter(pk=person_id).first()
    if person is None:
        raise NotFound
    return person


def _row(person: User) -> PersonRow:
    groups = [GroupName(each.group.pk, each.group.name) for each in person.memberships.all()]
    return PersonRow(
        id=person.pk,
        name=person.name,
        email=person.email,
        language=person.language,
        is_active=person.is_active,
        is_administrator=person.is_administrator,
        is_auditor=person.is_auditor,
        is_waiting=not person.has_usable_password() and not is_kept_by_directory(person),
        by_directory=is_kept_by_directory(person),
        has_second_factor=hasattr(person, "authenticator_app") or bool(person.passkeys.all()),
        joined_at=person.joined_at,
        groups=sorted(groups, key=lambda group: group.name),
    )
