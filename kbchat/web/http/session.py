"""Signing in and out, the reader's language, and the first administrator."""

from typing import Annotated, Any

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router, Status
from pydantic import Field

from kbchat.accounts.accepting import accepted_email, accepted_name, accepted_password
from kbchat.accounts.models import User
from kbchat.accounts.people import change_language
from kbchat.accounts.setting_up import set_up, setup_is_open
from kbchat.composition import environment
from kbchat.core.errors import NotAllowed
from kbchat.web import shapes
from kbchat.web.attempts import counted_attempt
from kbchat.web.authentication import close_session, require_person
from kbchat.web.http.credentials import ViewerRequest, require_csrf_token
from kbchat.web.signing_in import sign_in as sign_in_as
from kbchat.web.sso.chosen import provider
from kbchat.web.ws.ending import announce_end

router = Router()


class Credentials(shapes.Body):
    email: Annotated[str, Field(max_length=254)]
    password: Annotated[str, Field(max_length=1000)]


class LanguageChoice(shapes.Body):
    language: shapes.Language


class SingleSignOn(shapes.Body):
    next_path: Annotated[str, Field(max_length=2000)] = "/"


class FirstAdministrator(shapes.Body):
    token: Annotated[str, Field(max_length=200)]
    email: Annotated[str, Field(max_length=254)]
    name: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1000)]


@router.get("/session", auth=None, response=shapes.Session)
def read_session(request: HttpRequest) -> dict[str, Any]:
    """Who is signed in, if anybody. Sets the cookie with the CSRF token."""
    get_token(request)
    return _session(require_person(request))


@router.post("/session", auth=None, response=shapes.Session)
def sign_in(request: HttpRequest, credentials: Credentials) -> dict[str, Any]:
    require_csrf_token(request)
    with counted_attempt(credentials.email, request.META.get("REMOTE_ADDR", "")):
        person = authenticate(request, email=credentials.email.strip(), password=credentials.password)
        if not isinstance(person, User):
            raise NotAllowed("wrong_credentials")
    sign_in_as(request, person)
    return _session(person)


@router.post("/session/single-sign-on", auth=None, response=shapes.WayThere)
def begin_single_sign_on(request: HttpRequest, wish: SingleSignOn) -> dict[str, Any]:
    """Where the browser is to go; it comes back signed in, at `next_path`."""
    require_csrf_token(request)
    return {"address": provider().way_there(request, wish.next_path)}


@router.delete("/session", auth=None, response={204: None})
def sign_out(request: HttpRequest) -> Status[None]:
    require_csrf_token(request)
    person = require_person(request)
    close_session(request)
    if person is not None:
        announce_end(person.pk)
    return Status(204, None)


@router.patch("/session", response=shapes.Session)
def choose_language(request: ViewerRequest, choice: LanguageChoice) -> dict[str, Any]:
    change_language(request.person, choice.language)
    return _session(request.person)


@router.post("/setup", auth=None, response=shapes.Session)
def set_up_first_administrator(request: HttpRequest, first: FirstAdministrator) -> dict[str, Any]:
    """By the one-time link that the server printed; signs the administrator in."""
    require_csrf_token(request)
    person = set_up(
        first.token,
        email=accepted_email(first.email),
        name=accepted_name(first.name),
        password=accepted_password(first.password),
    )
    sign_in_as(request, person)
    return _session(person)


def _session(person: User | None) -> dict[str, Any]:
    settings = environment()
    generating = bool(settings.llm_base_url)
    return {
        "person": person,
        "generating": generating,
        "model": settings.llm_model if generating else None,
        "setup_open": person is None and setup_is_open(),
        "single_sign_on": provider().shown_name(),
    }
