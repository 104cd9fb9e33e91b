"""What an identity provider signs, verified: ID tokens (T30) and logout tokens (T31).

Always the signature, with an asymmetric algorithm and a key of the provider's own; issuer and audience exactly. The
rest of OpenID Connect Core 3.1.3.7 and of Back-Channel Logout 1.0, 2.6. Knows no network and no database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from kbchat.web.sso.proofs import CLOCK_SECONDS, ProofRefused

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""None with a shared secret, and never "none"."""
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_TYPES = ("logout+jwt", "jwt", "")
"""Many providers leave it as it always is; what tells an order from an ID token then are `events` and no `nonce`."""
_OF_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """`algorithms`: the one that it states, or those of its kind."""

    key: Any
    algorithms: tuple[str, ...]


Claims = Mapping[str, Any]
FindKey = Callable[[str], ProviderKey | None]
"""The provider's key of that name; for "", the only one it has."""


def provider_key(told: object) -> ProviderKey | None:
    """Of what the provider publishes (RFC 7517); None for what nobody here can use."""
    if not isinstance(told, dict):
        return None
    try:
        jwk = jwt.PyJWK.from_dict(told)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    # Without a word of its own PyJWT takes every RSA key to sign by RS256; a curve has one algorithm.
    is_open = jwk.key_type == "RSA" and not told.get("alg")
    algorithms = _OF_RSA if is_open else (jwk.algorithm_name,)
    return ProviderKey(jwk.key, algorithms) if set(algorithms) <= set(ALGORITHMS) else None


def verified_id_token(token: str, *, issuer: str, client_id: str, find_key: FindKey, nonce: str) -> Claims:
    """Raises ProofRefused."""
    claims = _verified(token, issuer, client_id, find_key, {"exp", "iat", "iss", "aud", "sub"})
    if not nonce or claims.get("nonce") != nonce:
        raise ProofRefused(reason="nonce")
    return claims


def verified_logout_token(token: str, *, issuer: str, client_id: str, find_key: FindKey) -> Claims:
    """Neither its age (it may have no `exp`) nor its `jti` has been looked at. Raises ProofRefused."""
    if str(_header(token).get("typ") or "").lower().removeprefix("application/") not in _LOGOUT_TYPES:
        raise ProofRefused(reason="typ")
    claims = _verified(token, issuer, client_id, find_key, {"iat", "iss", "aud", "jti", "events"})
    events = claims["events"]
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise ProofRefused(reason="events")
    # An ID token has one: it must never pass for an order to sign out.
    if "nonce" in claims:
        raise ProofRefused(reason="nonce")
    if not (_is_word(claims.get("sub")) or _is_word(claims.get("sid"))) or not _is_word(claims["jti"]):
        raise ProofRefused(reason="subject")
    return claims


def _verified(token: str, issuer: str, client_id: str, find_key: FindKey, required: set[str]) -> Claims:
    key = find_key(str(_header(token).get("kid", "")))
    if key is None:
        raise ProofRefused(reason="key")
    try:
        claims: Claims = jwt.decode(
            token,
            key.key,
            algorithms=list(key.algorithms),
            audience=client_id,
            issuer=issuer,
            leeway=CLOCK_SECONDS,
            options={"require": sorted(required)},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise ProofRefused(reason=type(error).__name__) from error
    # For us and nobody besides: a token that others may use, too, proves nothing here.
    if claims["aud"] not in (client_id, [client_id]) or claims.get("azp", client_id) != client_id:
        raise ProofRefused(reason="aud")
    return claims


def _header(token: str) -> Mapping[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise ProofRefused(reason="header") from error


def _is_word(claim: object) -> bool:
    return isinstance(claim, str) and bool(claim)
