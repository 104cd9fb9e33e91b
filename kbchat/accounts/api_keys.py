"""API keys: a script signs in as their owner. The key is shown once; its SHA-256 is what is kept."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kbchat.accounts.models import ApiKey, User
from kbchat.core.errors import NotFound

_PREFIX = "kbc_"


def create_api_key(person: User, name: str, *, expires_at: datetime | None = None) -> tuple[ApiKey, str]:
    """The stored row, and the key itself, which cannot be shown again."""
    secret = _PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(user=person, name=name, digest=_digest(secret), expires_at=expires_at)
    return key, secret


def list_api_keys(person: User) -> list[ApiKey]:
    """His keys that are not revoked, newest first."""
    return list(ApiKey.objects.filter(user=person, revoked_at=None).order_by("-created_at"))


def revoke_api_key(person: User, key_id: UUID) -> None:
    """Raises NotFound where it is not his, or revoked already."""
    mine = ApiKey.objects.filter(pk=key_id, user=person, revoked_at=None)
    if not mine.update(revoked_at=timezone.now()):
        raise NotFound


def person_of_api_key(secret: str) -> User | None:
    """The active person whose valid key this is."""
    if not secret.startswith(_PREFIX):
        return None
    is_valid = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
    key = ApiKey.objects.select_related("user").filter(is_valid, digest=_digest(secret)).first()
    return key.user if key and key.user.is_active else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
