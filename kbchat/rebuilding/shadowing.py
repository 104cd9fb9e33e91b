"""Real questions, asked of another generation as well, without anybody noticing: of some, chosen by chance, what the
two find in common and how long each took.

In the process that answers and under the asker's own rights, because a worker may search for nobody, and a question in
a queue would be text outside of its owner's rows. Nothing of a question is kept but what it adds to three sums.
"""

import logging
import os
import queue
import random
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Final, Unpack

from django.db import connection

from kbchat.core.database_threads import released
from kbchat.core.viewer import Viewer
from kbchat.indexing.models import ActiveGeneration, GenerationState, IndexGeneration
from kbchat.retrieval.port import (
    EVERYTHING,
    Passage,
    Pin,
    Retrieval,
    Retriever,
    Scope,
    SearchOptions,
    Surroundings,
)

logger = logging.getLogger(__name__)

SHARE: Final = 0.05
"""Of searches."""
FIRST: Final = 10
"""Passages that are compared."""

# What comes while so many wait is not asked: answers go first.
_MOST_WAITING: Final = 2
_NICENESS: Final = 19

_ADD: Final = """
INSERT INTO rebuilding_shadowfigures AS kept
    (generation_id, compared_with_id, asked, overlap, correlated, correlation, seconds_before, seconds_now)
VALUES (%(generation)s, %(compared_with)s, 1, %(overlap)s, %(correlated)s, %(correlation)s, %(before)s, %(now)s)
ON CONFLICT (generation_id, compared_with_id) DO UPDATE SET
    asked = kept.asked + 1, overlap = kept.overlap + EXCLUDED.overlap,
    correlated = kept.correlated + EXCLUDED.correlated, correlation = kept.correlation + EXCLUDED.correlation,
    seconds_before = kept.seconds_before + EXCLUDED.seconds_before,
    seconds_now = kept.seconds_now + EXCLUDED.seconds_now"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search that was made, and what it found; in this process alone."""

    viewer: Viewer
    query: str
    scope: Scope
    as_of: date | None
    generation_id: int
    passages: Sequence[Passage]
    seconds: float


class ShadowedRetriever:
    """Implements retrieval.port.Retriever: exactly what `inner` gives. `share`: of searches, that are asked of another
    generation, too, where there is one."""

    def __init__(self, inner: Retriever, share: float = SHARE) -> None:
        self._inner = inner
        self._share = share
        self._waiting: queue.Queue[Asked] = queue.Queue(_MOST_WAITING)
        self._starting = threading.Lock()
        self._has_started = False

    def pin(self, generation_id: int | None = None) -> Pin:
        return self._inner.pin(generation_id)

    def retrieve(self, viewer: Viewer, query: str, pin: Pin, **options: Unpack[SearchOptions]) -> Retrieval:
        started = time.perf_counter()
        found = self._inner.retrieve(
            viewer,
            query,
            pin,
            **options,
        )
        is_first = (
            not options.get("exclude_documents")
            and not options.get("exclude_chunks")
            and options["limit"] >= FIRST
        )
        if is_first and not found.trace.by_words_alone and random.random() < self._share:  # noqa: S311 (a sample)
            seconds = time.perf_counter() - started
            asked = Asked(
                viewer,
                query,
                options.get("scope", EVERYTHING),
                options.get("as_of"),
                pin.generation_id,
                found.passages[:FIRST],
                seconds,
            )
            with suppress(queue.Full):
                self._waiting.put_nowait(asked)
                self._start()
        return found

    def fetch(self, viewer: Viewer, chunk_ids: Sequence[int]) -> list[Passage]:
        return self._inner.fetch(viewer, chunk_ids)

    def around(self, viewer: Viewer, chunk_ids: Sequence[int]) -> dict[int, Surroundings]:
        return self._inner.around(viewer, chunk_ids)

    def ask_the_shadow(self, asked: Asked) -> None:
        """What one of them adds. Raises whatever goes wrong."""
        candidate = _candidate(asked.generation_id)
        if candidate is None:
            return
        pin = self._inner.pin(candidate)
        started = time.perf_counter()
        found = self._inner.retrieve(
            asked.viewer, asked.query, pin, limit=FIRST, scope=asked.scope, as_of=asked.as_of
        )
        _add(asked, candidate, found.passages, time.perf_counter() - started)

    def _start(self) -> None:
        with self._starting:
            if not self._has_started:
                self._has_started = True
                threading.Thread(target=self._work, name="shadow", daemon=True).start()

    def _work(self) -> None:
        with suppress(OSError):
            # Of this thread alone, as Linux has it.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while True:
            asked = self._waiting.get()
            try:
                released(self.ask_the_shadow, asked)
            except Exception:
                # Of no matter to anybody who asks.
                logger.debug("another generation was not asked", exc_info=True)


def overlap(before: Sequence[Passage], now: Sequence[Passage]) -> float:
    """The share of the first passages that the other list has, too: the same places, however they are cut."""
    if not before:
        return 1.0 if not now else 0.0
    return len(_common(before, now)) / max(len(before), len(now))


def correlation(before: Sequence[Passage], now: Sequence[Passage]) -> float | None:
    """Of the ranks of what both have (Spearman's rho); None for fewer than two."""
    pairs = _common(before, now)
    count = len(pairs)
    if count < 2:
        return None
    new_order = sorted(range(count), key=lambda place: pairs[place][1])
    moved = sum((place - new_order.index(place)) ** 2 for place in range(count))
    return 1 - 6 * moved / (count * (count**2 - 1))


def _common(before: Sequence[Passage], now: Sequence[Passage]) -> list[tuple[int, int]]:
    """Places of the same passage in both lists, each once, in the order of the first."""
    pairs: list[tuple[int, int]] = []
    taken: set[int] = set()
    for place, one in enumerate(before):
        for other, found in enumerate(now):
            if other not in taken and found.version_id == one.version_id and found.span.overlaps(one.span):
                pairs.append((place, other))
                taken.add(other)
                break
    return pairs


def _candidate(answering: int) -> int | None:
    """The newest complete one beside the one that answers; None also where that is not the one that was asked."""
    pointer = ActiveGeneration.objects.values_list("generation", flat=True).first()
    if pointer != answering:
        return None
    complete = IndexGeneration.objects.filter(state__in=(GenerationState.SHADOW, GenerationState.READY))
    return complete.exclude(pk=answering).order_by("-pk").values_list("pk", flat=True).first()


def _add(asked: Asked, candidate: int, passages: Sequence[Passage], seconds: float) -> None:
    rho = correlation(asked.passages, passages)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            {
                "generation": candidate,
                "compared_with": asked.generation_id,
                "overlap": overlap(asked.passages, passages),
                "correlated": int(rho is not None),
                "correlation": rho or 0.0,
                "before": asked.seconds,
                "now": seconds,
            },
        )
