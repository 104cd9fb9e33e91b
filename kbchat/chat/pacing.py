"""Text in larger pieces: a model writes hundreds of tokens a second, a page needs twenty updates.

Plain asyncio over any stream of events; their order never changes.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from kbchat.answering.events import AnswerEvent, TextAdded


async def coalesced(
    events: AsyncGenerator[AnswerEvent, None], *, seconds: float
) -> AsyncGenerator[AnswerEvent, None]:
    """`events` with neighbouring texts joined, so that at least `seconds` lie between two of them.

    Another event in between is never held back, and lets the text before it go first. Closing this closes `events`.
    """
    held, due = "", 0.0
    coming: asyncio.Future[AnswerEvent] | None = None
    async with aclosing(events):
        try:
            while True:
                coming = coming or asyncio.ensure_future(anext(events))
                await asyncio.wait({coming}, timeout=max(due - time.monotonic(), 0.0) if held else None)
                event = None
                if coming.done():
                    finished, coming = coming, None
                    try:
                        event = finished.result()
                    except StopAsyncIteration:
                        break
                    if isinstance(event, TextAdded):
                        held, event = held + event.text, None
                if held and (event is not None or time.monotonic() >= due):
                    yield TextAdded(text=held)
                    held, due = "", time.monotonic() + seconds
                if event is not None:
                    yield event
            if held:
                yield TextAdded(text=held)
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
