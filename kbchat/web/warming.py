"""Loading the search model while nobody waits for it, so that the first search is as quick as the second."""

import logging
import threading

from kbchat.composition import embedder
from kbchat.inference.ports import ModelUnavailable

logger = logging.getLogger(__name__)


_thread: threading.Thread | None = None


def warm_up() -> None:
    """In a thread that never keeps the process alive; a failure is told with the first search."""
    global _thread
    _thread = threading.Thread(target=_warm, name="warming", daemon=True)
    _thread.start()


def is_warming_up() -> bool:
    """Whether a search would still wait for the model."""
    return _thread is not None and _thread.is_alive()


def _warm() -> None:
    try:
        embedder().embed_queries(["warm"])
    except ModelUnavailable as error:
        logger.warning("the search model could not be loaded", extra={"reason": error.reason.value})
