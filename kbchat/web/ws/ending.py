"""Telling a person's open sockets to look again whether they may stay open.

A word lost costs a few seconds: every socket looks again by itself.
"""

import logging
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def sockets_of(user_id: UUID) -> str:
    """The channel-layer group of a person's sockets."""
    return f"person.{user_id.hex}"


def announce_end(user_id: UUID) -> None:
    """Something that this person signed in with is no longer valid."""
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(sockets_of(user_id), {"type": "credential.ended"})
    except (RedisError, OSError):
        logger.warning("the end of a session was not announced")
