"""Loading an encoder while nobody waits for it, so that the first search is as quick as the second."""

import logging
import threading
from collections.abc import Callable

from kbchat.inference.ports import Embedder, ModelUnavailable

logger = logging.getLogger(__name__)


def load_ahead(encoder: Callable[[], Embedder]) -> threading.Thread:
    """In a daemon thread: whoever stops in the first seconds does not wait for the model. A failure is told with the
    first search."""
    thread = threading.Thread(target=_load, args=(encoder,), name="loading", daemon=True)
    thread.start()
    return thread


def _load(encoder: Callable[[], Embedder]) -> None:
    try:
        encoder().embed_queries(["ready"])
    except ModelUnavailable as error:
        logger.warning("the search model could not be loaded", extra={"reason": error.reason.value})
    except RuntimeError as error:
        # The process ends, and the model's libraries can start no thread any more: nobody needs to hear of it.
        if "interpreter shutdown" not in str(error):
            raise
