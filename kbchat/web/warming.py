"""The search model of this process, from the moment in which it begins to load."""

import threading
from functools import partial

from kbchat.composition import encoders
from kbchat.core.database_threads import released
from kbchat.inference.loading_ahead import load_ahead

_thread: threading.Thread | None = None


def warm_up() -> None:
    global _thread
    _thread = load_ahead(partial(released, encoders().at_start))


def is_warming_up() -> bool:
    """Whether a search would still wait for the model."""
    return _thread is not None and _thread.is_alive()
