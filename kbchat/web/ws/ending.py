"""Telling a person's open sockets to look again whether they may stay open.

A word lost costs a few seconds: every socket looks again by itself.
"""

from uuid import UUID

from kbchat.core.telling import tell


def sockets_of(user_id: UUID) -> str:
    """The channel-layer group of a person's sockets."""
    return f"person.{user_id.hex}"


def announce_end(user_id: UUID) -> None:
    """Something that this person signed in with is no longer valid."""
    tell(sockets_of(user_id), {"type": "credential.ended"})
