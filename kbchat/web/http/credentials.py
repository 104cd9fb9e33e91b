"""Who may call: a person's session, with proof that the request comes from our own page, or an API key."""

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from kbchat.access.viewers import viewer_of
from kbchat.accounts.models import User
from kbchat.core.errors import NotAllowed
from kbchat.core.viewer import Viewer
from kbchat.web.authentication import api_key_of, require_person
from kbchat.web.problems import SignedOut


class ViewerRequest(HttpRequest):
    """A request that passed `SIGNED_IN`."""

    auth: Viewer
    person: User


class ApiKeyAuth(HttpBearer):
    """A key that is shown must be good, and an empty one is none: there is no falling back to the cookie beside it.

    Other schemes are a proxy's own, and pass."""

    def __call__(self, request: HttpRequest) -> Viewer | None:
        if request.headers.get("Authorization", "").lower().startswith("bearer") and not api_key_of(
            request.headers
        ):
            raise SignedOut
        viewer: Viewer | None = super().__call__(request)
        return viewer

    def authenticate(self, request: HttpRequest, token: str) -> Viewer:
        return _viewer(request)


class SessionAuth(APIKeyCookie):
    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        # Checked below, after it is known whether anybody is signed in at all.
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Viewer:
        viewer = _viewer(request)
        require_csrf_token(request)
        return viewer


SIGNED_IN = [ApiKeyAuth(), SessionAuth()]


def require_csrf_token(request: HttpRequest) -> None:
    """Raises NotAllowed("csrf_failed") for an unsafe method without the token of this browser (T26)."""
    if check_csrf(request) is not None:
        raise NotAllowed("csrf_failed")


def require_session(request: ViewerRequest) -> User:
    """The person; raises NotAllowed where a key speaks for him."""
    if api_key_of(request.headers):
        raise NotAllowed("session_needed")
    return request.person


def _viewer(request: HttpRequest) -> Viewer:
    person = require_person(request)
    if person is None:
        raise SignedOut
    return viewer_of(person)
