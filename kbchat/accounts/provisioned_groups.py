"""Groups as the company's directory brings them. Nobody here changes who is in them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from kbchat.accounts.accepting import accepted_name
from kbchat.accounts.acting import Actor
from kbchat.accounts.groups import create_group, enter, exclude, include, leave, rename_group
from kbchat.accounts.models import Group, Source, User
from kbchat.accounts.provisioned_people import people_of_directory
from kbchat.core.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class DirectoryGroup:
    """What the directory says of a group; `members` are ids of people and of groups of its own."""

    name: str
    external_id: str
    members: frozenset[UUID]


def groups_of_directory() -> QuerySet[Group]:
    """Those that it brought; groups that people keep here are none of its business."""
    return Group.objects.filter(source=Source.DIRECTORY)


def group_of_directory(group_id: UUID, *, for_change: bool = False) -> Group:
    """`for_change`: inside a transaction, until whose end nobody else changes it: directories send members at once, in
    several requests. Raises NotFound."""
    groups = groups_of_directory().select_for_update() if for_change else groups_of_directory()
    group = groups.filter(pk=group_id).first()
    if group is None:
        raise NotFound
    return group


@transaction.atomic
def bring_group(told: DirectoryGroup, *, by: Actor) -> Group:
    """Raises Invalid, Conflict("group_name_taken")."""
    group = create_group(
        accepted_name(told.name), source=Source.DIRECTORY, external_id=told.external_id[:255], by=by
    )
    _set_members(group, told.members, by)
    return group


@transaction.atomic
def keep_group(group: Group, told: DirectoryGroup, *, by: Actor) -> None:
    """As the directory says now. Raises Invalid, Conflict("group_name_taken")."""
    rename_group(group, accepted_name(told.name), by=by)
    if group.external_id != told.external_id:
        group.external_id = told.external_id[:255]
        try:
            with transaction.atomic():
                group.save(update_fields=["external_id"])
        except IntegrityError as error:
            raise Conflict("group_name_taken") from error
    _set_members(group, told.members, by)


def person_ids(group: Group) -> frozenset[UUID]:
    return frozenset(group.memberships.values_list("user_id", flat=True))


def included_ids(group: Group) -> frozenset[UUID]:
    return frozenset(group.inclusions.values_list("included_id", flat=True))


def _set_members(group: Group, wanted: Collection[UUID], by: Actor) -> None:
    """Exactly these. Raises Invalid("member_unknown")."""
    now = person_ids(group) | included_ids(group)
    new, gone = set(wanted) - now, now - set(wanted)
    people = list(people_of_directory().filter(pk__in=new))
    groups = list(Group.objects.filter(pk__in=new, source=Source.DIRECTORY))
    if len(people) + len(groups) < len(new):
        raise Invalid("member_unknown")
    if gone:
        leave(group, User.objects.filter(pk__in=gone), by=by)
        for former in Group.objects.filter(pk__in=gone):
            exclude(group, former, by=by)
    if people:
        enter(group, people, by=by)
    for included in groups:
        include(group, included, by=by)
