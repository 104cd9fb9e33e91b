"""A retriever for threads that do other work too: it keeps no database connection between two calls."""

from collections.abc import Collection as AbstractCollection
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from kbchat.core.database_threads import released
from kbchat.core.deadline import Deadline
from kbchat.core.viewer import Viewer
from kbchat.retrieval.port import EVERYTHING, Passage, Pin, Retrieval, Retriever, Scope, Surroundings


class ReleasingRetriever:
    """Implements port.Retriever. Whoever pins holds no connection afterwards, not even one that he had opened before:
    the encoder works next, and a model after it."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    def pin(self, generation_id: int | None = None) -> Pin:
        return released(self._retriever.pin, generation_id)

    def retrieve(
        self,
        viewer: Viewer,
        query: str,
        pin: Pin,
        *,
        limit: int,
        scope: Scope = EVERYTHING,
        as_of: date | None = None,
        exclude_documents: AbstractCollection[UUID] = (),
        exclude_chunks: AbstractCollection[int] = (),
        deadline: Deadline | None = None,
    ) -> Retrieval:
        return released(
            self._retriever.retrieve,
            viewer,
            query,
            pin,
            limit=limit,
            scope=scope,
            as_of=as_of,
            exclude_documents=exclude_documents,
            exclude_chunks=exclude_chunks,
            deadline=deadline,
        )

    def fetch(self, viewer: Viewer, chunk_ids: Sequence[int]) -> list[Passage]:
        return released(self._retriever.fetch, viewer, chunk_ids)

    def around(self, viewer: Viewer, chunk_ids: Sequence[int]) -> dict[int, Surroundings]:
        return released(self._retriever.around, viewer, chunk_ids)
