"""Passkeys (WebAuthn): what a browser is asked to sign, and whether what comes back is good.

The ceremonies are verified by fido2 itself, and not through allauth.mfa, which stands on it: that takes any subdomain
and any port for an origin, keeps the challenge in the session's data, where two requests at once both find it, and its
functions are internal to it and change between its minor versions. Which address the site has is the caller's to say.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.contrib.sessions.models import Session
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from kbchat.accounts.models import ChallengePurpose, Passkey, PasskeyChallenge, User
from kbchat.core.errors import NotAllowed

logger = logging.getLogger(__name__)

Options = dict[str, Any]
"""For the browser, as JSON: binary values in base64url."""
Answer = Mapping[str, Any]
"""What the browser made of them, likewise."""
_ANSWER_WITHIN: Final = timedelta(minutes=5)
# Unlocking the passkey, by a finger or a PIN, is the second factor: having it is the first.
_VERIFIED: Final = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True)
class Site:
    """Whose passkeys these are. `host`: the relying party's id. `origin`: the one address from which they are taken."""

    host: str
    origin: str


def ask_to_add(site: Site, session_key: str, person: User) -> Options:
    """For a new passkey, on a device that has none of his."""
    options, state = _server(site).register_begin(
        PublicKeyCredentialUserEntity(id=person.pk.bytes, name=person.email, display_name=person.name),
        credentials=_known_to(person),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_VERIFIED,
    )
    _keep(session_key, ChallengePurpose.ADD, state["challenge"])
    return dict(options)


def accept_passkey(site: Site, session_key: str, person: User, name: str, answer: Answer) -> Passkey:
    """The row to be saved. Raises NotAllowed("passkey_refused")."""
    state = _taken(session_key, ChallengePurpose.ADD)
    try:
        made = _server(site).register_complete(state, answer)
    # Whatever a hostile answer breaks in its reading, it is refused.
    except Exception as error:
        raise _refused(error) from error
    if made.credential_data is None:
        raise NotAllowed("passkey_refused")
    return Passkey(
        user=person,
        name=name,
        credential_id=websafe_encode(made.credential_data.credential_id),
        credential=bytes(made.credential_data),
        uses=made.counter,
    )


def ask_to_sign(site: Site, session_key: str, purpose: ChallengePurpose, person: User | None) -> Options:
    """By a passkey of this person, or of whoever it may be."""
    options, state = _server(site).authenticate_begin(_known_to(person) if person else None, _VERIFIED)
    _keep(session_key, purpose, state["challenge"])
    return dict(options)


def use_passkey(
    site: Site, session_key: str, purpose: ChallengePurpose, answer: Answer, person: User | None
) -> Passkey:
    """The passkey that signed; of this person, where one is given. Raises NotAllowed("passkey_refused")."""
    state = _taken(session_key, purpose)
    passkey = _named_by(answer)
    if passkey is None or (person is not None and passkey.user_id != person.pk):
        raise NotAllowed("passkey_refused")
    try:
        _server(site).authenticate_complete(
            state, [AttestedCredentialData(bytes(passkey.credential))], answer
        )
        signed = AuthenticationResponse.from_dict(answer).response
    except Exception as error:
        raise _refused(error) from error
    if signed.user_handle not in (None, passkey.user.pk.bytes):
        raise NotAllowed("passkey_refused")
    _count_use(passkey, signed.authenticator_data.counter)
    return passkey


def _count_use(passkey: Passkey, uses: int) -> None:
    """A device that counts never counts backwards: if it seems to, there are two of it. Raises NotAllowed."""
    rows = Passkey.objects.filter(pk=passkey.pk)
    if uses or passkey.uses:
        rows = rows.filter(uses__lt=uses)
    if not rows.update(uses=uses, last_used_at=timezone.now()):
        raise NotAllowed("passkey_refused")


def _named_by(answer: Answer) -> Passkey | None:
    named = answer.get("id")
    found = Passkey.objects.select_related("user").filter(credential_id=named, user__is_active=True)
    return found.first() if isinstance(named, str) else None


def _known_to(person: User) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes(each.credential)) for each in Passkey.objects.filter(user=person)]


def _keep(session_key: str, purpose: ChallengePurpose, challenge: str) -> None:
    now = timezone.now()
    # Sessions that were made to ask somebody who never answered.
    Session.objects.filter(passkey_challenges__isnull=False, expire_date__lte=now).delete()
    PasskeyChallenge.objects.update_or_create(
        session_id=session_key,
        purpose=purpose,
        defaults={"challenge": challenge, "expires_at": now + _ANSWER_WITHIN},
    )


def _taken(session_key: str, purpose: ChallengePurpose) -> dict[str, Any]:
    """The challenge of this browser, which is none any more. Raises NotAllowed("passkey_refused")."""
    now = timezone.now()
    asked = PasskeyChallenge.objects.filter(session_id=session_key, purpose=purpose, expires_at__gt=now)
    for each in asked:
        deleted, _ = PasskeyChallenge.objects.filter(pk=each.pk, challenge=each.challenge).delete()
        if deleted:
            return {"challenge": each.challenge, "user_verification": _VERIFIED}
    raise NotAllowed("passkey_refused")


def _server(site: Site) -> Fido2Server:
    party = PublicKeyCredentialRpEntity(id=site.host, name="kbchat")
    return Fido2Server(party, verify_origin=lambda origin: origin == site.origin)


def _refused(error: Exception) -> NotAllowed:
    logger.info("a passkey was refused: %s", type(error).__name__)
    return NotAllowed("passkey_refused")
