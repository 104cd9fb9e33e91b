"""Tells the pages that watch a collection of a document that changed or went: ids only, once the transaction commits.

Whoever hears it reads the document again, as the person he serves.
"""

import logging
from functools import partial
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def watchers_of(collection_id: UUID) -> str:
    """The channel-layer group of a collection's watchers."""
    return f"collection.{collection_id.hex}"


def announce_document(collection_id: UUID, document_id: UUID) -> None:
    told = {
        "type": "document.changed",
        "collection_id": str(collection_id),
        "document_id": str(document_id),
    }
    transaction.on_commit(partial(_send, watchers_of(collection_id), told))


def _send(group: str, told: dict[str, str]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(group, told)
    except (RedisError, OSError):
        # Pages read the list again when they come back; nothing is lost but promptness.
        logger.warning("change not announced", extra={"group": group})
