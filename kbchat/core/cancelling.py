"""Ending asyncio tasks for sure."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

_AGAIN_SECONDS: Final = 0.2


async def ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels `tasks` and returns when all of them are over; what they end with is left to them.

    Again and again, because one can get lost: redis-py waits with asyncio.wait_for, which until Python 3.12 forgets a
    cancellation that comes with the reply."""
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=_AGAIN_SECONDS)
