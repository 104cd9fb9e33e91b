"""What an answer was made by: for whoever asked, while he may still read what it rests on."""

from typing import Any
from uuid import UUID

from kbchat.access.viewing import viewing
from kbchat.answering.events import TurnStarted, WritingStarted
from kbchat.chat.masking import masked_turns
from kbchat.chat.models import Turn
from kbchat.chat.record import from_stored
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer


def trace_of(viewer: Viewer, turn_id: UUID) -> dict[str, Any]:
    """`generation`, `strategy`, `prompts` (their version), `model`, `settings` and `steps`. Raises NotFound."""
    with viewing(viewer):
        turn = Turn.objects.filter(pk=turn_id).first()
        if turn is None or masked_turns(viewer, [turn_id]):
            raise NotFound
    events = [item.event for item in from_stored(turn.events)]
    started = next((event for event in events if isinstance(event, TurnStarted)), None)
    writing = next((event for event in events if isinstance(event, WritingStarted)), None)
    return {
        "generation": turn.pin_id,
        "strategy": started.strategy if started else None,
        "prompts": started.prompts if started else None,
        "model": writing.model if writing else None,
        **turn.trace,
    }
