"""The people, for administrators; for everybody else none of this exists."""

from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Status
from pydantic import Field

from kbchat.accounts import managing_people as people
from kbchat.accounts.choosing_password import PasswordLink
from kbchat.accounts.managing import administrator
from kbchat.accounts.managing_people import Newcomer, PersonChange
from kbchat.web import people_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest
from kbchat.web.mailing import address_of, send_link, tell_of_factor
from kbchat.web.second_factors import require_proof
from kbchat.web.ws.ending import announce_end

router = Router()

_MOST = 100


class PeopleWish(shapes.Body):
    """`q`: a part of a name or an e-mail address."""

    q: Annotated[str, Field(max_length=1000)] = ""
    start: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=_MOST)] = 50


class NewPerson(shapes.Body):
    email: Annotated[str, Field(max_length=1000)]
    name: Annotated[str, Field(max_length=1000)]
    language: shapes.Language = "en"
    is_administrator: bool = False
    is_auditor: bool = False
    group_ids: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()


class PersonWish(shapes.Body):
    """What is left out stays as it is."""

    email: Annotated[str, Field(max_length=1000)] | None = None
    name: Annotated[str, Field(max_length=1000)] | None = None
    language: shapes.Language | None = None
    is_active: bool | None = None
    is_administrator: bool | None = None
    is_auditor: bool | None = None


@router.get("/people", response=people_shapes.PeoplePage)
def read_people(request: ViewerRequest, wish: Query[PeopleWish]) -> people.PeoplePage:
    """By name. For administrators."""
    return people.list_people(request.auth, wish.q, start=wish.start, limit=wish.limit)


@router.post("/people", response={201: people_shapes.HandedLink})
def invite_person(request: ViewerRequest, wish: NewPerson) -> Status[people_shapes.HandedLink]:
    """A new person, who chooses his password by a link. For administrators."""
    newcomer = Newcomer(
        email=wish.email,
        name=wish.name,
        language=wish.language,
        is_administrator=wish.is_administrator,
        is_auditor=wish.is_auditor,
        group_ids=wish.group_ids,
    )
    return Status(201, _handed(people.invite(request.auth, newcomer)))


@router.get("/people/{uuid:person_id}", response=people_shapes.PersonRow)
def read_person(request: ViewerRequest, person_id: UUID) -> people.PersonRow:
    return people.person_row(request.auth, person_id)


@router.patch("/people/{uuid:person_id}", response=people_shapes.PersonRow)
def change_person(request: ViewerRequest, person_id: UUID, wish: PersonWish) -> people.PersonRow:
    """Deactivating ends his sessions, sockets, running answers and API keys. For administrators."""
    row = people.change(request.auth, person_id, PersonChange(**wish.model_dump()))
    if wish.is_active is False:
        announce_end(person_id)
    return row


@router.post("/people/{uuid:person_id}/link", response=people_shapes.HandedLink)
def make_link(request: ViewerRequest, person_id: UUID) -> people_shapes.HandedLink:
    """A new link by which he chooses a password; earlier ones are void. For administrators."""
    return _handed(people.link_for(request.auth, person_id))


@router.delete("/people/{uuid:person_id}/factors", response={204: None})
def take_factors(request: ViewerRequest, person_id: UUID) -> Status[None]:
    """Authenticator app, passkeys and recovery codes, where they are lost; his sessions end. For administrators."""
    administrator(request.auth)
    require_proof(request)
    person = people.take_factors(request.auth, person_id)
    if person is not None:
        announce_end(person_id)
        tell_of_factor(person, "all_taken")
    return Status(204, None)


def _handed(link: PasswordLink) -> people_shapes.HandedLink:
    is_mailed = send_link(link)
    return people_shapes.HandedLink(
        person_id=link.person.pk,
        purpose="invitation" if link.purpose == "invitation" else "reset",
        is_mailed=is_mailed,
        link=None if is_mailed else address_of(link),
    )
