"""The rights on an owner's collections as one table: a row for everyone and each group, a column for each collection.

A change of several rights is told before it is made: it is made, who has which role is counted, and it is taken back.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from kbchat.access.gate import roles_in_collections, visible_collections
from kbchat.access.granting import Principal, give, take, visible_grants
from kbchat.access.models import Grant, Role
from kbchat.access.viewing import viewing
from kbchat.accounts.models import Group
from kbchat.core.errors import NotAllowed
from kbchat.core.viewer import Viewer
from kbchat.library.sharing import PrincipalRow, principal_row

_RANK: Final = {role: place for place, role in enumerate((None, Role.READER, Role.EDITOR, Role.OWNER))}
_ROLES: Final = """
    SELECT u.id, c.collection_id, c.role FROM accounts_user u CROSS JOIN LATERAL kbchat_collections_of(u.id) c
    WHERE u.is_active AND c.collection_id = ANY (%s)
"""


@dataclass(frozen=True, slots=True)
class CollectionColumn:
    """`people`: who have a role by themselves, not through a group."""

    id: UUID
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class RightsCell:
    collection_id: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class RightsRow:
    principal: PrincipalRow
    cells: list[RightsCell]


@dataclass(frozen=True, slots=True)
class RightsTable:
    collections: list[CollectionColumn]
    rows: list[RightsRow]


@dataclass(frozen=True, slots=True)
class RightsChange:
    """`role` None: taken away."""

    collection_id: UUID
    principal: Principal
    role: Role | None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Of one collection, how many people: `gain` it, `lose` it, may do more, may do less. `is_lost`: the viewer himself
    would own it no longer."""

    collection_id: UUID
    gain: int
    lose: int
    more: int
    less: int
    is_lost: bool


def rights_table(viewer: Viewer) -> RightsTable:
    """By name, everyone first. Raises NotAllowed for whoever owns nothing."""
    with viewing(viewer):
        return _table(viewer)


def foresee_rights(viewer: Viewer, changes: Sequence[RightsChange]) -> list[Foreseen]:
    """Nothing is changed. Raises as `change_rights`."""
    changed = list(dict.fromkeys(change.collection_id for change in changes))
    with viewing(viewer), transaction.atomic():
        before = _roles(changed)
        _apply(viewer, changes)
        after = _roles(changed)
        own = roles_in_collections(viewer)
        transaction.set_rollback(True)
    return [
        Foreseen(each, **_counted(before[each], after[each]), is_lost=own.get(each) != Role.OWNER)
        for each in changed
    ]


def change_rights(viewer: Viewer, changes: Sequence[RightsChange]) -> RightsTable:
    """All of them or none. Raises NotFound, NotAllowed, Invalid for nobody's group and for the last owner."""
    with viewing(viewer):
        _apply(viewer, changes)
        return _table(viewer) if Role.OWNER in roles_in_collections(viewer).values() else RightsTable([], [])


def _apply(viewer: Viewer, changes: Sequence[RightsChange]) -> None:
    # Owners come first: whoever makes them may take his own place away after that.
    for change in sorted(changes, key=lambda each: (str(each.collection_id), -_RANK[each.role])):
        if change.role is not None:
            give(viewer, change.collection_id, change.principal, change.role)
            continue
        for grant in visible_grants(viewer, change.collection_id):
            if _principal(grant) == change.principal:
                take(viewer, grant.pk)


def _table(viewer: Viewer) -> RightsTable:
    roles = roles_in_collections(viewer)
    owned = [
        each for each in visible_collections(viewer).order_by("name") if roles.get(each.pk) == Role.OWNER
    ]
    if not owned:
        raise NotAllowed
    people = Counter[UUID]()
    held: dict[Principal, list[RightsCell]] = {}
    for collection in owned:
        for grant in visible_grants(viewer, collection.pk):
            cell = RightsCell(collection.pk, Role(grant.role))
            held.setdefault(_principal(grant), []).append(cell)
            people[collection.pk] += grant.user_id is not None
    everyone = Principal("everyone")
    rows = [RightsRow(PrincipalRow("everyone", None, ""), held.get(everyone, []))]
    for group in Group.objects.order_by("name"):
        row = PrincipalRow("group", group.pk, group.name)
        rows.append(RightsRow(row, held.get(Principal("group", group.pk), [])))
    columns = [CollectionColumn(each.pk, each.name, people[each.pk]) for each in owned]
    return RightsTable(columns, rows)


def _principal(grant: Grant) -> Principal:
    row = principal_row(grant)
    return Principal(row.kind, row.id)


def _roles(collections: Sequence[UUID]) -> Mapping[UUID, dict[UUID, Role]]:
    """By collection and person."""
    found: dict[UUID, dict[UUID, Role]] = {each: {} for each in collections}
    with connection.cursor() as cursor:
        cursor.execute(_ROLES, [list(collections)])
        for person, collection, role in cursor.fetchall():
            found[collection][person] = Role(role)
    return found


def _counted(before: Mapping[UUID, Role], after: Mapping[UUID, Role]) -> dict[str, int]:
    kinds = Counter(_kind(before.get(each), after.get(each)) for each in {*before, *after})
    return {kind: kinds[kind] for kind in ("gain", "lose", "more", "less")}


def _kind(before: Role | None, after: Role | None) -> str:
    if before == after:
        return ""
    if before is None:
        return "gain"
    if after is None:
        return "lose"
    return "more" if _RANK[after] > _RANK[before] else "less"
