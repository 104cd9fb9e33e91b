"""Whose turn it is at a model that does one thing at a time: questions before documents, and questions together.

A question that finds the model free is encoded at once. Those that come meanwhile are gathered, and the first of them
takes the others along in one batch: nobody waits for company. Documents come batch by batch, and let questions pass
between two of them, though not for ever. Knows threads; knows no model.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

# Batches of questions that may pass a waiting batch of documents: with more, a busy hour would stop whoever waits
# for an answer whose statements are being weighed.
_MOST_OVERTAKING: Final = 8


@dataclass(eq=False, slots=True)
class _Asked:
    text: str
    tokens: int
    vector: Vectors = field(default_factory=lambda: np.empty(0, dtype=np.float32))

    @property
    def is_answered(self) -> bool:
        return self.vector.size > 0


class ModelTurns:
    """`encode` makes vectors of questions, in one batch; `most_tokens` bounds that batch, padding included."""

    def __init__(self, encode: Callable[[list[str]], Vectors], *, most_tokens: int) -> None:
        self._encode = encode
        self._most_tokens = most_tokens
        self._changed = threading.Condition()
        self._is_busy = False
        self._asked: list[_Asked] = []
        self._documents_waiting = 0
        self._overtaken = 0

    def questions(self, texts: Sequence[str], counts: Sequence[int]) -> list[Vectors]:
        """The vector of each text; `counts` are their tokens. Raises what `encode` raises for a text of these."""
        mine = [_Asked(text, count) for text, count in zip(texts, counts, strict=True)]
        with self._changed:
            self._asked += mine
        try:
            return [self._vector(asked) for asked in mine]
        finally:
            with self._changed:
                self._asked = [asked for asked in self._asked if asked not in mine]
                self._changed.notify_all()

    @contextmanager
    def documents(self) -> Iterator[None]:
        """The model for one batch of documents."""
        with self._changed:
            self._documents_waiting += 1
            try:
                self._changed.wait_for(lambda: not self._is_busy and (self._documents_due or not self._asked))
            finally:
                self._documents_waiting -= 1
            self._is_busy, self._overtaken = True, 0
        try:
            yield
        finally:
            self._release()

    @property
    def _documents_due(self) -> bool:
        return self._overtaken >= _MOST_OVERTAKING

    def _vector(self, asked: _Asked) -> Vectors:
        with self._changed:
            self._changed.wait_for(lambda: asked.is_answered or self._is_free_for_questions)
            batch = [] if asked.is_answered else self._taken(asked)
        if batch:
            self._answer(batch)
        return asked.vector

    @property
    def _is_free_for_questions(self) -> bool:
        return not self._is_busy and not (self._documents_waiting and self._documents_due)

    def _taken(self, first: _Asked) -> list[_Asked]:
        """`first` and who may come along, in the order in which they came."""
        batch, longest = [first], first.tokens
        for asked in self._asked:
            longest_then = max(longest, asked.tokens)
            if asked is not first and longest_then * (len(batch) + 1) <= self._most_tokens:
                batch.append(asked)
                longest = longest_then
        self._asked = [asked for asked in self._asked if asked not in batch]
        self._is_busy = True
        self._overtaken += bool(self._documents_waiting)
        return batch

    def _answer(self, batch: list[_Asked]) -> None:
        first, *company = batch
        try:
            try:
                vectors = self._encode([asked.text for asked in batch])
            except Exception:
                if not company:
                    raise
                # One of the others may be to blame: each of them finds out by itself.
                vectors = self._encode([first.text])
            for asked, vector in zip(batch, vectors, strict=False):
                asked.vector = vector
        finally:
            with self._changed:
                self._asked += [asked for asked in company if not asked.is_answered]
            self._release()

    def _release(self) -> None:
        with self._changed:
            self._is_busy = False
            self._changed.notify_all()
