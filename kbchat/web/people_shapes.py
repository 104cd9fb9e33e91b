"""What goes over the wire of people and groups, for administrators."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from kbchat.web.shapes import Keeper, Language, Shape


class GroupName(Shape):
    id: UUID
    name: str


class PersonRow(Shape):
    """`is_waiting`: was invited and has no password yet. `by_directory`: the company's directory keeps name, e-mail."""

    id: UUID
    name: str
    email: str
    language: Language
    is_active: bool
    is_administrator: bool
    is_auditor: bool
    is_waiting: bool
    by_directory: bool
    has_second_factor: bool
    joined_at: datetime
    groups: list[GroupName]


class PeoplePage(Shape):
    """`total`: of all pages."""

    people: list[PersonRow]
    total: int


class HandedLink(Shape):
    """`link` is shown this once, where no mail could be sent; otherwise it is None."""

    person_id: UUID
    purpose: Literal["invitation", "reset"]
    is_mailed: bool
    link: str | None


class GroupMember(Shape):
    id: UUID
    name: str
    email: str
    is_active: bool


class GroupDetail(Shape):
    """`included`: whoever is in one of these is in the group too."""

    id: UUID
    name: str
    source: Keeper
    members: list[GroupMember]
    included: list[GroupName]


class ResetAnswer(Shape):
    """The same for every address. `is_mailed`: whether this kbchat sends mails at all."""

    is_mailed: bool
