"""The HTTP API under /api/v1: its routers, and the one place where errors become responses."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, RawPostDataException
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from kbchat.core.database_errors import is_full_database, is_removed_meanwhile
from kbchat.core.disk import is_full
from kbchat.core.errors import Busy, Conflict, Invalid, KbchatError, NotAllowed, NotFound, Unavailable
from kbchat.core.limits import Limit, reached
from kbchat.core.viewer import Viewer
from kbchat.web.http import (
    api_keys,
    as_another,
    audit,
    collections,
    conversations,
    documents,
    factors,
    feedback,
    gaps,
    generations,
    glossary,
    golden,
    grants,
    groups,
    insights,
    notices,
    passwords,
    people,
    retention,
    schedules,
    search,
    second_step,
    sections,
    session,
    sessions,
    shares,
    sources,
    system,
    upkeep,
    versions,
)
from kbchat.web.http.credentials import SIGNED_IN
from kbchat.web.language import reader_language
from kbchat.web.problems import SignedOut, problem_of, status_of
from kbchat.web.refusals import record_refusal

logger = logging.getLogger(__name__)

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")

DESCRIPTION = """Everything the page does. What the page hears over its websocket while it happens (an answer being
written, a document on its way) is read here by asking again. Sign in with a session (`POST /session`; unsafe methods
then need the header `X-CSRFToken` with the value of the cookie `kbchat_csrf`, which is called `__Host-kbchat_csrf`
behind TLS) or with `Authorization: Bearer kbc_…`: a key searches, asks, reads and fills the library, as far as its
scopes reach; all else answers it `session_needed`. Errors are `{code, message, next_step}` in the language of
`Accept-Language` (`en` or `zh-hans`); what is hidden from you and what does not exist are both `not_found`. Ids are
UUIDs, times ISO 8601 in UTC, offsets Unicode code points."""

api = NinjaAPI(
    title="kbchat", version="1", description=DESCRIPTION, auth=SIGNED_IN, docs_url=None, urls_namespace="api"
)
for router in (
    session,
    second_step,
    factors,
    sessions,
    api_keys,
    collections,
    as_another,
    grants,
    documents,
    versions,
    sections,
    search,
    conversations,
    feedback,
    gaps,
    insights,
    people,
    groups,
    glossary,
    golden,
    generations,
    schedules,
    sources,
    passwords,
    notices,
    shares,
    audit,
    retention,
    upkeep,
    system,
):
    api.add_router("", router.router, tags=[router.__name__.rpartition(".")[2].replace("_", " ")])


def refusal(request: HttpRequest, error: KbchatError) -> HttpResponse:
    known: Viewer | None = getattr(request, "known_viewer", None)
    if isinstance(error, NotAllowed) and known is not None and request.resolver_match is not None:
        record_refusal(known, error, _place(request), request.resolver_match.kwargs)
    told = problem_of(error, reader_language(request))
    response = api.create_response(request, told.model_dump(), status=status_of(error))
    if isinstance(error, Busy) and error.wait_seconds is not None:
        response["Retry-After"] = str(error.wait_seconds)
    return response


def _place(request: HttpRequest) -> str:
    """The route by its method and its pattern, without anything that was sent."""
    route = request.resolver_match.route if request.resolver_match else ""
    plain = _PARAMETER.sub(r"\1", route).removeprefix("api/v1/")
    return f"{request.method} {plain}"


def _foreign(error: Exception | type[Exception]) -> KbchatError:
    """Another library's error as one of ours; anything unforeseen is internal."""
    match error:
        case KbchatError():
            return error
        case ValidationError():
            return _misfit(error.errors)
        case AuthenticationError():
            return SignedOut()
        case Http404():
            return NotFound()
        case RequestDataTooBig():
            return reached(
                Limit.BODY_BYTES, Invalid("request_too_large", limit_bytes=settings.LIMITS.most_body_bytes)
            )
        case TooManyFilesSent():
            most = settings.LIMITS.most_files_at_once
            return reached(Limit.FILES_AT_ONCE, Invalid("too_many_files", most=most))
        case TooManyFieldsSent():
            return Invalid("too_many_fields", most=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)
        # The last: a form, where JSON belongs, that was read already for its CSRF token.
        case HttpError() | MultiPartParserError() | RawPostDataException():
            return Invalid()
        case OSError() if is_full(error):
            # What arrives is laid aside until it is kept.
            return Unavailable("storage_full")
        case OperationalError() if is_full_database(error):
            return Unavailable("database_full")
        case IntegrityError() if is_removed_meanwhile(error):
            logger.warning("what a request referred to was removed meanwhile", exc_info=error)
            return Conflict()
        case _:
            logger.error("unhandled error", exc_info=error if isinstance(error, Exception) else None)
            return KbchatError()


def _misfit(errors: Sequence[Mapping[str, Any]]) -> Invalid:
    """What is missing is told first, alone: once it is there, the rest is looked at."""
    missing = sorted({_field(item["loc"]) for item in errors if item["type"] == "missing"})
    if missing:
        return Invalid("invalid_request", missing=", ".join(missing))
    return Invalid("invalid_request", fields=", ".join(sorted({_field(item["loc"]) for item in errors})))


def _field(place: Sequence[str | int]) -> str:
    """A field by the name that a client knows; in a body, the parameter that takes it all stands before it."""
    where, *path = map(str, place)
    if where == "body":
        return ".".join(path[1:]) or where
    return ".".join(path) or where


def _refuse(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    return refusal(request, _foreign(error))


# Ninja has handlers of its own for some kinds; the nearest kind's handler is the one that is called.
for _kind in (Exception, ValidationError, AuthenticationError, HttpError, Http404):
    api.add_exception_handler(_kind, _refuse)


def no_such_address(request: HttpRequest, **_: object) -> HttpResponse:
    """Below /api/, an address that is none looks like a thing that is none."""
    return refusal(request, NotFound())
