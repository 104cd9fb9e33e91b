"""Following a turn: its numbered events from any point on, without a gap and without a repeat.

A running turn is read from its log; a finished one, and everything when Redis is away, from its row.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from redis.exceptions import RedisError

from kbchat.access.viewing import viewing
from kbchat.answering.events import TextWithdrawn, TurnFinished
from kbchat.chat.attendance import Follower
from kbchat.chat.masking import masked_turns
from kbchat.chat.models import Turn, TurnState
from kbchat.chat.record import (
    NumberedEvent,
    from_stored,
    numbered,
    remainder,
    revocation,
    text_length,
    unbroken,
)
from kbchat.chat.redis_clients import loop_client
from kbchat.chat.turn_log import read
from kbchat.chat.turns import UNFINISHED
from kbchat.core.database_threads import in_database
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer

_POLL_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Row:
    is_finished: bool
    is_withdrawn: bool
    """Its text must not be sent: revoked when it ended, or masked since."""
    characters: int
    events: list[NumberedEvent]

    def owed(self, after: int) -> list[NumberedEvent]:
        """What the row has for somebody who has seen `after` events."""
        if self.is_withdrawn:
            return numbered(revocation(self.characters), after=after) if self.is_finished else []
        return remainder(self.events, after=after) if self.is_finished else unbroken(self.events, after=after)


async def follow(viewer: Viewer, turn_id: UUID, after: int) -> AsyncGenerator[NumberedEvent, None]:
    """Events after number `after` (0: all), to the terminal one. Raises NotFound."""
    seen, follower = max(after, 0), Follower(turn_id)
    row = await in_database(_row, viewer, turn_id)
    while not row.is_finished:
        await follower.is_here()
        logged = None if row.is_withdrawn else await _logged(turn_id, seen)
        for item in logged or ():
            yield item
            seen = item.number
            if isinstance(item.event, TurnFinished):
                return
        if logged:
            continue
        row = await in_database(_row, viewer, turn_id)
        if row.is_finished:
            break
        for item in row.owed(seen):
            yield item
            seen = item.number
        if logged is None:
            await asyncio.sleep(_POLL_SECONDS)
    for item in row.owed(seen):
        yield item


async def _logged(turn_id: UUID, after: int) -> list[NumberedEvent] | None:
    """What follows in the log; None where only the row can help."""
    try:
        return await read(loop_client(), turn_id, after=after)
    except (RedisError, OSError):
        return None


def _row(viewer: Viewer, turn_id: UUID) -> _Row:
    with viewing(viewer):
        turn = Turn.objects.filter(pk=turn_id).first()
        if turn is None:
            raise NotFound
        masked = bool(masked_turns(viewer, [turn_id]))
    events = from_stored(turn.events)
    return _Row(
        is_finished=turn.state not in UNFINISHED,
        is_withdrawn=masked or turn.state == TurnState.REVOKED,
        characters=_characters(events),
        events=events,
    )


def _characters(events: list[NumberedEvent]) -> int:
    """How much text there was to withdraw."""
    withdrawn = [item.event.range.end for item in events if isinstance(item.event, TextWithdrawn)]
    return max([text_length(events), *withdrawn])
