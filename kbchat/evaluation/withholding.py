"""A retriever for which some documents are not there: what a question is asked of whose answer was taken away."""

from collections.abc import Sequence
from typing import Unpack
from uuid import UUID

from kbchat.core.viewer import Viewer
from kbchat.retrieval.port import Passage, Pin, Retrieval, Retriever, SearchOptions, Surroundings


class WithoutDocuments:
    """Implements port.Retriever. Statistics of words stay those of the whole library."""

    def __init__(self, retriever: Retriever, excluded: Sequence[UUID]) -> None:
        self._retriever = retriever
        self._excluded = tuple(excluded)

    def pin(self, generation_id: int | None = None) -> Pin:
        return self._retriever.pin(generation_id)

    def retrieve(self, viewer: Viewer, query: str, pin: Pin, **options: Unpack[SearchOptions]) -> Retrieval:
        options["exclude_documents"] = (*options.get("exclude_documents", ()), *self._excluded)
        return self._retriever.retrieve(
            viewer,
            query,
            pin,
            **options,
        )

    def fetch(self, viewer: Viewer, chunk_ids: Sequence[int]) -> list[Passage]:
        found = self._retriever.fetch(viewer, chunk_ids)
        return [passage for passage in found if passage.document_id not in self._excluded]

    def around(self, viewer: Viewer, chunk_ids: Sequence[int]) -> dict[int, Surroundings]:
        return self._retriever.around(viewer, chunk_ids)
