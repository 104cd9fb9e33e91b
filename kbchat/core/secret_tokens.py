"""Secrets that are given out once, and by whose SHA-256 alone they are known again."""

import hashlib
import secrets
from typing import Final

_BYTES: Final = 32
"""256 bits of chance: what is guessed no better than that needs no slow hash and no salt."""


def new_secret(prefix: str = "") -> str:
    """URL-safe."""
    return prefix + secrets.token_urlsafe(_BYTES)


def digest_of(secret: str) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()
