"""A socket's ear: whatever others join and leave meanwhile, nothing stays subscribed when it ends."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from kbchat.web.ws.listening import Ear

GROUPS = ("one", "two", "three")


class _Slow(InMemoryChannelLayer):  # type: ignore[misc]
    """Others come in between, as with a server at the other end."""

    async def group_add(self, group: str, channel: str) -> None:
        await asyncio.sleep(0)
        await super().group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        await asyncio.sleep(0)
        await super().group_discard(group, channel)


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> Any:
    slow = _Slow()
    monkeypatch.setattr("kbchat.web.ws.listening.get_channel_layer", lambda: slow)
    return slow


async def test_leaving_while_it_ends_leaves_nothing_subscribed(layer: Any) -> None:
    ear = Ear(lambda message: None)
    for group in GROUPS:
        await ear.join(group)
    listening = asyncio.create_task(ear.listen())
    await _until(lambda: set(layer.groups) == set(GROUPS))
    listening.cancel()
    results = await asyncio.gather(listening, *(ear.leave(group) for group in GROUPS), return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert layer.groups == {}


async def test_a_group_joined_while_it_begins_is_heard(layer: Any) -> None:
    heard: list[dict[str, Any]] = []
    ear = Ear(heard.append)
    await ear.join("one")
    listening = asyncio.create_task(ear.listen())
    await asyncio.sleep(0)
    await ear.join("two")
    await _until(lambda: set(layer.groups) == {"one", "two"})
    await layer.group_send("two", {"type": "word"})
    await _until(lambda: heard != [])
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def _until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0)
    pytest.fail("it never came to be")
