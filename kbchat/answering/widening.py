"""Passages with their neighbours: what a model is given to read, wider than what was found.

What was found is a few sentences; the rule that limits them may stand right behind. Each passage grows to both sides
within its section, best ones first, chunk by chunk, until the tokens are spent. No two of them hold the same text:
where two meet, each ends at the other, so every passage keeps the number under which its reader was offered it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from kbchat.answering.tokens import count_tokens
from kbchat.core.text import Span
from kbchat.retrieval.port import Passage, Surroundings


def widened(
    passages: Mapping[int, Passage], around: Mapping[int, Surroundings], tokens: int
) -> dict[int, Passage]:
    """The passages by their numbers, best first, with at most so many tokens of their surroundings, which are given by
    chunk id. What has none stays as it is."""
    room = _Room(tokens, {(each.version_id, each.span.start) for each in passages.values()})
    stretches = {
        number: _Stretch(passage, around[passage.chunk_id])
        for number, passage in sorted(passages.items())
        if passage.chunk_id in around
    }
    growing = list(stretches.values())
    while growing:
        growing = [stretch for stretch in growing if stretch.grow(room)]
    return {
        number: stretches[number].passage if number in stretches else passage
        for number, passage in passages.items()
    }


@dataclass(slots=True)
class _Room:
    """`taken`: chunks that a passage has, by their version and where they begin."""

    tokens: int
    taken: set[tuple[UUID, int]]


class _Stretch:
    """One passage on its way: the pieces `first` to `last` of its surroundings."""

    def __init__(self, passage: Passage, around: Surroundings) -> None:
        self._passage = passage
        self._around = around
        places = [piece.span for piece in around.pieces]
        self._first = self._last = places.index(passage.span)
        # What follows says more of a passage than what precedes it.
        self._open = [1, -1]

    @property
    def passage(self) -> Passage:
        if self._first == self._last:
            return self._passage
        pieces = self._around.pieces[self._first : self._last + 1]
        start, end = pieces[0].span.start, pieces[-1].span.end
        was = self._passage.span
        return replace(
            self._passage,
            text=self._text(start, end),
            span=Span(start, end),
            found=Span(was.start - start, was.end - start),
            pages=tuple((piece.span.start - start, piece.page) for piece in pieces),
        )

    def grow(self, room: _Room) -> bool:
        """By one chunk to each side that is still open. False: it can grow no more."""
        self._open = [side for side in self._open if self._grow_to(side, room)]
        return bool(self._open)

    def _grow_to(self, side: int, room: _Room) -> bool:
        pieces = self._around.pieces
        place = self._last + 1 if side > 0 else self._first - 1
        if not 0 <= place < len(pieces):
            return False
        piece = pieces[place].span
        if side > 0:
            cost = count_tokens(self._text(pieces[self._last].span.end, piece.end))
        else:
            cost = count_tokens(self._text(piece.start, pieces[self._first].span.start))
        chunk = (self._passage.version_id, piece.start)
        if chunk in room.taken or cost > room.tokens:
            return False
        room.taken.add(chunk)
        room.tokens -= cost
        self._first, self._last = min(self._first, place), max(self._last, place)
        return True

    def _text(self, start: int, end: int) -> str:
        return self._around.text[start - self._around.start : end - self._around.start]
