"""What somebody was shown, as the audit trail keeps it: passages by their places and hashes, documents by their ids,
not a word of theirs."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from kbchat.answering.events import Source
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import digest, record
from kbchat.audit.sparing import Sparing
from kbchat.core.viewer import Viewer

OPENED = Sparing()
"""A viewer of PDFs asks for a file in many pieces: within a minute they are one opening."""


def record_passages(
    viewer: Viewer, question: str, sources: Sequence[Source], *, turn_id: UUID | None = None
) -> None:
    """One event; none where nothing is shown. `turn_id` None: found by a search."""
    if not sources:
        return
    record(
        viewer.user_id,
        AuditAction.PASSAGES_SHOWN,
        turn=turn_id,
        question=digest(question),
        passages=[
            {
                "version": source.version_id,
                "start": source.start,
                "end": source.end,
                "quote": digest(source.quote),
            }
            for source in sources
        ],
    )


def record_opened(viewer: Viewer, document_id: UUID, version_id: UUID, what: Literal["text", "file"]) -> None:
    """Last in the transaction that found it open to him."""
    if OPENED.is_due((viewer.user_id, version_id, what)):
        record(
            viewer.user_id,
            AuditAction.DOCUMENT_OPENED,
            document=document_id,
            version=version_id,
            what=what,
        )
