"""Who else may read or edit a collection: an owner's view of its grants."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from kbchat.access.gate import roles_in_collections
from kbchat.access.granting import Principal, PrincipalKind, give, take, visible_grants
from kbchat.access.models import Grant, Role
from kbchat.access.viewing import viewing
from kbchat.accounts.models import Group, Source
from kbchat.core.errors import NotAllowed
from kbchat.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class PrincipalRow:
    """`name` is empty for everyone; the page has its own word."""

    kind: PrincipalKind
    id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class GrantRow:
    id: UUID
    principal: PrincipalRow
    role: Role


@dataclass(frozen=True, slots=True)
class GroupRow:
    id: UUID
    name: str
    source: Source
    members: int


def list_groups(viewer: Viewer) -> list[GroupRow]:
    """By name, for whoever has something to share. Raises NotAllowed."""
    with viewing(viewer):
        _require_sharer(viewer)
        active = Count("memberships", filter=Q(memberships__user__is_active=True))
        groups = Group.objects.annotate(members=active).order_by("name")
        return [GroupRow(group.pk, group.name, Source(group.source), group.members) for group in groups]


def list_grants(viewer: Viewer, collection_id: UUID) -> list[GrantRow]:
    """Raises NotFound or NotAllowed."""
    with viewing(viewer):
        return [_row(grant) for grant in visible_grants(viewer, collection_id)]


def give_grant(viewer: Viewer, collection_id: UUID, principal: Principal, role: Role) -> GrantRow:
    """Raises NotFound, NotAllowed or Invalid."""
    with viewing(viewer):
        return _row(give(viewer, collection_id, principal, role))


def let_read(viewer: Viewer, collection_id: UUID, group_id: UUID) -> None:
    """A group that has a role keeps it. Raises NotFound or NotAllowed."""
    with viewing(viewer):
        if all(grant.group_id != group_id for grant in visible_grants(viewer, collection_id)):
            give(viewer, collection_id, Principal("group", group_id), Role.READER)


def take_grant(viewer: Viewer, grant_id: UUID) -> None:
    """Raises NotFound, NotAllowed or Invalid."""
    with viewing(viewer):
        take(viewer, grant_id)


def _require_sharer(viewer: Viewer) -> None:
    if viewer.is_administrator:
        return

    if Role.OWNER not in roles_in_collections(viewer).values():
        raise NotAllowed


def principal_row(grant: Grant) -> PrincipalRow:
    """Whom the grant reaches."""
    if grant.user is not None:
        return PrincipalRow("user", grant.user.pk, grant.user.name)
    if grant.group is not None:
        return PrincipalRow("group", grant.group.pk, grant.group.name)
    return PrincipalRow("everyone", None, "")


def _row(grant: Grant) -> GrantRow:
    return GrantRow(grant.pk, principal_row(grant), Role(grant.role))
