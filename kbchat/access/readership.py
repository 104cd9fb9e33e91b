"""Who may read some passages, as one name that tells nobody who they are: what is remembered of the passages elsewhere
may be shared under it, and under nothing wider.

The name is an HMAC by a key of its own, derived from SECRET_KEY.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.utils.crypto import salted_hmac

from kbchat.access.viewing import viewing
from kbchat.core.viewer import Viewer

_PURPOSE = "kbchat.access.readership"
_BETWEEN = "\x1f"

Place = tuple[UUID, tuple[str, ...]]
"""A version, and the path of the section in it."""


def readership(viewer: Viewer, places: Sequence[Place]) -> str:
    """The name of all who may read every one of `places`, 64 characters; where there is no place, or one is not his to
    read, of himself alone."""
    with viewing(viewer), connection.cursor() as cursor:
        cursor.execute(
            "SELECT kbchat_access_class(%s, %s)",
            [[version for version, _ in places], [_BETWEEN.join(path) for _, path in places]],
        )
        row = cursor.fetchone()
    return _named(f"class {bytes(row[0]).hex()}") if row and row[0] is not None else readership_of_one(viewer)


def readership_of_one(viewer: Viewer) -> str:
    """For what is his own besides, such as his conversation."""
    return _named(f"person {viewer.user_id}")


def _named(what: str) -> str:
    return salted_hmac(_PURPOSE, what, algorithm="sha256").hexdigest()
