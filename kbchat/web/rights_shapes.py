"""What goes over the wire of the table of rights, for owners."""

from uuid import UUID

from kbchat.web.shapes import Principal, Role, Shape


class CollectionColumn(Shape):
    """`people`: who have a role by themselves, not through a group."""

    id: UUID
    name: str
    people: int


class RightsCell(Shape):
    collection_id: UUID
    role: Role


class RightsRow(Shape):
    """Everyone, or a group; without a cell it has no role there."""

    principal: Principal
    cells: list[RightsCell]


class RightsTable(Shape):
    collections: list[CollectionColumn]
    rows: list[RightsRow]


class ForeseenRights(Shape):
    """Of one collection, how many people would gain it, lose it, be allowed more or less. `is_lost`: the caller would
    own it no longer."""

    collection_id: UUID
    gain: int
    lose: int
    more: int
    less: int
    is_lost: bool
