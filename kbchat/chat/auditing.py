"""Passages that somebody was shown, as the audit trail keeps them: places and hashes, not a word of theirs."""

from collections.abc import Sequence
from uuid import UUID

from kbchat.answering.events import Source
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import digest, record
from kbchat.core.viewer import Viewer


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
