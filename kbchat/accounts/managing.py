"""Who may manage people and groups: administrators. For everybody else, nothing of it exists."""

from django.db import connection

from kbchat.accounts.acting import Actor
from kbchat.accounts.models import User
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer


def administrator(viewer: Viewer) -> Actor:
    """Read anew: a request that was on its way when he was demoted does nothing more (T28). Raises NotFound."""
    if not User.objects.filter(pk=viewer.user_id, is_active=True, is_administrator=True).exists():
        raise NotFound
    return Actor(person_id=viewer.user_id)


def sole_administrator(viewer: Viewer) -> Actor:
    """As `administrator`; until the transaction ends nobody else makes or unmakes one. Raises NotFound."""
    keep_administrators()
    return administrator(viewer)


def keep_administrators() -> None:
    """Until the transaction ends nobody else makes or unmakes one. Before anybody's row is locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kbchat administrators'))")


def has_another_administrator(person: User) -> bool:
    """Whether somebody else could manage without him."""
    return User.objects.filter(is_active=True, is_administrator=True).exclude(pk=person.pk).exists()
