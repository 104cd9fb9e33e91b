"""One line of a conversation to be taken along, masked as it is when it is read; that it was taken is recorded."""

from dataclasses import dataclass
from uuid import UUID

from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.chat.branches import branch_to
from kbchat.chat.conversations import TurnDetail, access_conversation, details_of
from kbchat.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class ConversationExport:
    title: str
    turns: list[TurnDetail]


def export_conversation(viewer: Viewer, conversation_id: UUID, turn_id: UUID | None) -> ConversationExport:
    """From the first question to `turn_id` (None: to the newest), oldest first. Raises NotFound."""
    with viewing(viewer):
        found = access_conversation(conversation_id)
        turns = details_of(viewer, branch_to(found, turn_id))
        record(
            viewer.user_id,
            AuditAction.CONVERSATION_EXPORTED,
            conversation=found.pk,
            turns=[turn.id for turn in turns if not turn.masked],
        )
    return ConversationExport(found.title, turns)
