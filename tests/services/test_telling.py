"""A word to sockets from code that is not asynchronous: it arrives, costs one loop a process, and may fail."""

import threading
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.test import override_settings

from kbchat.core.telling import tell

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


def test_nobody_waits_for_a_redis_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(CHANNEL_LAYERS=NOWHERE):
        tell("those.who.listen", {"type": "word"})
    assert "not told" in caplog.text
