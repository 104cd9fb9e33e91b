"""Tasks end, whatever becomes of a cancellation."""

import asyncio

from kbchat.core.cancelling import ended


async def forgetful(times: int) -> None:
    """Goes on after so many cancellations, as whoever waits for a reply that came with one."""
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            times -= 1
            if times < 0:
                raise


async def failing() -> None:
    try:
        await asyncio.sleep(60)
    finally:
        raise ValueError


async def test_a_cancellation_that_was_lost_is_sent_again() -> None:
    tasks = [asyncio.create_task(forgetful(times)) for times in (0, 1, 2)]
    await asyncio.sleep(0)
    await asyncio.wait_for(ended(tasks), 30)
    assert all(task.cancelled() for task in tasks)


async def test_what_has_ended_or_fails_at_its_end_is_left_as_it_is() -> None:
    over, broken = asyncio.create_task(asyncio.sleep(0, "said")), asyncio.create_task(failing())
    await asyncio.sleep(0.01)
    await asyncio.wait_for(ended([over, broken]), 30)
    assert over.result() == "said"
    assert isinstance(broken.exception(), ValueError)
    await ended([])
