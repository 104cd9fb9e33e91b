"""Secrets that the program has to read again, encrypted (Fernet: AES and HMAC) under a key made from the site's own.

Whoever has the database alone reads none of them. After the site's key was changed, what the former key sealed is
still read while that one is named among KBCHAT_FORMER_SECRET_KEYS.
"""

import base64
from functools import cache
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE: Final = b"kbchat second factors"
"""So that this key is none that the site's key is used as elsewhere."""


class Unreadable(Exception):
    """Not sealed by this site, tampered with, or too old."""


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str, *, most_seconds: int | None = None) -> str:
    """Raises Unreadable."""
    try:
        return _box().decrypt(sealed.encode(), ttl=most_seconds).decode()
    except InvalidToken as error:
        raise Unreadable from error


def sealed_anew(sealed: str) -> str:
    """The same under the key of today. Raises Unreadable."""
    try:
        return _box().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _box() -> MultiFernet:
    return _box_of(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@cache
def _box_of(*keys: str) -> MultiFernet:
    """The first one seals, all of them unseal."""
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    made = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(made)
