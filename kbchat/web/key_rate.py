"""How often one API key may come in a minute, over HTTP; counted in Redis, so by all web processes together.

Where Redis does not answer, requests are not counted: a script is no worse than a person who clicks.
"""

import logging
import time
from uuid import UUID

import redis
from django.conf import settings

from kbchat.chat.redis_clients import client
from kbchat.core.errors import Busy
from kbchat.core.limits import Limit, reached

logger = logging.getLogger(__name__)

_MINUTE = 60


def count_request(key_id: UUID) -> None:
    """Raises Busy("too_many_requests")."""
    minute, into_it = divmod(time.time(), _MINUTE)
    name = f"key-rate:{key_id}:{int(minute)}"
    try:
        with client().pipeline() as pipeline:
            # The time to live first: a count must not stay for ever where the connection breaks.
            pipeline.set(name, 0, ex=2 * _MINUTE, nx=True)
            pipeline.incr(name)
            counted = pipeline.execute()[1]
    except redis.RedisError:
        logger.warning("requests with API keys cannot be counted")
        return
    most = settings.LIMITS.key_requests_a_minute
    if counted > most:
        busy = Busy("too_many_requests", most=most, wait_seconds=max(1, round(_MINUTE - into_it)))
        raise reached(Limit.KEY_REQUESTS, busy)
