"""OpenID Connect Back-Channel Logout 1.0: an order to sign somebody out, as a signed token."""

import time

from kbchat.composition import environment
from kbchat.core.errors import NotFound
from kbchat.web.sso.ending import end_sessions
from kbchat.web.sso.oidc.provider import find_key
from kbchat.web.sso.oidc.tokens import Claims, verified_logout_token
from kbchat.web.sso.proofs import CLOCK_SECONDS, ProofRefused, obeyed_once

_LONGEST_SECONDS = 10 * 60
"""A logout token that is good for longer, or was made longer ago, is none: so long must its number be remembered."""
_FRESH_SECONDS = 5 * 60
"""How long one is good that does not say so itself."""


def end_by(token: str) -> None:
    """Ends what the token names.

    Raises ProofRefused, Unavailable, or NotFound where there is no single sign-on.
    """
    settings = environment()
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        raise NotFound
    claims = verified_logout_token(
        token, issuer=settings.oidc_issuer, client_id=settings.oidc_client_id, find_key=find_key
    )
    _require_recent(claims)
    session = claims.get("sid", "")
    number = f"{claims['iss']}\n{claims['jti']}"
    with obeyed_once(number, _LONGEST_SECONDS + CLOCK_SECONDS, is_sent_again=True):
        end_sessions(claims["iss"], subject=claims.get("sub", ""), sessions=[session] if session else [])


def _require_recent(claims: Claims) -> None:
    now, made_at = time.time(), claims["iat"]
    ends_at = claims.get("exp", made_at + _FRESH_SECONDS)
    if now - made_at > _LONGEST_SECONDS or not now - CLOCK_SECONDS < ends_at <= now + _LONGEST_SECONDS:
        raise ProofRefused(reason="age")
