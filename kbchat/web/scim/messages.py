"""What SCIM requests say and how they are refused (RFC 7644), with the shapes that Entra ID and Okta really send."""

import json
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from pydantic import ValidationError
from scim2_models import Context, Error, InvalidSyntaxException, PatchOp, Resource, SCIMException

from kbchat.core.errors import Conflict, Invalid, KbchatError
from kbchat.sentences import ENGLISH
from kbchat.web.problems import problem_of, status_of
from kbchat.web.scim.resources import PROVIDER

R = TypeVar("R", bound=Resource[Any])

MEDIA_TYPE = "application/scim+json"
_SEVERAL = frozenset({"emails", "members"})
"""The attributes that hold several values."""


def read_resource(request: HttpRequest, kind: type[R], context: Context) -> R:
    """Raises ValidationError, SCIMException."""
    with PROVIDER:
        return kind.model_validate(_body(request), scim_ctx=context)


def patched(request: HttpRequest, resource: R) -> R:
    """What the resource would be. Raises ValidationError, SCIMException."""
    body = _body(request)
    with PROVIDER:
        after = resource.model_copy(deep=True)
        operation: Any = PatchOp.__class_getitem__(type(resource))
        told = {**body, "Operations": [each for one in _operations(body) for each in _plain(one)]}
        operation.model_validate(told, scim_ctx=Context.RESOURCE_PATCH_REQUEST).patch(after)
        return after


def told(resource: Any, context: Context, *, status: int = 200, parameters: Any = None) -> HttpResponse:
    with PROVIDER:
        body = resource.model_dump(scim_ctx=context, response_parameters=parameters)
    response = HttpResponse(json.dumps(body, ensure_ascii=False), content_type=MEDIA_TYPE, status=status)
    if status == 201:
        response["Location"] = body["meta"]["location"]
    return response


def refused(error: Exception) -> HttpResponse:
    """Any error in SCIM's form; its sentence is in English, as the protocol's own are."""
    shown = _error(error)
    return HttpResponse(
        json.dumps(shown.model_dump()),
        content_type=MEDIA_TYPE,
        status=shown.status or 500,
    )


def _error(error: Exception) -> Error:
    match error:
        case ValidationError():
            return Error.from_validation_errors(error)[0]
        case SCIMException():
            return error.to_error()
        case Conflict():
            return _told_error(error, "uniqueness")
        case Invalid():
            return _told_error(error, "invalidValue")
        case KbchatError():
            return _told_error(error, None)
        case _:
            return _told_error(KbchatError(), None)


def _told_error(error: KbchatError, scim_type: str | None) -> Error:
    return Error(status=status_of(error), scim_type=scim_type, detail=problem_of(error, ENGLISH).message)


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise InvalidSyntaxException from error
    if not isinstance(body, dict):
        raise InvalidSyntaxException
    return body


def _operations(body: dict[str, Any]) -> list[dict[str, Any]]:
    found = next((value for name, value in body.items() if name.lower() == "operations"), None)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise InvalidSyntaxException
    body.pop("operations", None)
    return found


def _plain(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Two habits of Entra ID: a single value in a list of one, and paths with a filter as names inside a value."""
    path, value = operation.get("path"), operation.get("value")
    if isinstance(path, str) and path.partition("[")[0].rpartition(":")[2].lower() not in _SEVERAL:
        match value:
            case [{"value": single}]:
                return [{**operation, "value": single}]
    if not path and isinstance(value, dict):
        apart = {name: each for name, each in value.items() if "[" in name}
        rest = {name: each for name, each in value.items() if "[" not in name}
        paths = [{**operation, "path": name, "value": each} for name, each in apart.items()]
        return [*([{**operation, "value": rest}] if rest else []), *paths]
    return [operation]
