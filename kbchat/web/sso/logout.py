"""Signing out at the identity provider ends the sessions here, and their sockets (T27, T31)."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from kbchat.accounts.identities import find_person
from kbchat.accounts.models import User
from kbchat.accounts.open_sessions import end_all_sessions, end_directory_session, person_of_directory_session
from kbchat.audit.recording import digest
from kbchat.composition import environment
from kbchat.core.errors import NotFound, Unavailable
from kbchat.web.attempts import redis_client
from kbchat.web.sso.provider import find_key
from kbchat.web.sso.tokens import CLOCK_SECONDS, Claims, TokenRefused, verified_logout_token
from kbchat.web.ws.ending import announce_end

logger = logging.getLogger(__name__)

_LONGEST_SECONDS = 10 * 60
"""A logout token that is good for longer, or was made longer ago, is none: so long must its number be remembered."""


def end_by(token: str) -> None:
    """Ends what the token names; that nobody is signed in by it is no error.

    Raises TokenRefused, Unavailable, or NotFound where there is no single sign-on.
    """
    settings = environment()
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        raise NotFound
    claims = verified_logout_token(
        token, issuer=settings.oidc_issuer, client_id=settings.oidc_client_id, find_key=find_key
    )
    _require_recent(claims)
    with _once(f"{claims['iss']}\n{claims['jti']}"):
        person = _ended(claims)
    if person is not None:
        announce_end(person.pk)


def _ended(claims: Claims) -> User | None:
    """The person whose sessions have been ended: the one that is named, or all of them."""
    issuer, session = claims["iss"], claims.get("sid", "")
    person = find_person(issuer, claims["sub"]) if "sub" in claims else None
    if person is None and session:
        person = person_of_directory_session(issuer, session)
    if person is None:
        return None
    if session:
        end_directory_session(person, issuer, session)
    else:
        end_all_sessions(person)
    return person


def _require_recent(claims: Claims) -> None:
    now = time.time()
    if now - claims["iat"] > _LONGEST_SECONDS or claims["exp"] - now > _LONGEST_SECONDS:
        raise TokenRefused(reason="age")


@contextmanager
def _once(number: str) -> Iterator[None]:
    """Raises TokenRefused for one that was used before. Where Redis does not answer that is not known, and the token is
    refused: the provider is told to send it again (Unavailable)."""
    key = f"logout-token:{digest(number)}"
    try:
        is_new = redis_client().set(key, 1, nx=True, ex=_LONGEST_SECONDS + CLOCK_SECONDS)
    except redis.RedisError as error:
        logger.warning("a logout token was refused, since it cannot be counted")
        raise Unavailable from error
    if not is_new:
        raise TokenRefused(reason="jti")
    try:
        yield
    except Exception:
        # The provider will send it again.
        _forget(key)
        raise


def _forget(key: str) -> None:
    try:
        redis_client().delete(key)
    except redis.RedisError:
        logger.warning("a logout token could not be forgotten")
