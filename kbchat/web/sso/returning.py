"""Somebody comes back from the identity provider: what every protocol makes of a proof, once it is verified."""

from dataclasses import dataclass

from django.http import HttpRequest

from kbchat.accounts.identities import Identity
from kbchat.composition import environment
from kbchat.core.typed_text import storable
from kbchat.web.sso.proofs import ProofRefused

_MOST_SUBJECT_CHARACTERS = 191
_MOST_SESSION_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Returned:
    """Who came back, and where he was going."""

    identity: Identity
    next_path: str


def identity_of(
    issuer: str,
    subject: object,
    *,
    email: object,
    email_is_verified: bool,
    name: object,
    groups: list[object] | None,
    session: object,
) -> Identity:
    """Of what the provider says, whatever it is. Raises ProofRefused for a subject that cannot be kept whole."""
    if (
        not isinstance(subject, str)
        or not _is_whole(subject)
        or not 0 < len(subject) <= _MOST_SUBJECT_CHARACTERS
    ):
        raise ProofRefused(reason="subject")
    session_name = _text(session)
    return Identity(
        issuer=issuer,
        subject=subject,
        email=_text(email),
        email_is_verified=email_is_verified,
        name=_text(name),
        groups=None
        if groups is None
        else tuple(each for each in groups if isinstance(each, str) and _is_whole(each)),
        session=session_name if len(session_name) <= _MOST_SESSION_CHARACTERS else "",
    )


def own_origin(request: HttpRequest) -> str:
    """The address by which the browser reaches us; a proxy may have ended TLS before it."""
    origins = environment().origins
    host = request.get_host()
    return next((each for each in origins if each.partition("://")[2] == host), origins[0])


def _is_whole(word: str) -> bool:
    """Whether it can be kept as it is: shortened or repaired, it might be another's."""
    return storable(word) == word


def _text(word: object) -> str:
    return storable(word) if isinstance(word, str) else ""
