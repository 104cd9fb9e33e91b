"""Making a `Viewer` of a person who signed in. There is no other way to get one."""

from kbchat.accounts.models import User
from kbchat.core.errors import NotAllowed
from kbchat.core.viewer import Viewer


def viewer_of(person: User) -> Viewer:
    """Raises NotAllowed for someone who is not active."""
    if not person.is_active:
        raise NotAllowed("not_active")
    return Viewer(
        user_id=person.pk,
        language=person.language,
        is_administrator=person.is_administrator,
        is_auditor=person.is_auditor,
    )
