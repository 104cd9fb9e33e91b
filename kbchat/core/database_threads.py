"""Database work of an event loop: in threads of its own, with no connection kept between two pieces of work.

Of its own, because the loop's usual threads search and encode, and a lease must be kept while they are all busy.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connection

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="database")


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`function`, which opens its own transaction, away from the event loop."""
    return await asyncio.get_running_loop().run_in_executor(
        _THREADS, lambda: released(function, *args, **kwargs)
    )


def released(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`function` in this thread; its connection goes back afterwards, unless the caller is in a transaction with it."""
    try:
        return function(*args, **kwargs)
    finally:
        if not connection.in_atomic_block:
            close_old_connections()
