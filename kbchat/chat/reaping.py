"""Ending the turns of processes that are gone, with what had been written.

Runs inside every answers process, on a timer; workers have no right on conversations.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress

from django.db import Error as DatabaseError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from kbchat.answering.events import TurnFinished
from kbchat.chat import turn_store
from kbchat.chat.leasing import Claim, abandoned_turns
from kbchat.chat.record import NumberedEvent, from_stored, numbered, revocation, text_length
from kbchat.chat.turn_log import TurnLogWriter, read_whole
from kbchat.chat.turn_store import Ending, Standing
from kbchat.core.database_threads import in_database

logger = logging.getLogger(__name__)


async def reap_turns(redis: Redis) -> int:
    """Mark turns interrupted whose lease ran out; returns how many. Many may do this at once: one wins a turn."""
    reaped = 0
    for claim in await in_database(abandoned_turns):
        try:
            reaped += await _reap(redis, claim)
        except DatabaseError:
            logger.warning("an abandoned turn could not be ended yet", exc_info=True)
    return reaped


async def _reap(redis: Redis, claim: Claim) -> bool:
    events = await _events_so_far(redis, claim)
    if events is None:
        return False
    finished = TurnFinished(state="interrupted", reason="process_lost")
    ending = Ending([*events, *numbered([finished], after=len(events))])
    log = TurnLogWriter(redis, claim.turn_id)
    standing = await in_database(turn_store.interrupt, claim, ending)
    if standing is Standing.HELD:
        with suppress(RedisError, OSError):
            await log.replace(ending.events)
    elif standing is Standing.HIDDEN:
        parting = revocation(text_length(events))
        standing = await in_database(turn_store.interrupt, claim, Ending(numbered(parting), of_revoked=True))
        if standing is Standing.HELD:
            with suppress(RedisError, OSError):
                await log.replace(numbered(parting, after=len(events)))
    return standing is Standing.HELD


async def _events_so_far(redis: Redis, claim: Claim) -> Sequence[NumberedEvent] | None:
    """The longer of the log and the record kept in the row; None where the turn was ended meanwhile.

    Without a terminal event: a runner that wrote one to the log had written it to the row before.
    """
    stored = await in_database(turn_store.recorded, claim)
    if stored is None:
        return None
    found: Sequence[NumberedEvent] = []
    # A ValueError: written by another release, with events that this one cannot read.
    with suppress(ValueError):
        found = from_stored(stored)
    with suppress(RedisError, OSError, ValueError):
        found = max(found, await read_whole(redis, claim.turn_id), key=len)
    return found
