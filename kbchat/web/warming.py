"""Loading the search model while nobody waits for it, so that the first search is as quick as the second."""

import logging
import threading

from kbchat.composition import embedder
from kbchat.inference.ports import ModelUnavailable

logger = logging.getLogger(__name__)


def warm_up() -> threading.Thread:
    """In a thread that never keeps the process alive; a failure is told with the first search."""
    thread = threading.Thread(target=_warm, name="warming", daemon=True)
    thread.start()
    return thread


def _warm() -> None:
    try:
        embedder().embed_queries(["warm"])
    except ModelUnavailable as error:
        logger.warning("the search model could not be loaded", extra={"reason": error.reason.value})
