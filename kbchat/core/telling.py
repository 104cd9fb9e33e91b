"""A word to the sockets of a group through the channel layer, from code that is not asynchronous.

Words may be lost: whoever waits for one looks for himself now and then.
"""

import asyncio
import logging
import os
import threading
from functools import cache
from typing import Final

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 1.0
_starting: Final = threading.Lock()


def tell(group: str, message: dict[str, str]) -> None:
    """Blocks for as long as Redis takes, a second at most; one that is down is logged."""
    layer = get_channel_layer()
    if layer is None:
        return
    with _starting:
        loop = _loop_of(os.getpid())
    told = asyncio.run_coroutine_threadsafe(layer.group_send(group, message), loop)
    try:
        told.result(_PATIENCE_SECONDS)
    except (RedisError, OSError):
        logger.warning("not told", extra={"group": group, "about": message["type"]})
    finally:
        told.cancel()


@cache
def _loop_of(_process: int) -> asyncio.AbstractEventLoop:
    """One for the life of the process, with its connection: a loop and a connection for each word take longer than
    what most words are about. A child of a fork has none of its parent's threads, and gets its own."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="telling", daemon=True).start()
    return loop
