"""Who is there at a socket, and what reaches him: read anew each time, since a socket keeps no authority (D6)."""

from kbchat.access.reach import Reach, reach_of
from kbchat.core.database_threads import in_database
from kbchat.core.viewer import Viewer
from kbchat.web.authentication import Credential, viewer_of_credential
from kbchat.web.problems import SignedOut


class Presence:
    """Of whoever showed this credential."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    async def viewer(self) -> Viewer:
        """Who is there now. Raises SignedOut."""
        return await in_database(_viewer, self._credential)

    async def reach(self) -> Reach:
        """What reaches him now, by one visit to the database. Raises SignedOut."""
        return await in_database(_reach, self._credential)


def _viewer(credential: Credential) -> Viewer:
    viewer = viewer_of_credential(credential)
    if viewer is None:
        raise SignedOut
    return viewer


def _reach(credential: Credential) -> Reach:
    return reach_of(_viewer(credential))
