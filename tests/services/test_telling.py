"""A word to sockets from code that is not asynchronous: it arrives, costs one loop a process, and may fail."""

import asyncio
import os
import sys
import threading
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.conf import settings
from django.test import override_settings

from kbchat.core.telling import GATHER_SECONDS, tell, tell_soon
from tests.waiting import allowed

pytestmark = pytest.mark.django_db

NOWHERE = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": ["redis://127.0.0.1:1"]},
    }
}


async def test_words_arrive_through_one_loop_of_the_process() -> None:
    layer: Any = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("those.who.listen", channel)
    for number in range(3):
        tell("those.who.listen", {"type": "word", "number": str(number)})
    assert [(await layer.receive(channel))["number"] for _ in range(3)] == ["0", "1", "2"]
    assert sum(thread.name == "telling" for thread in threading.enumerate()) == 1
    await layer.flush()


async def test_what_is_said_several_times_in_a_moment_arrives_once() -> None:
    """The last of it is never swallowed: what is said after it was told is told again."""
    layer: Any = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("those.who.listen", channel)
    for _ in range(2):
        for number in (0, 1, 0, 1, 1):
            tell_soon("those.who.listen", {"type": "word", "number": str(number)})
        assert [(await layer.receive(channel))["number"] for _ in range(2)] == ["0", "1"]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(layer.receive(channel), 3 * GATHER_SECONDS)
    await layer.flush()


async def test_a_command_says_its_last_word_before_it_ends() -> None:
    layer: Any = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("those.who.listen", channel)
    saying = (
        "import django; django.setup()\n"
        "from kbchat.core.telling import tell_soon; tell_soon('those.who.listen', {'type': 'word'})"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "kbchat.settings.test",
        "REDIS_URL": settings.REDIS_URL,
    }
    ended = await asyncio.create_subprocess_exec(sys.executable, "-c", saying, env=environment)
    assert await asyncio.wait_for(ended.wait(), allowed(20)) == 0
    assert (await asyncio.wait_for(layer.receive(channel), allowed(2)))["type"] == "word"
    await layer.flush()


def test_nobody_waits_for_a_redis_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(CHANNEL_LAYERS=NOWHERE):
        tell("those.who.listen", {"type": "word"})
    assert "not told" in caplog.text
