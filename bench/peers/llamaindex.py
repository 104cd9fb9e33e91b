"""LlamaIndex: PGVectorStore with hybrid_search=True and HNSW, its legs joined by QueryFusionRetriever.

The joining is what its guide recommends for hybrid search ("relative_score"): the plain hybrid mode puts what text
search alone found after everything else. HNSW is there before the first passage, as `from_params` makes it. The filter
is on an indexed metadata key.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from llama_index.core import MockEmbedding, QueryBundle, Settings, VectorStoreIndex
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import TextNode
from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters
from llama_index.vector_stores.postgres import PGVectorStore

from bench.passages import Vectors
from bench.peers.protocol import Leg, Passage, Place
from bench.peers.url import url_of

_GROUP: Final = "reader_group"
_HNSW: Final = {
    "hnsw_m": 16,
    "hnsw_ef_construction": 64,
    "hnsw_ef_search": 40,
    "hnsw_dist_method": "vector_cosine_ops",
}
_BATCH: Final = 1000


class _LlamaIndex:
    def __init__(self, place: Place) -> None:
        # The fusion asks for a model, and with one query never uses it.
        Settings.llm = MockLLM()
        self._store = PGVectorStore.from_params(
            connection_string=url_of(place.database, "psycopg2"),
            async_connection_string=url_of(place.database, "asyncpg"),
            table_name=place.table,
            embed_dim=place.dimension,
            hybrid_search=True,
            text_search_config=place.language,
            hnsw_kwargs=dict(_HNSW),
            use_jsonb=True,
            indexed_metadata_keys={(_GROUP, "text")},
        )
        # Vectors come with nodes and questions: nothing is embedded.
        self._index = VectorStoreIndex.from_vector_store(
            self._store, embed_model=MockEmbedding(place.dimension)
        )
        self._retriever = lru_cache(self._made_retriever)

    def fill(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        for start in range(0, len(passages), _BATCH):
            self._store.add(
                [
                    TextNode(
                        id_=str(passage.id),
                        text=passage.text,
                        metadata={_GROUP: passage.group},
                        embedding=vector.tolist(),
                    )
                    for passage, vector in zip(
                        passages[start : start + _BATCH], vectors[start : start + _BATCH], strict=True
                    )
                ]
            )

    def search(
        self, question: str, vector: list[float], *, k: int, groups: Sequence[str], leg: Leg
    ) -> list[int]:
        found = self._retriever(k, tuple(groups), leg).retrieve(QueryBundle(question, embedding=vector))
        return [int(node.node_id) for node in found]

    def _made_retriever(self, k: int, groups: tuple[str, ...], leg: Leg) -> BaseRetriever:
        own = [MetadataFilter(key=_GROUP, operator=FilterOperator.IN, value=[*groups])]
        filters = MetadataFilters(filters=own) if groups else None
        dense, sparse = (
            self._index.as_retriever(
                vector_store_query_mode=mode, similarity_top_k=k, sparse_top_k=k, filters=filters
            )
            for mode in ("default", "sparse")
        )
        if leg == "dense":
            return dense
        return QueryFusionRetriever(
            [dense, sparse], similarity_top_k=k, num_queries=1, mode="relative_score", use_async=False
        )


def opened(place: Place) -> _LlamaIndex:
    return _LlamaIndex(place)
