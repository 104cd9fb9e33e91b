"""Giving and taking grants on collections. Only owners do."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db import IntegrityError, transaction

from kbchat.access.gate import access_collection
from kbchat.access.models import Grant, Role
from kbchat.accounts.models import Group, User
from kbchat.core.errors import Conflict, Invalid, NotFound
from kbchat.core.viewer import Viewer

Holder = dict[str, Any]
"""The columns of a grant that say whom it reaches."""
PrincipalKind = Literal["user", "group", "everyone"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a grant reaches; `id` is None for everyone."""

    kind: PrincipalKind
    id: UUID | None = None


def visible_grants(viewer: Viewer, collection_id: UUID) -> list[Grant]:
    """Inside `viewing`. Raises NotFound or NotAllowed."""
    access_collection(viewer, collection_id, role=Role.OWNER)
    grants = Grant.objects.select_related("user", "group").filter(collection_id=collection_id, deny=False)
    return list(grants.order_by("created_at"))


def give(viewer: Viewer, collection_id: UUID, principal: Principal, role: Role) -> Grant:
    """Inside `viewing`. A principal that has a role gets the new one instead. Raises NotFound, NotAllowed, Invalid."""
    access_collection(viewer, collection_id, role=Role.OWNER)
    holder = _holder(principal)
    if role != Role.OWNER and _last_owner(collection_id) == holder:
        raise Invalid("last_owner")
    try:
        with transaction.atomic():
            grant, _ = Grant.objects.update_or_create(
                collection_id=collection_id, deny=False, **holder, defaults={"role": role}
            )
    except IntegrityError as error:
        raise Conflict from error
    return grant


def take(viewer: Viewer, grant_id: UUID) -> None:
    """Inside `viewing`. Raises NotFound, NotAllowed, or Invalid for the last owner of a collection."""
    grant = Grant.objects.filter(pk=grant_id, collection__isnull=False).first()
    if grant is None or grant.collection_id is None:
        raise NotFound
    access_collection(viewer, grant.collection_id, role=Role.OWNER)
    if _last_owner(grant.collection_id) == _holder_of(grant):
        raise Invalid("last_owner")
    grant.delete()


def _last_owner(collection_id: UUID) -> Holder | None:
    """The one owner whom nobody else could replace."""
    owners = list(Grant.objects.filter(collection_id=collection_id, role=Role.OWNER, deny=False)[:2])
    return _holder_of(owners[0]) if len(owners) == 1 else None


def _holder_of(grant: Grant) -> Holder:
    return {"user": grant.user, "group": grant.group, "everyone": grant.everyone}


def _holder(principal: Principal) -> Holder:
    nobody: Holder = {"user": None, "group": None, "everyone": False}
    if principal.kind == "everyone":
        return nobody | {"everyone": True}
    if principal.id is None:
        raise Invalid("principal_unknown")
    found: User | Group | None
    if principal.kind == "user":
        found = User.objects.filter(pk=principal.id, is_active=True).first()
    else:
        found = Group.objects.filter(pk=principal.id).first()
    if found is None:
        raise Invalid("principal_unknown")
    return nobody | {principal.kind: found}
