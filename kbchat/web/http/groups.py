"""Groups: their list, for all who share; and each of them, for administrators, whom alone the rest exists for."""

from typing import Annotated
from uuid import UUID

from ninja import Router, Status
from pydantic import Field

from kbchat.access.dissolving import delete_group
from kbchat.accounts import managing_groups as groups
from kbchat.accounts.managing_groups import GroupDetail
from kbchat.core.typed_text import visible_name
from kbchat.library.sharing import GroupRow, list_groups
from kbchat.web import people_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest

router = Router()


class GroupWish(shapes.Body):
    name: Annotated[str, Field(max_length=1000)]


class MemberWish(shapes.Body):
    person_id: UUID


class InclusionWish(shapes.Body):
    included_id: UUID


@router.get("/groups", response=list[shapes.Group])
def read_groups(request: ViewerRequest) -> list[GroupRow]:
    """For whoever has something to share."""
    return list_groups(request.auth)


@router.post("/groups", response={201: people_shapes.GroupDetail})
def add_group(request: ViewerRequest, wish: GroupWish) -> Status[GroupDetail]:
    return Status(201, groups.add_group(request.auth, visible_name(wish.name)))


@router.get("/groups/{uuid:group_id}", response=people_shapes.GroupDetail)
def read_group(request: ViewerRequest, group_id: UUID) -> GroupDetail:
    return groups.group_detail(request.auth, group_id)


@router.patch("/groups/{uuid:group_id}", response=people_shapes.GroupDetail)
def rename_group(request: ViewerRequest, group_id: UUID, wish: GroupWish) -> GroupDetail:
    return groups.rename(request.auth, group_id, visible_name(wish.name))


@router.delete("/groups/{uuid:group_id}", response={204: None})
def remove_group(request: ViewerRequest, group_id: UUID) -> Status[None]:
    """With what was shared with it. Not while something is closed to it: its members would see that."""
    delete_group(request.auth, group_id)
    return Status(204, None)


@router.post("/groups/{uuid:group_id}/members", response=people_shapes.GroupDetail)
def add_member(request: ViewerRequest, group_id: UUID, wish: MemberWish) -> GroupDetail:
    return groups.add_member(request.auth, group_id, wish.person_id)


@router.delete("/groups/{uuid:group_id}/members/{uuid:person_id}", response=people_shapes.GroupDetail)
def remove_member(request: ViewerRequest, group_id: UUID, person_id: UUID) -> GroupDetail:
    return groups.remove_member(request.auth, group_id, person_id)


@router.post("/groups/{uuid:group_id}/included", response=people_shapes.GroupDetail)
def add_included(request: ViewerRequest, group_id: UUID, wish: InclusionWish) -> GroupDetail:
    """Whoever is in the included group is in this one too."""
    return groups.add_included(request.auth, group_id, wish.included_id)


@router.delete("/groups/{uuid:group_id}/included/{uuid:included_id}", response=people_shapes.GroupDetail)
def remove_included(request: ViewerRequest, group_id: UUID, included_id: UUID) -> GroupDetail:
    return groups.remove_included(request.auth, group_id, included_id)
