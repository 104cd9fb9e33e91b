"""Sign-ins that wait for a second factor: bound to one browser, for some minutes, and finished once."""

from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.crypto import constant_time_compare

from kbchat.accounts.models import PendingSignIn, User

LIFETIME: Final = timedelta(minutes=10)


def note_pending(person: User, session_key: str) -> None:
    """`session_key`: of a session that nobody is signed in by."""
    PendingSignIn.objects.create(
        session_id=session_key,
        user=person,
        password_proof=person.get_session_auth_hash(),
        expires_at=timezone.now() + LIFETIME,
    )


def find_pending(session_key: str) -> User | None:
    """Whose password was right in this browser: an active person, whose password it still is."""
    now = timezone.now()
    rows = PendingSignIn.objects.select_related("user").filter(
        session_id=session_key, expires_at__gt=now, user__is_active=True
    )
    pending = rows.first()
    if pending is None:
        return None
    person: User = pending.user
    is_same = constant_time_compare(pending.password_proof, person.get_session_auth_hash())
    return person if is_same else None


def finish_pending(session_key: str) -> bool:
    """Whether it was still to be finished: of several requests at once, one finishes it."""
    deleted, _ = PendingSignIn.objects.filter(session_id=session_key, expires_at__gt=timezone.now()).delete()
    return bool(deleted)
