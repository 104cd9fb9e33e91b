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

from kbchat.access.viewers import viewer_of
from kbchat.accounts.api_keys import person_of_api_key
from kbchat.accounts.models import User
from kbchat.accounts.open_sessions import person_of_open_session
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
    key = api_key_of(request.headers)
    return person_of_api_key(key) if key else person_of_session(request.session)


def person_of_session(session: SessionBase) -> User | None:
    """An active person whose password is still the one that this session was opened with."""
    key = session.get(SESSION_KEY)
    person = person_of_open_session(session.session_key or "") if key else None
    if person is None or str(person.pk) != key:
        return None
    kept = session.get(HASH_SESSION_KEY, "")
    return person if constant_time_compare(kept, person.get_session_auth_hash()) else None


def viewer_of_credential(credential: Credential) -> Viewer | None:
    """Read now; blocking. None: signed out, revoked, expired or deactivated."""
    if credential.api_key:
        person = person_of_api_key(credential.api_key)
    elif credential.session_key:
        person = person_of_session(_session(credential.session_key))
    else:
        person = None
    return viewer_of(person) if person else None


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
