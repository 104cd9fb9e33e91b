"""Secrets that the program has to read again, encrypted (Fernet: AES and HMAC) under a key made from the site's own.

Whoever has the database alone reads none of them. After the site's key was changed, what the former key sealed is
still read while that one is named among KBCHAT_FORMER_SECRET_KEYS.
"""

import base64
from enum import StrEnum
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Purpose(StrEnum):
    """Each has a key of its own, which is none that the site's key is used as elsewhere: what was sealed for one is
    never read as another's."""

    SECOND_FACTORS = "kbchat second factors"
    SOURCES = "kbchat sources"


class Unreadable(Exception):
    """Not sealed by this site, tampered with, or too old."""


def seal(purpose: Purpose, text: str) -> str:
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(purpose: Purpose, sealed: str, *, most_seconds: int | None = None) -> str:
    """Raises Unreadable."""
    try:
        return _box(purpose).decrypt(sealed.encode(), ttl=most_seconds).decode()
    except InvalidToken as error:
        raise Unreadable from error


def sealed_anew(purpose: Purpose, sealed: str) -> str:
    """The same under the key of today. Raises Unreadable."""
    try:
        return _box(purpose).rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _box(purpose: Purpose) -> MultiFernet:
    return _box_of(purpose, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@cache
def _box_of(purpose: Purpose, *keys: str) -> MultiFernet:
    """The first one seals, all of them unseal."""
    return MultiFernet([Fernet(_derived(key, purpose)) for key in keys])


def _derived(key: str, purpose: Purpose) -> bytes:
    made = HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(key.encode())
    return base64.urlsafe_b64encode(made)
