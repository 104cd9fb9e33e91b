"""Making and changing groups. Who may do so is asked by the callers; what the directory keeps, it alone changes."""

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from kbchat.accounts.acting import COMMAND, Actor
from kbchat.accounts.models import Group, GroupInclusion, Membership, Source, User
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Conflict, Invalid, NotAllowed

_REACHES = """
WITH RECURSIVE reached(id) AS (
    SELECT %s::uuid
    UNION
    SELECT i.included_id FROM accounts_groupinclusion i JOIN reached r ON i.container_id = r.id
)
SELECT EXISTS (SELECT 1 FROM reached WHERE id = %s)
"""


def create_group(
    name: str, *, source: Source = Source.LOCAL, external_id: str = "", by: Actor = COMMAND
) -> Group:
    """Raises Conflict("group_name_taken")."""
    group = Group(name=name, source=source, external_id=external_id)
    try:
        with transaction.atomic():
            group.save(force_insert=True)
            by.record(AuditAction.GROUP_CHANGED, group=group.pk, is_new=True)
    except IntegrityError as error:
        raise Conflict("group_name_taken") from error
    return group


def rename_group(group: Group, name: str, *, by: Actor = COMMAND) -> None:
    """Raises Conflict("group_name_taken"), NotAllowed("kept_by_directory")."""
    require_keeper(group, by)
    if group.name == name:
        return
    group.name = name
    try:
        with transaction.atomic():
            group.save(update_fields=["name"])
            by.record(AuditAction.GROUP_CHANGED, group=group.pk, is_new=False, is_renamed=True)
    except IntegrityError as error:
        raise Conflict("group_name_taken") from error


@transaction.atomic
def enter(group: Group, people: Iterable[User], *, is_new: bool = False, by: Actor = COMMAND) -> list[UUID]:
    """Who was not in it before. `is_new`: it was made for them just now. Raises NotAllowed("kept_by_directory")."""
    require_keeper(group, by)
    source = _source_of(by)
    entered = [
        person.pk
        for person in people
        if Membership.objects.get_or_create(user=person, group=group, defaults={"source": source})[1]
    ]
    if is_new or entered:
        by.record(AuditAction.GROUP_CHANGED, group=group.pk, is_new=is_new, entered=entered)
    return entered


@transaction.atomic
def leave(group: Group, people: Iterable[User], *, by: Actor = COMMAND) -> int:
    """How many of them were in it. Raises NotAllowed("kept_by_directory")."""
    require_keeper(group, by)
    theirs = Membership.objects.filter(group=group, user__in=list(people))
    left = list(theirs.select_for_update().values_list("user_id", flat=True))
    theirs.delete()
    if left:
        by.record(AuditAction.GROUP_CHANGED, group=group.pk, is_new=False, left=left)
    return len(left)


@transaction.atomic
def include(container: Group, included: Group, *, by: Actor = COMMAND) -> None:
    """Whoever is in `included` is in `container` too. Raises Invalid("group_circle"), NotAllowed."""
    require_keeper(container, by)
    with connection.cursor() as cursor:
        # One at a time: two that are each right must not close a circle together.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kbchat group inclusions'))")
        cursor.execute(_REACHES, [included.pk, container.pk])
        if cursor.fetchone() == (True,):
            raise Invalid("group_circle")
    _, is_new = GroupInclusion.objects.get_or_create(container=container, included=included)
    if is_new:
        by.record(AuditAction.GROUP_CHANGED, group=container.pk, is_new=False, included=included.pk)


@transaction.atomic
def exclude(container: Group, included: Group, *, by: Actor = COMMAND) -> None:
    """Nothing happens where it was not included. Raises NotAllowed("kept_by_directory")."""
    require_keeper(container, by)
    gone, _ = GroupInclusion.objects.filter(container=container, included=included).delete()
    if gone:
        by.record(AuditAction.GROUP_CHANGED, group=container.pk, is_new=False, excluded=included.pk)


def require_keeper(group: Group, by: Actor) -> None:
    """Raises NotAllowed("kept_by_directory") where somebody else changes what the directory keeps."""
    if group.source == Source.DIRECTORY and by.directory_id is None:
        raise NotAllowed("kept_by_directory")


def _source_of(by: Actor) -> Source:
    return Source.DIRECTORY if by.directory_id else Source.LOCAL
