"""API keys: a script signs in as their owner. The key is shown once; its SHA-256 is what is kept."""

import hashlib
import secrets

from django.db.models import Q
from django.utils import timezone

from kbchat.accounts.models import ApiKey, User

_PREFIX = "kbc_"


def create_api_key(person: User, name: str) -> tuple[ApiKey, str]:
    """The stored row, and the key itself, which cannot be shown again."""
    secret = _PREFIX + secrets.token_urlsafe(32)
    return ApiKey.objects.create(user=person, name=name, digest=_digest(secret)), secret


def person_of_api_key(secret: str) -> User | None:
    """The active person whose valid key this is."""
    if not secret.startswith(_PREFIX):
        return None
    is_valid = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
    key = ApiKey.objects.select_related("user").filter(is_valid, digest=_digest(secret)).first()
    return key.user if key and key.user.is_active else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
