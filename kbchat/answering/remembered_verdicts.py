"""Which suggestions led back to their documents, each with what that was found out from.

A verdict holds for whoever would be shown the same by the same index with the same weights, down to the last passage:
what it was ranked from is its name here, asked of the database anew each time. So it tells nobody of what he may not
read, and goes with the first right that is lost. Neither the questions nor the documents are kept, but a hash of all
three.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from kbchat.answering.leading_back import Suggestion, leads_back
from kbchat.retrieval.port import Pin, Retrieval

_MOST: Final = 8192


class RememberedVerdicts:
    """Threads may share it. Forgets what was not asked for the longest time."""

    def __init__(self, *, most: int = _MOST) -> None:
        self._most = most
        self._known: OrderedDict[bytes, bool] = OrderedDict()
        self._changing = threading.Lock()

    def verdict(
        self, suggestion: Suggestion, pin: Pin, basis: str, search: Callable[[str], Retrieval]
    ) -> bool:
        """Of a former search where one was ranked from `basis`, which is what the asker may be shown now; else of one
        that is made now. Raises what `search` raises, which is not remembered."""
        key = _key(suggestion, pin, basis)
        with self._changing:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        retrieval = search(suggestion[0])
        verdict = leads_back(retrieval, suggestion)
        if retrieval.basis:
            # Its own, which rights that changed meanwhile have made another than the one asked for.
            self._keep(_key(suggestion, pin, retrieval.basis), verdict=verdict)
        return verdict

    def _keep(self, key: bytes, *, verdict: bool) -> None:
        with self._changing:
            self._known[key] = verdict
            self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)


def _key(suggestion: Suggestion, pin: Pin, basis: str) -> bytes:
    return hashlib.sha256(repr((suggestion, pin, basis)).encode("utf-8", "surrogatepass")).digest()
