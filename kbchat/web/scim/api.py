"""SCIM 2.0 under /scim/v2: the company's directory brings people and groups, keeps them, and ends them.

It signs in by a token of its own (`manage.py connect_directory`), which is nobody's session and opens nothing else.
"""

import logging
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer
from pydantic import ValidationError
from scim2_models import (
    Context,
    ListResponse,
    ResourceType,
    ResponseParameters,
    Schema,
    SCIMException,
    SearchRequest,
)

from kbchat.access.dissolving import dissolve_directory_group
from kbchat.accounts.acting import Actor
from kbchat.accounts.directory_tokens import directory_of_token
from kbchat.accounts.provisioned_groups import (
    bring_group,
    group_of_directory,
    groups_of_directory,
    keep_group,
)
from kbchat.accounts.provisioned_people import (
    bring_person,
    keep_person,
    part_with_person,
    people_of_directory,
    person_of_directory,
)
from kbchat.core.errors import KbchatError, NotFound
from kbchat.web.problems import SignedOut
from kbchat.web.scim.finding import GROUP_CONDITIONS, USER_CONDITIONS, condition_of
from kbchat.web.scim.messages import patched, read_resource, refused, told
from kbchat.web.scim.resources import (
    MOST_RESULTS,
    PROVIDER,
    ScimGroup,
    ScimUser,
    shown_group,
    shown_user,
    told_group,
    told_profile,
    without_shown_name,
)
from kbchat.web.ws.ending import announce_end

logger = logging.getLogger(__name__)

_DEFAULT_RESULTS = 100
_LAST_START = 2**31
"""Behind everybody; a number that is larger than PostgreSQL's own it refuses."""


class DirectoryRequest(HttpRequest):
    """A request that passed `DirectoryAuth`."""

    auth: Actor


class DirectoryAuth(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        row = directory_of_token(token)
        if row is None:
            raise SignedOut
        return Actor(directory_id=row.pk)


scim = NinjaAPI(
    title="kbchat SCIM",
    version="2.0",
    auth=DirectoryAuth(),
    docs_url=None,
    openapi_url=None,
    urls_namespace="scim",
)


def _refuse(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    if isinstance(error, AuthenticationError):
        return refused(SignedOut())
    if not isinstance(error, KbchatError | ValidationError | SCIMException):
        logger.error("unhandled error", exc_info=error if isinstance(error, Exception) else None)
    return refused(error if isinstance(error, Exception) else KbchatError())


for _kind in (Exception, AuthenticationError):
    scim.add_exception_handler(_kind, _refuse)


def no_such_endpoint(request: HttpRequest, **_: object) -> HttpResponse:
    return refused(NotFound())


@scim.get("/Users")
def list_users(request: DirectoryRequest) -> HttpResponse:
    asked = _asked(request, ScimUser)
    found = people_of_directory().filter(condition_of(asked.filter, USER_CONDITIONS))
    start, count = _start(asked), _count(asked)
    page = found.order_by("joined_at", "pk")[start : start + count]
    return _listed([shown_user(person) for person in page], found.count(), asked, ScimUser)


@scim.post("/Users")
def add_user(request: DirectoryRequest) -> HttpResponse:
    wish = read_resource(request, ScimUser, Context.RESOURCE_CREATION_REQUEST)
    person = bring_person(told_profile(wish), by=request.auth)
    return told(shown_user(person), Context.RESOURCE_CREATION_RESPONSE, status=201)


@scim.get("/Users/{user_id}")
def read_user(request: DirectoryRequest, user_id: str) -> HttpResponse:
    shown = shown_user(person_of_directory(_id(user_id)))
    return told(shown, Context.RESOURCE_QUERY_RESPONSE, parameters=_parameters(request, ScimUser))


@scim.put("/Users/{user_id}")
def replace_user(request: DirectoryRequest, user_id: str) -> HttpResponse:
    wish = read_resource(request, ScimUser, Context.RESOURCE_REPLACEMENT_REQUEST)
    with transaction.atomic():
        person = person_of_directory(_id(user_id), for_change=True)
        keep_person(person, told_profile(wish), by=request.auth)
    return _kept(user_id, Context.RESOURCE_REPLACEMENT_RESPONSE)


@scim.patch("/Users/{user_id}")
def change_user(request: DirectoryRequest, user_id: str) -> HttpResponse:
    with transaction.atomic():
        person = person_of_directory(_id(user_id), for_change=True)
        before = shown_user(person)
        after = patched(request, without_shown_name(before))
        keep_person(person, told_profile(after, before), by=request.auth)
    return _kept(user_id, Context.RESOURCE_PATCH_RESPONSE)


@scim.delete("/Users/{user_id}")
def remove_user(request: DirectoryRequest, user_id: str) -> HttpResponse:
    with transaction.atomic():
        person = person_of_directory(_id(user_id), for_change=True)
        part_with_person(person, by=request.auth)
    announce_end(person.pk)
    return HttpResponse(status=204)


@scim.get("/Groups")
def list_groups(request: DirectoryRequest) -> HttpResponse:
    asked = _asked(request, ScimGroup)
    found = groups_of_directory().filter(condition_of(asked.filter, GROUP_CONDITIONS)).distinct()
    start, count = _start(asked), _count(asked)
    page = found.order_by("name", "pk")[start : start + count]
    shown = [shown_group(group, with_members=_wants_members(asked)) for group in page]
    return _listed(shown, found.count(), asked, ScimGroup)


@scim.post("/Groups")
def add_group(request: DirectoryRequest) -> HttpResponse:
    wish = read_resource(request, ScimGroup, Context.RESOURCE_CREATION_REQUEST)
    group = bring_group(told_group(wish), by=request.auth)
    return told(shown_group(group), Context.RESOURCE_CREATION_RESPONSE, status=201)


@scim.get("/Groups/{group_id}")
def read_group(request: DirectoryRequest, group_id: str) -> HttpResponse:
    parameters = _parameters(request, ScimGroup)
    shown = shown_group(group_of_directory(_id(group_id)), with_members=_wants_members(parameters))
    return told(shown, Context.RESOURCE_QUERY_RESPONSE, parameters=parameters)


@scim.put("/Groups/{group_id}")
def replace_group(request: DirectoryRequest, group_id: str) -> HttpResponse:
    wish = read_resource(request, ScimGroup, Context.RESOURCE_REPLACEMENT_REQUEST)
    with transaction.atomic():
        group = group_of_directory(_id(group_id), for_change=True)
        keep_group(group, told_group(wish), by=request.auth)
    return told(shown_group(group), Context.RESOURCE_REPLACEMENT_RESPONSE)


@scim.patch("/Groups/{group_id}")
def change_group(request: DirectoryRequest, group_id: str) -> HttpResponse:
    """Without a body: a group's members are many, and directories do not ask for them here."""
    with transaction.atomic():
        group = group_of_directory(_id(group_id), for_change=True)
        keep_group(group, told_group(patched(request, shown_group(group))), by=request.auth)
    return HttpResponse(status=204)


@scim.delete("/Groups/{group_id}")
def remove_group(request: DirectoryRequest, group_id: str) -> HttpResponse:
    with transaction.atomic():
        dissolve_directory_group(group_of_directory(_id(group_id), for_change=True), by=request.auth)
    return HttpResponse(status=204)


@scim.get("/ServiceProviderConfig")
def read_config(request: DirectoryRequest) -> HttpResponse:
    return told(PROVIDER.config, Context.RESOURCE_QUERY_RESPONSE)


@scim.get("/ResourceTypes")
def list_resource_types(request: DirectoryRequest) -> HttpResponse:
    return _all_of(list(PROVIDER.resource_types), ResourceType)


@scim.get("/ResourceTypes/{name}")
def read_resource_type(request: DirectoryRequest, name: str) -> HttpResponse:
    return _one_of([each for each in PROVIDER.resource_types if each.name == name])


@scim.get("/Schemas")
def list_schemas(request: DirectoryRequest) -> HttpResponse:
    return _all_of(list(PROVIDER.schemas), Schema)


@scim.get("/Schemas/{schema_id}")
def read_schema(request: DirectoryRequest, schema_id: str) -> HttpResponse:
    return _one_of([each for each in PROVIDER.schemas if each.id == schema_id])


def _kept(user_id: str, context: Context) -> HttpResponse:
    """He as he is now; whoever is deactivated by that is told at once."""
    person = person_of_directory(_id(user_id))
    if not person.is_active:
        announce_end(person.pk)
    return told(shown_user(person), context)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


def _asked(request: HttpRequest, kind: type[Any]) -> Any:
    return _read(SearchRequest.__class_getitem__(kind), request)


def _parameters(request: HttpRequest, kind: type[Any]) -> Any:
    return _read(ResponseParameters.__class_getitem__(kind), request)


def _read(kind: Any, request: HttpRequest) -> Any:
    """From the address. Raises ValidationError."""
    with PROVIDER:
        return kind.model_validate(request.GET.dict())


def _start(asked: Any) -> int:
    return min(asked.start_index_0 or 0, _LAST_START)


def _count(asked: Any) -> int:
    return _DEFAULT_RESULTS if asked.count is None else min(int(asked.count), MOST_RESULTS)


def _wants_members(parameters: Any) -> bool:
    named = {str(path).lower() for path in parameters.attributes or []}
    left_out = {str(path).lower() for path in parameters.excluded_attributes or []}
    return "members" not in left_out and (not named or any(name.startswith("members") for name in named))


def _listed(resources: list[Any], total: int, asked: Any, kind: type[Any]) -> HttpResponse:
    page = ListResponse.__class_getitem__(kind)(
        total_results=total,
        start_index=_start(asked) + 1,
        items_per_page=len(resources),
        resources=resources,
    )
    return told(page, Context.RESOURCE_QUERY_RESPONSE, parameters=asked)


def _all_of(resources: list[Any], kind: type[Any]) -> HttpResponse:
    page = ListResponse.__class_getitem__(kind)(
        total_results=len(resources), start_index=1, items_per_page=len(resources), resources=resources
    )
    return told(page, Context.RESOURCE_QUERY_RESPONSE)


def _one_of(found: list[Any]) -> HttpResponse:
    if not found:
        raise NotFound
    return told(found[0], Context.RESOURCE_QUERY_RESPONSE)
