"""The identity provider of the settings: where it is, its keys, and one sign-in there and back.

allauth's provider keeps the state of the way there (in the session, used once), makes the proof key (PKCE) and fetches
the tokens. What it does not do is done here: it sends no nonce and does not look at the signature of an ID token that
it fetched itself. None of its views is used.
"""

import logging
import secrets
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from requests import RequestException

from kbchat.accounts.identities import Identity
from kbchat.composition import environment
from kbchat.core.addresses import is_guarded
from kbchat.core.errors import NotAllowed, NotFound, Unavailable
from kbchat.web.sso.oidc.tokens import Claims, ProviderKey, provider_key, verified_id_token
from kbchat.web.sso.proofs import ProofRefused
from kbchat.web.sso.returning import Returned, identity_of, own_origin

logger = logging.getLogger(__name__)

CALLBACK_PATH: Final = "/sso/callback"
KEPT_SECONDS = 300
"""How long what the provider says of itself is believed."""
REFETCH_SECONDS = 10
"""A key that nobody knows makes us ask again, but not more often: anybody may send a token that names one."""
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def shown_name() -> str | None:
    settings = environment()
    if settings.oidc_issuer is None:
        return None
    return settings.sso_name or urlsplit(settings.oidc_issuer).netloc


class _Documents:
    """The provider's configuration and keys, fetched when they are needed and kept for a while."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def configuration(self, issuer: str) -> dict[str, Any]:
        """Raises Unavailable where the provider does not answer, or is not who it should be."""
        found = self._read(f"{issuer.rstrip('/')}/.well-known/openid-configuration", KEPT_SECONDS)
        if found.get("issuer") != issuer:
            logger.error("the identity provider calls itself by another name than KBCHAT_OIDC_ISSUER")
            raise Unavailable("sso_unavailable")
        if not all(is_guarded(str(found.get(name, ""))) for name in _ENDPOINTS):
            logger.error("the identity provider names an address without TLS, or lacks one")
            raise Unavailable("sso_unavailable")
        return found

    def key(self, issuer: str, kid: str) -> ProviderKey | None:
        """Raises Unavailable."""
        address = str(self.configuration(issuer)["jwks_uri"])
        found = _chosen(self._read(address, KEPT_SECONDS), kid)
        return found or _chosen(self._read(address, REFETCH_SECONDS), kid)

    def _read(self, address: str, kept_seconds: float) -> dict[str, Any]:
        with self._lock:
            read_at, document = self._kept.get(address, (0.0, {}))
            if document and time.monotonic() - read_at < kept_seconds:
                return document
            document = _fetched(address)
            self._kept[address] = time.monotonic(), document
            return document


_documents = _Documents()


def find_key(kid: str) -> ProviderKey | None:
    return _documents.key(_app().provider_id, kid)


def _fetched(address: str) -> dict[str, Any]:
    try:
        with get_adapter().get_requests_session() as session:
            answer = session.get(address, allow_redirects=False)
            answer.raise_for_status()
            document = answer.json()
    except (RequestException, ValueError) as error:
        logger.warning("the identity provider does not answer: %s", type(error).__name__)
        raise Unavailable("sso_unavailable") from error
    if not isinstance(document, dict):
        raise Unavailable("sso_unavailable")
    return document


def _chosen(document: dict[str, Any], kid: str) -> ProviderKey | None:
    told = document.get("keys")
    signing = [
        (each, key)
        for each in (told if isinstance(told, list) else [])
        if (key := provider_key(each)) and each.get("use") in (None, "sig")
    ]
    if not kid:
        return signing[0][1] if len(signing) == 1 else None
    return next((key for each, key in signing if each.get("kid") == kid), None)


class _Endpoints(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    @property
    def openid_config(self) -> dict[str, Any]:
        return _documents.configuration(self.provider_id)

    def get_provider(self) -> "_Provider":
        return _Provider(self.request, _app())

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return own_origin(request) + CALLBACK_PATH


class _Provider(OpenIDConnectProvider):  # type: ignore[misc]
    oauth2_adapter_class = _Endpoints
    pkce_enabled_default = True


def _app() -> SocialApp:
    """Never saved. allauth calls the provider by its issuer, to which identities belong. Raises NotFound."""
    settings = environment()
    if settings.oidc_issuer is None or settings.oidc_client_secret is None:
        raise NotFound
    return SocialApp(
        provider=_Provider.id,
        provider_id=settings.oidc_issuer,
        name=settings.sso_name,
        client_id=settings.oidc_client_id,
        secret=settings.oidc_client_secret.get_secret_value(),
        settings={"scope": settings.oidc_scopes.split(), "server_url": settings.oidc_issuer},
    )


def way_there(request: HttpRequest, next_path: str) -> str:
    nonce = secrets.token_urlsafe(32)
    provider = _Provider(request, _app())
    answer = provider.redirect(
        request, "login", next_url=next_path, auth_params={"nonce": nonce}, nonce=nonce
    )
    return str(answer["Location"])


def way_back(request: HttpRequest) -> Returned:
    app = _app()
    endpoints = _Endpoints(request, app.provider_id)
    state = _state_of(request, _Provider(request, app))
    # Its name in the answer (RFC 9207), where it gives one: the code must not be another provider's.
    if request.GET.get("iss", app.provider_id) != app.provider_id:
        raise ProofRefused(reason="iss of the answer")
    if request.GET.get("error") == "access_denied":
        raise NotAllowed("sso_cancelled")
    if not request.GET.get("code"):
        raise ProofRefused(reason="no code")
    try:
        tokens = endpoints.get_client(request, app).get_access_token(
            request.GET["code"], pkce_code_verifier=state["pkce_code_verifier"]
        )
    except OAuth2Error as error:
        raise ProofRefused(reason="code") from error
    except (RequestException, ValueError) as error:
        raise Unavailable("sso_unavailable") from error
    claims = verified_id_token(
        str(tokens.get("id_token", "")),
        issuer=app.provider_id,
        client_id=app.client_id,
        find_key=find_key,
        nonce=str(state.get("nonce", "")),
    )
    return Returned(_identity(claims), str(state.get("next") or "/"))


def _state_of(request: HttpRequest, provider: _Provider) -> Mapping[str, Any]:
    """What this browser took along on its way there, once. Raises ProofRefused."""
    try:
        state: Mapping[str, Any] = provider.unstash_redirect_state(request, request.GET.get("state", ""))
    except PermissionDenied as error:
        raise ProofRefused(reason="state") from error
    return state


def _identity(claims: Claims) -> Identity:
    return identity_of(
        str(claims["iss"]),
        claims["sub"],
        email=claims.get("email"),
        # True itself: some providers say "false".
        email_is_verified=claims.get("email_verified") is True,
        name=claims.get("name") or claims.get("preferred_username"),
        groups=_groups(claims),
        session=claims.get("sid"),
    )


def _groups(claims: Claims) -> list[object] | None:
    """None where they do not come from the provider, or are more than it lists (Entra ID's overage). A claim that is
    missing otherwise, or is no list, names no group: what the provider does not say is taken away."""
    name = environment().oidc_groups_claim
    elsewhere = claims.get("_claim_names")
    is_elsewhere = claims.get("hasgroups") is True or (isinstance(elsewhere, dict) and name in elsewhere)
    if not name or (name not in claims and is_elsewhere):
        return None
    named = claims.get(name)
    if isinstance(named, str):
        return [named]
    return named if isinstance(named, list) else []
