"""Deleting a group with what was granted to it. Nobody may see more by it than before.

Outside `viewing`: whoever deletes a group manages people and need not read what was shared with it. Grants are read and
written here by their ids alone.
"""

from uuid import UUID

from django.db import connection, transaction

from kbchat.access.granting import facts_of, has_owner
from kbchat.access.models import Grant
from kbchat.accounts.acting import Actor
from kbchat.accounts.groups import require_keeper
from kbchat.accounts.managing import administrator
from kbchat.accounts.models import Group, Source
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.viewer import Viewer

# Its own denials, and those of the groups around it: its members have all of them.
_DENIES = """
WITH RECURSIVE around(id) AS (
    SELECT %s::uuid
    UNION
    SELECT i.container_id FROM accounts_groupinclusion i JOIN around a ON i.included_id = a.id
)
SELECT EXISTS (SELECT 1 FROM access_grant WHERE deny AND group_id IN (SELECT id FROM around))
"""


@transaction.atomic
def delete_group(viewer: Viewer, group_id: UUID) -> None:
    """Raises NotFound; NotAllowed("kept_by_directory"); Invalid("group_closes_sections" or "group_is_last_owner")."""
    by = administrator(viewer)
    group = Group.objects.select_for_update().filter(pk=group_id).first()
    if group is None:
        raise NotFound
    require_keeper(group, by)
    if _denies(group):
        raise Invalid("group_closes_sections")
    collections = _take_grants(group, by)
    _delete(group, by)
    if not all(has_owner(collection) for collection in collections):
        raise Invalid("group_is_last_owner")


@transaction.atomic
def dissolve_directory_group(group: Group, *, by: Actor) -> None:
    """The directory has deleted it: what it gave is over, whoever owned by it. Where it also closes something to its
    members it stays, with them, as a group of ours that gives nothing: else they would see what was closed to them."""
    require_keeper(group, by)
    _take_grants(group, by)
    if not _denies(group):
        _delete(group, by)
        return
    group.source, group.external_id = Source.LOCAL, ""
    group.save(update_fields=["source", "external_id"])
    by.record(AuditAction.GROUP_CHANGED, group=group.pk, is_new=False, is_left_by_directory=True)


def _take_grants(group: Group, by: Actor) -> set[UUID]:
    """Those that allow something; gives the collections that it owned."""
    taken = list(Grant.objects.filter(group=group, deny=False))
    Grant.objects.filter(group=group, deny=False).delete()
    for grant in taken:
        by.record(AuditAction.GRANT_TAKEN, **facts_of(grant))
    return {grant.collection_id for grant in taken if grant.collection_id and grant.role == "owner"}


def _denies(group: Group) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_DENIES, [group.pk])
        return bool(cursor.fetchone() == (True,))


def _delete(group: Group, by: Actor) -> None:
    group_id = group.pk
    group.delete()
    by.record(AuditAction.GROUP_DELETED, group=group_id)
