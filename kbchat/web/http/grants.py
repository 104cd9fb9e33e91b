"""Who may read or edit a collection, one by one or as a table. For its owners."""

from typing import Annotated, Literal
from uuid import UUID

from ninja import Router, Status
from pydantic import Field

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.library import permissions
from kbchat.library.sharing import GrantRow, give_grant, list_grants, take_grant
from kbchat.web import rights_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest

router = Router()


class GrantWish(shapes.Body):
    """`id` is that of the person or group; none for everyone."""

    kind: shapes.PrincipalKind
    id: UUID | None = None
    role: shapes.Role


class RightsChange(shapes.Body):
    """`id`: of the group; none for everyone. `role` null: taken away."""

    collection_id: UUID
    kind: Literal["everyone", "group"]
    id: UUID | None = None
    role: shapes.Role | None


class RightsWish(shapes.Body):
    changes: Annotated[list[RightsChange], Field(min_length=1, max_length=200)]

    @property
    def wished(self) -> list[permissions.RightsChange]:
        return [
            permissions.RightsChange(
                each.collection_id, Principal(each.kind, each.id), Role(each.role) if each.role else None
            )
            for each in self.changes
        ]


@router.get("/collections/{uuid:collection_id}/grants", response=list[shapes.Grant])
def read_grants(request: ViewerRequest, collection_id: UUID) -> list[GrantRow]:
    return list_grants(request.auth, collection_id)


@router.post("/collections/{uuid:collection_id}/grants", response=shapes.Grant)
def add_grant(request: ViewerRequest, collection_id: UUID, wish: GrantWish) -> GrantRow:
    return give_grant(request.auth, collection_id, Principal(wish.kind, wish.id), Role(wish.role))


@router.delete("/grants/{uuid:grant_id}", response={204: None})
def remove_grant(request: ViewerRequest, grant_id: UUID) -> Status[None]:
    take_grant(request.auth, grant_id)
    return Status(204, None)


@router.get("/permissions", response=rights_shapes.RightsTable)
def read_permissions(request: ViewerRequest) -> permissions.RightsTable:
    """Of everyone and each group, over the collections that the caller owns."""
    return permissions.rights_table(request.auth)


@router.post("/permissions/preview", response=list[rights_shapes.ForeseenRights])
def preview_permissions(request: ViewerRequest, wish: RightsWish) -> list[permissions.Foreseen]:
    """Whom these changes would reach. Nothing is changed."""
    return permissions.foresee_rights(request.auth, wish.wished)


@router.patch("/permissions", response=rights_shapes.RightsTable)
def change_permissions(request: ViewerRequest, wish: RightsWish) -> permissions.RightsTable:
    """All of these changes, or none."""
    return permissions.change_rights(request.auth, wish.wished)
