"""Giving and taking grants on collections. Only owners do, one after another, and somebody always stays owner."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from kbchat.access.gate import access_collection, visible_collections
from kbchat.access.models import Grant, Role
from kbchat.accounts.models import Group, User
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import Fact, record
from kbchat.core.errors import Conflict, Invalid, NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Collection

Holder = dict[str, Any]
"""The columns of a grant that say whom it reaches."""
PrincipalKind = Literal["user", "group", "everyone"]

# A group owns through whoever is in it or in a group that it includes; who is not active owns nothing.
_HAS_OWNER = """
WITH RECURSIVE owning AS (
    SELECT user_id, group_id, everyone FROM access_grant
    WHERE collection_id = %s AND role = 'owner' AND NOT deny
),
owning_groups(id) AS (
    SELECT group_id FROM owning
    UNION
    SELECT i.included_id FROM accounts_groupinclusion i JOIN owning_groups g ON g.id = i.container_id
)
SELECT EXISTS (
    SELECT 1 FROM accounts_user u
    WHERE u.is_active AND (
        EXISTS (SELECT 1 FROM owning o WHERE o.everyone OR o.user_id = u.id)
        OR u.id IN (SELECT m.user_id FROM accounts_membership m JOIN owning_groups g ON g.id = m.group_id)
    )
)
"""


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
    _lock_owned(viewer, collection_id)
    holder = holder_of(principal)
    held = Grant.objects.filter(collection_id=collection_id, deny=False, **holder)
    before = held.values_list("role", flat=True).first()
    try:
        with transaction.atomic():
            grant, _ = Grant.objects.update_or_create(
                collection_id=collection_id, deny=False, **holder, defaults={"role": role}
            )
            _require_owner(collection_id)
    except IntegrityError as error:
        raise Conflict from error
    record(viewer.user_id, AuditAction.GRANT_GIVEN, before=before, **facts_of(grant))
    return grant


def take(viewer: Viewer, grant_id: UUID) -> None:
    """Inside `viewing`. Raises NotFound, NotAllowed, or Invalid for the last owner of a collection."""
    # One statement: that a grant is there, on what is hidden from him, is not told by time either (T4).
    grant = Grant.objects.filter(pk=grant_id, collection__in=visible_collections(viewer)).first()
    if grant is None or grant.collection_id is None:
        raise NotFound
    _lock_owned(viewer, grant.collection_id)
    facts = facts_of(grant)
    with transaction.atomic():
        grant.delete()
        _require_owner(grant.collection_id)
    record(viewer.user_id, AuditAction.GRANT_TAKEN, **facts)


def facts_of(grant: Grant) -> dict[str, Fact]:
    """A grant as the audit trail keeps it; `holder` is None for everyone."""
    kind: PrincipalKind = "everyone" if grant.everyone else "user" if grant.user_id else "group"
    return {
        "grant": grant.pk,
        "collection": grant.collection_id,
        "section": grant.section_id,
        "principal": kind,
        "holder": grant.user_id or grant.group_id,
        "role": grant.role,
    }


def _lock_owned(viewer: Viewer, collection_id: UUID) -> None:
    """Until the transaction ends nobody else changes the collection's grants. Raises NotFound or NotAllowed."""
    # The rights are read behind the lock: whoever held it may have taken them away.
    Collection.objects.select_for_update(no_key=True).filter(pk=collection_id).first()
    access_collection(viewer, collection_id, role=Role.OWNER)


def has_owner(collection_id: UUID) -> bool:
    """Whether somebody who is active owns the collection now."""
    with connection.cursor() as cursor:
        cursor.execute(_HAS_OWNER, [collection_id])
        return bool(cursor.fetchone() == (True,))


def _require_owner(collection_id: UUID) -> None:
    if not has_owner(collection_id):
        raise Invalid("last_owner")


def holder_of(principal: Principal) -> Holder:
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
