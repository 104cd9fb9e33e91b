"""API keys: a script signs in as their owner, narrowed. The key is shown once; its SHA-256 is what is kept."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from kbchat.accounts.models import ApiKey, User
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.limits import Limit, reached
from kbchat.core.secret_tokens import digest_of, new_secret
from kbchat.core.viewer import EVERY_SCOPE, KeyScope

_PREFIX = "kbc_"


def create_api_key(
    person: User,
    name: str,
    *,
    scopes: Collection[KeyScope] = EVERY_SCOPE,
    collections: Collection[UUID] | None = None,
    expires_at: datetime | None = None,
    by_command: bool = False,
) -> tuple[ApiKey, str]:
    """The stored row, and the key itself, which cannot be shown again. `collections` None: all that he may read; that
    he may read those given is for the caller to see. `expires_at` None: after the usual time. `by_command`: an operator
    makes it.

    Raises Invalid.
    """
    expires_at = _accepted_end(expires_at)
    if not scopes:
        raise Invalid("scope_missing")
    secret = new_secret(_PREFIX)
    with transaction.atomic():
        # One after another, so that the limit is counted right.
        User.objects.select_for_update().get(pk=person.pk)
        most = settings.LIMITS.most_keys
        if _valid().filter(user=person).count() >= most:
            raise reached(Limit.KEYS, Invalid("too_many_keys", most=most))
        key = ApiKey.objects.create(
            user=person,
            name=name,
            digest=digest_of(secret),
            scopes=sorted(scopes),
            collections=None if collections is None else sorted(set(collections)),
            expires_at=expires_at,
        )
        record(
            None if by_command else person.pk,
            AuditAction.API_KEY_MADE,
            person=person.pk,
            key=key.pk,
            scopes=key.scopes,
            collections=key.collections,
            until=int(expires_at.timestamp()),
        )
    return key, secret


def list_api_keys(person: User) -> list[ApiKey]:
    """His keys that are not revoked, newest first."""
    return list(ApiKey.objects.filter(user=person, revoked_at=None).order_by("-created_at"))


@transaction.atomic
def revoke_api_key(person: User, key_id: UUID) -> None:
    """Raises NotFound where it is not his, or revoked already."""
    mine = ApiKey.objects.filter(pk=key_id, user=person, revoked_at=None)
    if not mine.update(revoked_at=timezone.now()):
        raise NotFound
    record(person.pk, AuditAction.API_KEY_REVOKED, key=key_id)


def find_api_key(secret: str) -> ApiKey | None:
    """The valid key of an active person. That it was used today is kept."""
    if not secret.startswith(_PREFIX):
        return None
    key = _valid().select_related("user").filter(digest=digest_of(secret), user__is_active=True).first()
    today = timezone.now().astimezone(UTC).date()
    if key is not None and key.last_used_on != today:
        ApiKey.objects.filter(pk=key.pk).update(last_used_on=today)
    return key


def _valid() -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(Q(revoked_at=None), expires_at__gt=timezone.now())


def _accepted_end(wanted: datetime | None) -> datetime:
    """Raises Invalid."""
    now, limits = timezone.now(), settings.LIMITS
    if wanted is None:
        return now + timedelta(days=min(limits.key_days, limits.most_key_days))
    if wanted <= now:
        raise Invalid("expires_in_the_past")
    # Of its last day, all of it counts.
    if wanted > now + timedelta(days=limits.most_key_days + 1):
        too_late = Invalid("expires_too_late", most_days=limits.most_key_days)
        raise reached(Limit.KEY_DAYS, too_late)
    return wanted
