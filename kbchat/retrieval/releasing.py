"""A retriever for threads that do other work too: it keeps no database connection between two calls."""

from collections.abc import Sequence
from typing import Unpack

from kbchat.core.database_threads import released
from kbchat.core.viewer import Viewer
from kbchat.retrieval.port import Passage, Pin, Retrieval, SearchOptions, Surroundings, TellingRetriever


class ReleasingRetriever:
    """Implements port.TellingRetriever. Whoever pins holds no connection afterwards, not even one that he had opened
    before: the encoder works next, and a model after it."""

    def __init__(self, retriever: TellingRetriever) -> None:
        self._retriever = retriever

    def pin(self, generation_id: int | None = None) -> Pin:
        return released(self._retriever.pin, generation_id)

    def basis(self, viewer: Viewer, pin: Pin) -> str:
        return released(self._retriever.basis, viewer, pin)

    def retrieve(self, viewer: Viewer, query: str, pin: Pin, **options: Unpack[SearchOptions]) -> Retrieval:
        return released(
            self._retriever.retrieve,
            viewer,
            query,
            pin,
            **options,
        )

    def fetch(self, viewer: Viewer, chunk_ids: Sequence[int]) -> list[Passage]:
        return released(self._retriever.fetch, viewer, chunk_ids)

    def around(self, viewer: Viewer, chunk_ids: Sequence[int]) -> dict[int, Surroundings]:
        return released(self._retriever.around, viewer, chunk_ids)
