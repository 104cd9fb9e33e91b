"""Numbered events as values: pacing, the record of a turn, and what somebody who saw a part of it is owed."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

import pytest

from kbchat.answering.events import (
    AnswerEvent,
    TextAdded,
    TextRange,
    TextWithdrawn,
    TurnFinished,
    WritingStarted,
)
from kbchat.chat.pacing import coalesced
from kbchat.chat.record import (
    NumberedEvent,
    answer_of,
    from_line,
    from_stored,
    numbered,
    remainder,
    text_length,
    to_line,
    to_stored,
    unbroken,
)

DONE = TurnFinished(state="done")


async def _spoken(pieces: list[AnswerEvent], pause: float) -> AsyncGenerator[AnswerEvent, None]:
    for piece in pieces:
        await asyncio.sleep(pause)
        yield piece


def _words(count: int) -> Iterator[AnswerEvent]:
    return (TextAdded(text=f"{number} ") for number in range(count))


async def test_texts_are_joined_and_nothing_changes_its_place() -> None:
    marks: list[AnswerEvent] = [WritingStarted(), *_words(50), WritingStarted(), *_words(50), DONE]
    begin = time.monotonic()
    paced = [event async for event in coalesced(_spoken(marks, 0.004), seconds=0.05)]
    seconds = time.monotonic() - begin
    texts = [event.text for event in paced if isinstance(event, TextAdded)]
    # One at once, and the two that another event pushed out.
    assert len(texts) <= seconds / 0.05 + 3
    places = [place for place, event in enumerate(paced) if isinstance(event, WritingStarted)]
    assert places[0] == 0
    joined = "".join(event.text for event in paced[: places[1]] if isinstance(event, TextAdded))
    assert joined == "".join(f"{number} " for number in range(50))
    assert "".join(texts) == joined * 2
    assert paced[-1] == DONE


async def test_text_is_not_held_back_while_nothing_follows() -> None:
    async def halting() -> AsyncGenerator[AnswerEvent, None]:
        yield TextAdded(text="a")
        yield TextAdded(text="b")
        await asyncio.sleep(60)

    async with asyncio.timeout(2), aclosing(coalesced(halting(), seconds=0.05)) as paced:
        assert (await anext(paced), await anext(paced)) == (TextAdded(text="a"), TextAdded(text="b"))


@pytest.mark.parametrize("by_cancelling", [False, True])
async def test_leaving_closes_the_stream_behind_it(*, by_cancelling: bool) -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncGenerator[AnswerEvent, None]:
        try:
            while True:
                yield TextAdded(text="x")
                await asyncio.sleep(0.01)
        finally:
            closed.set()

    async def read() -> None:
        async with aclosing(coalesced(endless(), seconds=0.02)) as paced:
            async for _ in paced:
                if not by_cancelling:
                    break

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.1)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert closed.is_set()


async def test_an_error_behind_it_comes_through() -> None:
    async def broken() -> AsyncGenerator[AnswerEvent, None]:
        yield WritingStarted()
        raise LookupError

    with pytest.raises(LookupError):
        [event async for event in coalesced(broken(), seconds=0.05)]


def test_the_record_is_the_same_after_the_row_and_the_log() -> None:
    events = numbered([TextAdded(text="28 天 😀"), DONE])
    assert from_stored(to_stored(events)) == events
    assert [from_line(to_line(item.event)) for item in events] == [item.event for item in events]


def test_withdrawn_text_is_no_part_of_the_answer() -> None:
    cut = TextWithdrawn(range=TextRange(start=1, end=3), reason="unsupported")
    events = numbered([TextAdded(text="ab"), TextAdded(text="cd"), cut, DONE])
    assert (answer_of(events), text_length(events)) == ("ad", 4)


@pytest.mark.parametrize(
    ("numbers", "after", "found"),
    [
        ([1, 2, 3], 0, [1, 2, 3]),
        ([3, 4], 2, [3, 4]),
        ([3, 4], 1, []),
        ([1, 2, 4], 0, [1, 2]),
        ([1, 2], 2, []),
    ],
)
def test_events_are_taken_up_to_a_gap(numbers: list[int], after: int, found: list[int]) -> None:
    events = [NumberedEvent(number, WritingStarted()) for number in numbers]
    assert [item.number for item in unbroken(events, after=after)] == found


def test_whoever_saw_more_than_the_record_has_is_told_the_end() -> None:
    events = numbered([WritingStarted(), DONE])
    assert remainder(events, after=0) == events
    assert remainder(events, after=2) == []
    assert remainder(events, after=7) == [NumberedEvent(8, DONE)]
