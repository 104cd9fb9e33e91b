"""bm25s alone, in memory: English stems without stop words, Chinese by character bigrams; k1 0.9 and b 0.4.

It has no vectors and no database. The filter is its weight mask.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import bm25s
import numpy as np
import Stemmer

from bench.passages import Vectors
from bench.peers.protocol import Leg, Passage, Place

_K1: Final = 0.9
_B: Final = 0.4


class _Bm25:
    def __init__(self, place: Place) -> None:
        self._by_words = place.language == "english"
        self._stemmer = Stemmer.Stemmer("english")
        self._index = bm25s.BM25(method="lucene", k1=_K1, b=_B)
        self._ids: list[int] = []
        self._groups = np.array([])
        self._mask = lru_cache(self._made_mask)

    def fill(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        self._index.index(self._terms([passage.text for passage in passages]), show_progress=False)
        self._ids = [passage.id for passage in passages]
        self._groups = np.array([passage.group for passage in passages])

    def search(
        self, question: str, vector: list[float], *, k: int, groups: Sequence[str], leg: Leg
    ) -> list[int]:
        places, scores = self._index.retrieve(
            self._terms([question]),
            k=min(k, len(self._ids)),
            weight_mask=self._mask(tuple(groups)) if groups else None,
            show_progress=False,
        )
        return [self._ids[place] for place, score in zip(places[0], scores[0], strict=True) if score > 0]

    def _terms(self, texts: list[str]) -> Any:
        if self._by_words:
            return bm25s.tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False)
        return [_bigrams("".join(text.lower().split())) for text in texts]

    def _made_mask(self, groups: tuple[str, ...]) -> Any:
        return np.isin(self._groups, groups).astype(np.float32)


def _bigrams(text: str) -> list[str]:
    return [text[start : start + 2] for start in range(max(len(text) - 1, 1))]


def opened(place: Place) -> _Bm25:
    return _Bm25(place)
