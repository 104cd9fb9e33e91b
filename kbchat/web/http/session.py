"""Signing in and out, the reader's language, and the first administrator."""

from typing import Annotated, Any

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router, Status
from pydantic import Field

from kbchat.accounts.accepting import accepted_email, accepted_name, accepted_password
from kbchat.accounts.factors import factors_of, has_factor
from kbchat.accounts.models import User
from kbchat.accounts.people import change_language
from kbchat.accounts.setting_up import set_up, setup_is_open
from kbchat.composition import environment
from kbchat.core.errors import NotAllowed
from kbchat.web import shapes
from kbchat.web.attempts import counted_attempt
from kbchat.web.authentication import close_session, must_add_factor, require_person
from kbchat.web.http.credentials import WITHOUT_FACTOR, ViewerRequest, require_csrf_token
from kbchat.web.second_factors import find_site, wait_for_second_factor, waiting_person
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
    return session_shown(request, require_person(request))


@router.post("/session", auth=None, response={200: shapes.Session, 202: shapes.Session})
def sign_in(request: HttpRequest, credentials: Credentials) -> Status[dict[str, Any]]:
    """202: the password is right and opens nothing yet; `second_factor` says what else it takes."""
    require_csrf_token(request)
    with counted_attempt(credentials.email, request.META.get("REMOTE_ADDR", "")) as attempt:
        person = authenticate(request, email=credentials.email.strip(), password=credentials.password)
        if not isinstance(person, User):
            raise NotAllowed("wrong_credentials")
        attempt.is_half = has_factor(person)
    if attempt.is_half:
        wait_for_second_factor(request, person)
        return Status(202, session_shown(request, None))
    sign_in_as(request, person)
    return Status(200, session_shown(request, person))


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


@router.patch("/session", auth=WITHOUT_FACTOR, response=shapes.Session)
def choose_language(request: ViewerRequest, choice: LanguageChoice) -> dict[str, Any]:
    change_language(request.person, choice.language)
    return session_shown(request, request.person)


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
    return session_shown(request, person)


def session_shown(request: HttpRequest, person: User | None) -> dict[str, Any]:
    """What the page begins with."""
    settings = environment()
    generating = bool(settings.llm_base_url)
    waiting = waiting_person(request) if person is None else None
    return {
        "person": person,
        "generating": generating,
        "model": settings.llm_model if generating else None,
        "setup_open": person is None and setup_is_open(),
        "single_sign_on": provider().shown_name(),
        "takes_passkeys": find_site(request) is not None,
        "second_factor": _ways(waiting) if waiting else None,
        "must_add_factor": person is not None and must_add_factor(request.session, person),
    }


def _ways(person: User) -> dict[str, bool]:
    has = factors_of(person)
    return {"app": has.app is not None, "passkey": bool(has.passkeys)}
