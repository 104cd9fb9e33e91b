"""Who may call: a person's session, with proof that the request comes from our own page, or an API key."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from kbchat.accounts.models import ApiKey, User
from kbchat.core.errors import NotAllowed
from kbchat.core.viewer import KeyScope, Viewer
from kbchat.web.authentication import api_key_of, must_add_factor, viewer_of_request
from kbchat.web.key_rate import count_request
from kbchat.web.problems import SignedOut


class ViewerRequest(HttpRequest):
    """A request that passed `SIGNED_IN`."""

    auth: Viewer
    person: User
    api_key: ApiKey
    """Where one was shown."""


class ApiKeyAuth(HttpBearer):
    """A key that is shown must be good, and an empty one is none: there is no falling back to the cookie beside it.

    Other schemes are a proxy's own, and pass. `scope`: what a key has to be for; None: none will do, only a person who
    is signed in."""

    def __init__(self, scope: KeyScope | None = None) -> None:
        super().__init__()
        self._scope = scope

    def __call__(self, request: HttpRequest) -> Viewer | None:
        if request.headers.get("Authorization", "").lower().startswith("bearer") and not api_key_of(
            request.headers
        ):
            raise SignedOut
        viewer: Viewer | None = super().__call__(request)
        return viewer

    def authenticate(self, request: HttpRequest, token: str) -> Viewer:
        viewer = _viewer(request)
        count_request(cast("ViewerRequest", request).api_key.pk)
        if self._scope is None:
            raise NotAllowed("session_needed")
        if not viewer.is_for(self._scope):
            raise NotAllowed("key_lacks_scope")
        return viewer


class SessionAuth(APIKeyCookie):
    """`without_factor`: also for somebody who has to add a second factor first."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self, *, without_factor: bool = False) -> None:
        # Checked below, after it is known whether anybody is signed in at all.
        super().__init__(csrf=False)
        self._without_factor = without_factor

    def authenticate(self, request: HttpRequest, key: str | None) -> Viewer:
        viewer = _viewer(request)
        require_csrf_token(request)
        person = cast("ViewerRequest", request).person
        if not self._without_factor and must_add_factor(request.session, person):
            raise NotAllowed("second_factor_required")
        return viewer


WITHOUT_FACTOR = [ApiKeyAuth(), SessionAuth(without_factor=True)]
"""Of the few routes by which somebody adds a second factor, and leaves."""
SIGNED_IN = [ApiKeyAuth(), SessionAuth()]
"""Of every route that does not say what a key has to be for: no key will do."""


def by_key_for(scope: KeyScope) -> list[ApiKeyAuth | SessionAuth]:
    """Whoever is signed in, and keys that are made for this."""
    return [ApiKeyAuth(scope), SessionAuth()]


def require_csrf_token(request: HttpRequest) -> None:
    """Raises NotAllowed("csrf_failed") for an unsafe method without the token of this browser (T26)."""
    if check_csrf(request) is not None:
        raise NotAllowed("csrf_failed")


def _viewer(request: HttpRequest) -> Viewer:
    viewer = viewer_of_request(request)
    if viewer is None:
        raise SignedOut
    return viewer
