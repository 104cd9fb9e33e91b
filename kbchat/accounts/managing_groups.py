"""An administrator's view of the groups, and what he may do to them. Deleting one is `kbchat.access.dissolving`."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from kbchat.accounts.accepting import accepted_name
from kbchat.accounts.groups import create_group, enter, exclude, include, leave, rename_group
from kbchat.accounts.managing import administrator
from kbchat.accounts.managing_people import GroupName
from kbchat.accounts.models import Group, Source, User
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class MemberRow:
    id: UUID
    name: str
    email: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class GroupDetail:
    """`included`: whoever is in one of these is in the group too. `source`: who keeps it."""

    id: UUID
    name: str
    source: Source
    members: list[MemberRow]
    included: list[GroupName]


def group_detail(viewer: Viewer, group_id: UUID) -> GroupDetail:
    """Raises NotFound."""
    administrator(viewer)
    return _detail(_group(group_id))


def add_group(viewer: Viewer, name: str) -> GroupDetail:
    """Raises NotFound, Invalid, Conflict("group_name_taken")."""
    by = administrator(viewer)
    return _detail(create_group(accepted_name(name), by=by))


def rename(viewer: Viewer, group_id: UUID, name: str) -> GroupDetail:
    """Raises NotFound, Invalid, Conflict, NotAllowed."""
    by = administrator(viewer)
    group = _group(group_id)
    rename_group(group, accepted_name(name), by=by)
    return _detail(group)


@transaction.atomic
def add_member(viewer: Viewer, group_id: UUID, person_id: UUID) -> GroupDetail:
    """Raises NotFound, Invalid("principal_unknown"), NotAllowed."""
    by = administrator(viewer)
    group = _group(group_id)
    person = User.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        raise Invalid("principal_unknown")
    enter(group, [person], by=by)
    return _detail(group)


@transaction.atomic
def remove_member(viewer: Viewer, group_id: UUID, person_id: UUID) -> GroupDetail:
    """Raises NotFound, NotAllowed."""
    by = administrator(viewer)
    group = _group(group_id)
    leave(group, User.objects.filter(pk=person_id), by=by)
    return _detail(group)


@transaction.atomic
def add_included(viewer: Viewer, group_id: UUID, included_id: UUID) -> GroupDetail:
    """Raises NotFound, Invalid, NotAllowed."""
    by = administrator(viewer)
    group = _group(group_id)
    included = Group.objects.filter(pk=included_id).first()
    if included is None:
        raise Invalid("principal_unknown")
    include(group, included, by=by)
    return _detail(group)


@transaction.atomic
def remove_included(viewer: Viewer, group_id: UUID, included_id: UUID) -> GroupDetail:
    """Raises NotFound, NotAllowed."""
    by = administrator(viewer)
    group = _group(group_id)
    included = Group.objects.filter(pk=included_id).first()
    if included is not None:
        exclude(group, included, by=by)
    return _detail(group)


def _group(group_id: UUID) -> Group:
    group = Group.objects.filter(pk=group_id).first()
    if group is None:
        raise NotFound
    return group


def _detail(group: Group) -> GroupDetail:
    members = User.objects.filter(memberships__group=group).order_by("name", "pk")
    included = Group.objects.filter(containers__container=group).order_by("name")
    return GroupDetail(
        id=group.pk,
        name=group.name,
        source=Source(group.source),
        members=[MemberRow(each.pk, each.name, each.email, each.is_active) for each in members],
        included=[GroupName(each.pk, each.name) for each in included],
    )
