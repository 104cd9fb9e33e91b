"""Vectors of the latest questions, each for whoever asked it.

Not one for all: a shared one would tell by time whether somebody else has asked the same words before. What is asked
twice is asked twice by the same person: a search again with another scope, the further rounds of an answer. Whoever
fills it learns nothing but how much is asked at all. The words themselves are not kept.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

import numpy as np
import numpy.typing as npt

from kbchat.inference.ports import Embedder

# Of all askers together: 1.5 MB with 384 dimensions.
_MOST: Final = 1024


class RememberedQuestions:
    """Threads may share it. Forgets what was not asked for the longest time."""

    def __init__(self, *, most: int = _MOST) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, npt.NDArray[np.float32]] = OrderedDict()
        self._changing = threading.Lock()

    def vector(self, asker: Hashable, question: str, embedder: Embedder) -> npt.NDArray[np.float32]:
        """Of exactly these words, by this encoder and with its query prefix. Raises ModelUnavailable, which is not
        remembered."""
        digest = hashlib.sha256(question.encode("utf-8", "surrogatepass")).digest()
        key = (asker, embedder.identity, digest)
        with self._changing:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        vector: npt.NDArray[np.float32] = embedder.embed_queries([question])[0].copy()
        vector.setflags(write=False)
        with self._changing:
            self._known[key] = vector
            self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return vector
