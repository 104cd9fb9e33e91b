"""LangChain: PGVectorStore of langchain-postgres with a HybridSearchConfig, as its how-to guide sets it up.

Passages go in first; then the full-text index and HNSW are built. The filter is on a metadata column, which is the
guide's way. Each search has a configuration of its own: the store writes the question into the one it is given.
"""

import uuid
from collections.abc import Sequence
from typing import Final

from langchain_core.embeddings import Embeddings
from langchain_postgres import Column, PGEngine, PGVectorStore
from langchain_postgres.v2.hybrid_search_config import HybridSearchConfig, reciprocal_rank_fusion
from langchain_postgres.v2.indexes import HNSWIndex

from bench.passages import Vectors
from bench.peers.protocol import Leg, Passage, Place
from bench.peers.url import url_of

_GROUP: Final = "reader_group"
_BATCH: Final = 1000


class _Known(Embeddings):
    """Knows the vector of the question that is asked."""

    def __init__(self) -> None:
        self.vectors: dict[str, list[float]] = {}

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.vectors[text] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.vectors[text]

    async def aembed_query(self, text: str) -> list[float]:
        return self.vectors[text]


class _LangChain:
    def __init__(self, place: Place) -> None:
        self._place = place
        self._known = _Known()
        self._engine = PGEngine.from_connection_string(url_of(place.database, "psycopg"))
        self._opened: PGVectorStore | None = None

    @property
    def _store(self) -> PGVectorStore:
        if self._opened is None:
            self._opened = PGVectorStore.create_sync(
                self._engine, self._known, self._place.table, metadata_columns=[_GROUP],
                hybrid_search_config=self._hybrid(4),
            )  # fmt: skip
        return self._opened

    def fill(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        self._engine.init_vectorstore_table(
            self._place.table, self._place.dimension, metadata_columns=[Column(_GROUP, "TEXT")],
            hybrid_search_config=self._hybrid(4),
        )  # fmt: skip
        for start in range(0, len(passages), _BATCH):
            batch = passages[start : start + _BATCH]
            self._store.add_embeddings(
                [passage.text for passage in batch],
                vectors[start : start + _BATCH].tolist(),
                [{_GROUP: passage.group} for passage in batch],
                [str(uuid.UUID(int=passage.id)) for passage in batch],
            )
        self._store.apply_hybrid_search_index()
        self._store.apply_vector_index(HNSWIndex())

    def search(
        self, question: str, vector: list[float], *, k: int, groups: Sequence[str], leg: Leg
    ) -> list[int]:
        self._known.vectors = {question: vector}
        found = self._store.similarity_search(
            question,
            k=k,
            filter={_GROUP: {"$in": [*groups]}} if groups else None,
            hybrid_search_config=self._hybrid(k) if leg == "hybrid" else None,
        )
        return [uuid.UUID(document.id).int for document in found]

    def _hybrid(self, k: int) -> HybridSearchConfig:
        return HybridSearchConfig(
            tsv_column="content_tsv",
            tsv_lang=f"pg_catalog.{self._place.language}",
            fusion_function=reciprocal_rank_fusion,
            fusion_function_parameters={"rrf_k": 60, "fetch_top_k": k},
            primary_top_k=k,
            secondary_top_k=k,
            index_name=f"{self._place.table}_tsv",
        )


def opened(place: Place) -> _LangChain:
    return _LangChain(place)
