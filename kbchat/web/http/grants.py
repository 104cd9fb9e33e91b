"""Who may read or edit a collection. For its owners."""

from uuid import UUID

from ninja import Router, Status

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.library.sharing import GrantRow, give_grant, list_grants, take_grant
from kbchat.web import shapes
from kbchat.web.http.credentials import ViewerRequest

router = Router()


class GrantWish(shapes.Body):
    """`id` is that of the person or group; none for everyone."""

    kind: shapes.PrincipalKind
    id: UUID | None = None
    role: shapes.Role


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
