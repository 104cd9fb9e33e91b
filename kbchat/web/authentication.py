"""Who a request or a socket speaks for: a session cookie or an API key, read from the database every time.

Sessions and keys are the web's affair; passwords and people are `kbchat.accounts`. Nothing here is cached between
requests, so that signing out, revoking a key and deactivating a person take effect with the next one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from kbchat.access.viewers import viewer_of, viewer_of_key
from kbchat.accounts.api_keys import find_api_key
from kbchat.accounts.factors import lacks_factor
from kbchat.accounts.models import ApiKey, User
from kbchat.accounts.open_sessions import person_of_open_session
from kbchat.composition import environment
from kbchat.core.viewer import Viewer

_BEARER = "bearer "
_BACKEND = "kbchat.accounts.signing_in.EmailBackend"


@dataclass(frozen=True, slots=True)
class Credential:
    """What a client showed. At most one of the two is used: a key, where there is one, and no cookie beside it."""

    api_key: str = ""
    session_key: str = ""


class CookieSessionMiddleware(SessionMiddleware):
    """Django's, for cookies that anybody may have written."""

    def process_request(self, request: HttpRequest) -> None:
        request.session = _session(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))


class ViewerMiddleware(MiddlewareMixin):
    """Sets `request.person`, lazily: whom the request speaks for, or a false value.

    What was made for one person is kept by no cache (T16), unless a view says otherwise.
    """

    def process_request(self, request: HttpRequest) -> None:
        request.person = SimpleLazyObject(lambda: person_of_request(request) or False)  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def api_key_of(headers: Mapping[str, str]) -> str:
    """The key of an `Authorization: Bearer` header, or ""."""
    value = headers.get("Authorization", "")
    return value[len(_BEARER) :].strip() if value.lower().startswith(_BEARER) else ""


def headers_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """By names written as in `Authorization`; of several of one name, the last."""
    return {name.decode("latin-1").title(): value.decode("latin-1") for name, value in scope["headers"]}


def credential_of(headers: Mapping[str, str]) -> Credential:
    key = api_key_of(headers)
    return Credential(api_key=key) if key else Credential(session_key=_cookie(headers.get("Cookie", "")))


def person_of_request(request: HttpRequest) -> User | None:
    """An API key's owner is found with the key itself, `request.api_key`, which narrows what he may do."""
    secret = api_key_of(request.headers)
    if not secret:
        return person_of_session(request.session)
    key = find_api_key(secret)
    request.api_key = key  # type: ignore[attr-defined]
    return key.user if key else None


def person_of_session(session: SessionBase) -> User | None:
    """An active person whose password is still the one that this session was opened with."""
    key = session.get(SESSION_KEY)
    person = person_of_open_session(session.session_key or "") if key else None
    if person is None or str(person.pk) != key:
        return None
    kept = session.get(HASH_SESSION_KEY, "")
    return person if constant_time_compare(kept, person.get_session_auth_hash()) else None


def viewer_of_credential(credential: Credential) -> Viewer | None:
    """Read now; blocking. None: signed out, revoked, expired, deactivated, or a second factor is still to be added."""
    if credential.api_key:
        key = find_api_key(credential.api_key)
        return viewer_of_key(key) if key else None
    session = _session(credential.session_key) if credential.session_key else None
    person = person_of_session(session) if session else None
    if session is None or person is None or must_add_factor(session, person):
        return None
    return viewer_of(person)


def must_add_factor(session: SessionBase, person: User) -> bool:
    """Whether this session opens nothing yet: a second factor is required of him, he has none, and he came by his
    password."""
    required = environment().require_second_factor
    is_asked = required == "everybody" or (
        required == "managers" and (person.is_administrator or person.is_auditor)
    )
    return is_asked and person.has_usable_password() and lacks_factor(session.session_key or "")


def viewer_of_request(request: HttpRequest) -> Viewer | None:
    person = require_person(request)
    key: ApiKey | None = getattr(request, "api_key", None)
    if person is None or key is None:
        return viewer_of(person) if person else None
    return viewer_of_key(key)


def open_session(request: HttpRequest, person: User) -> str:
    """A new session under a new key, which is returned: a key known before sign-in is worth nothing (T29)."""
    request.session.flush()
    request.session[SESSION_KEY] = str(person.pk)
    request.session[BACKEND_SESSION_KEY] = _BACKEND
    request.session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    request.session.save()
    _know(request, person)
    return cast("str", request.session.session_key)


def close_session(request: HttpRequest) -> None:
    request.session.flush()
    _know(request, None)


def require_person(request: HttpRequest) -> User | None:
    """The person of this request, remembered for the language of its messages."""
    person = cast("User | None", getattr(request, "person", None)) or None
    _know(request, person)
    return person


def _know(request: HttpRequest, person: User | None) -> None:
    request.person = person  # type: ignore[attr-defined]
    request.known_viewer = viewer_of(person) if person else None  # type: ignore[attr-defined]


def _session(session_key: str) -> SessionBase:
    """A new one where the key is none that we made: what else stands in a cookie may not even be text."""
    store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
    return store(session_key if session_key.isalnum() else None)


def _cookie(header: str) -> str:
    """The session's key, or ""."""
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == settings.SESSION_COOKIE_NAME:
            return value
    return ""
