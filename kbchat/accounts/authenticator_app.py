"""Codes of an authenticator app (TOTP): the secret that it is given, and whether a code is the app's and not used yet.

The arithmetic is `cryptography`'s. allauth has the same beside it, and is not used for this: it remembers which codes
were used in a cache, which here is each process's own, so that a code would open once in every process.
"""

import base64
import hmac
import logging
import secrets
import time
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.utils import timezone

from kbchat.accounts.models import AuthenticatorApp, User
from kbchat.accounts.sealing import Purpose, Unreadable, seal, sealed_anew, unseal
from kbchat.core.errors import Invalid, NotAllowed

logger = logging.getLogger(__name__)

STEP_SECONDS: Final = 30
DIGITS: Final = 6
_SECRET_BYTES: Final = 20
_NEAR_STEPS: Final = (0, -1, 1)
"""A clock may be wrong by half a minute, and people type slowly."""
_OFFER_SECONDS: Final = 15 * 60


@dataclass(frozen=True, slots=True)
class AppOffer:
    """A secret that no app has yet. `address`: what its QR code says. `sealed`: comes back with the first code, so that
    nothing is kept of an app that is never added."""

    secret: str
    address: str
    sealed: str


def offer_app(person: User) -> AppOffer:
    key = secrets.token_bytes(_SECRET_BYTES)
    secret = base64.b32encode(key).decode()
    address = _codes(key).get_provisioning_uri(person.email, "kbchat")
    return AppOffer(secret, address, seal(Purpose.SECOND_FACTORS, f"{person.pk} {secret}"))


def accept_app(person: User, sealed: str, code: str) -> AuthenticatorApp:
    """The row to be saved. Raises Invalid("app_offer_ended") or NotAllowed("wrong_code")."""
    try:
        owner, _, secret = unseal(Purpose.SECOND_FACTORS, sealed, most_seconds=_OFFER_SECONDS).partition(" ")
    except Unreadable as error:
        raise Invalid("app_offer_ended") from error
    if owner != str(person.pk):
        raise Invalid("app_offer_ended")
    step = _step_of(secret, code)
    if step is None:
        raise NotAllowed("wrong_code")
    return AuthenticatorApp(user=person, sealed_secret=seal(Purpose.SECOND_FACTORS, secret), last_step=step)


def use_app_code(person: User, code: str) -> bool:
    """Whether it is a code of his app, taken now for the first time: of several at once, one is."""
    app = AuthenticatorApp.objects.filter(user=person).first()
    if app is None:
        return False
    try:
        step = _step_of(unseal(Purpose.SECOND_FACTORS, app.sealed_secret), code)
    except Unreadable:
        logger.exception("the secret of an authenticator app cannot be read: was the secret key changed?")
        return False
    if step is None:
        return False
    newer = AuthenticatorApp.objects.filter(pk=app.pk, sealed_secret=app.sealed_secret, last_step__lt=step)
    return bool(
        newer.update(
            last_step=step,
            last_used_at=timezone.now(),
            sealed_secret=sealed_anew(Purpose.SECOND_FACTORS, app.sealed_secret),
        )
    )


def is_app_code(typed: str) -> bool:
    """Whether it looks like one."""
    code = "".join(typed.split())
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def _step_of(secret: str, typed: str) -> int | None:
    """The half minute whose code this is; every near one is compared, whichever it is."""
    codes, now = _codes(base64.b32decode(secret)), int(time.time()) // STEP_SECONDS
    code = "".join(typed.split()).encode()
    steps = [now + near for near in _NEAR_STEPS]
    same = [step for step in steps if hmac.compare_digest(codes.generate(step * STEP_SECONDS), code)]
    return max(same, default=None)


def _codes(key: bytes) -> TOTP:
    # SHA-1 is what every app knows; as a MAC it is sound.
    return TOTP(key, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303
