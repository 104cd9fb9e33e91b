"""Tells the pages that watch a collection of a document that changed or went: ids only, soon after the transaction
commits, and once where it changed several times by then.

Whoever hears it reads the document again, as the person he serves.
"""

from functools import partial
from uuid import UUID

from django.db import transaction

from kbchat.core.telling import tell_soon


def watchers_of(collection_id: UUID) -> str:
    """The channel-layer group of a collection's watchers."""
    return f"collection.{collection_id.hex}"


def announce_document(collection_id: UUID, document_id: UUID) -> None:
    told = {
        "type": "document.changed",
        "collection_id": str(collection_id),
        "document_id": str(document_id),
    }
    transaction.on_commit(partial(tell_soon, watchers_of(collection_id), told))
