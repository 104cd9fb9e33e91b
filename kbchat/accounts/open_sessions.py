"""Where somebody is signed in: his sessions, listed and ended. What stands in a cookie is the web's affair.

A session without its row here is nobody's: ending is deleting.
"""

from datetime import timedelta
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from kbchat.accounts.acting import Actor
from kbchat.accounts.models import OpenSession, User
from kbchat.audit.models import AuditAction
from kbchat.core.errors import NotFound

SEEN_EVERY = timedelta(minutes=5)
"""How exact `last_seen_at` is: a request more often than that writes nothing."""
PROVED_FOR = timedelta(minutes=10)
"""How long what he showed at the door lets him change his second factors."""
_MOST_DEVICE_CHARACTERS = 300


def note_session(
    person: User, session_key: str, *, device: str, issuer: str = "", directory_session: str = ""
) -> None:
    OpenSession.objects.create(
        session_id=session_key,
        user=person,
        device=device[:_MOST_DEVICE_CHARACTERS],
        issuer=issuer,
        directory_session=directory_session,
        proved_at=None if issuer else timezone.now(),
    )


def note_proof(session_key: str) -> None:
    """He has just shown again who he is."""
    OpenSession.objects.filter(session_id=session_key).update(proved_at=timezone.now())


def is_proved(session_key: str) -> bool:
    """Whether he has shown lately who he is."""
    since = timezone.now() - PROVED_FOR
    return OpenSession.objects.filter(session_id=session_key, proved_at__gt=since).exists()


def person_of_open_session(session_key: str) -> User | None:
    """The active person who is signed in by it; that he was seen is noted."""
    rows = OpenSession.objects.select_related("user").filter(session_id=session_key, user__is_active=True)
    opened = rows.first()
    if opened is None:
        return None
    now = timezone.now()
    if opened.last_seen_at < now - SEEN_EVERY:
        OpenSession.objects.filter(pk=opened.pk).update(last_seen_at=now)
    return opened.user


def list_open_sessions(person: User) -> list[OpenSession]:
    """That are not over; the one that was seen last comes first."""
    mine = OpenSession.objects.filter(user=person, session__expire_date__gt=timezone.now())
    return list(mine.order_by("-last_seen_at", "-opened_at"))


def end_session(person: User, session_id: UUID) -> None:
    """Raises NotFound where it is not his."""
    if not _end(person, OpenSession.objects.filter(pk=session_id, user=person)):
        raise NotFound


def end_all_sessions(person: User, *, by: Actor | None = None) -> int:
    """How many there were. `by` None: he himself."""
    return _end(person, OpenSession.objects.filter(user=person), by)


def end_other_sessions(person: User, session_key: str) -> int:
    """All of his but this one; how many there were."""
    return _end(person, OpenSession.objects.filter(user=person).exclude(session_id=session_key))


def person_of_directory_session(issuer: str, directory_session: str) -> User | None:
    rows = OpenSession.objects.select_related("user").filter(
        issuer=issuer, directory_session=directory_session
    )
    opened = rows.first()
    return opened.user if opened else None


def end_directory_session(person: User, issuer: str, directory_session: str) -> int:
    """Those that this provider calls by that name; how many there were."""
    theirs = OpenSession.objects.filter(user=person, issuer=issuer, directory_session=directory_session)
    return _end(person, theirs)


@transaction.atomic
def _end(person: User, chosen: QuerySet[OpenSession], by: Actor | None = None) -> int:
    _, rows = Session.objects.filter(opened__in=chosen).delete()
    ended = rows.get(OpenSession._meta.label, 0)
    if ended:
        (by or Actor(person_id=person.pk)).record(
            AuditAction.SESSIONS_ENDED, person=person.pk, sessions=ended
        )
    return ended
