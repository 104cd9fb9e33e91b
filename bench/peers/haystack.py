"""Haystack: PgvectorDocumentStore with HNSW, embedding and keyword retrievers joined by DocumentJoiner.

The pipeline is that of the integration's example of hybrid retrieval: reciprocal ranks, the same number from each
retriever. The filter is on the documents' meta.
"""

from collections.abc import Sequence
from typing import Any, Final

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.utils import Secret
from haystack_integrations.components.retrievers.pgvector import (
    PgvectorEmbeddingRetriever,
    PgvectorKeywordRetriever,
)
from haystack_integrations.document_stores.pgvector import PgvectorDocumentStore
from psycopg.conninfo import make_conninfo

from bench.passages import Vectors
from bench.peers.protocol import Leg, Passage, Place

_GROUP: Final = "reader_group"
_BATCH: Final = 1000


class _Haystack:
    def __init__(self, place: Place) -> None:
        self._store = PgvectorDocumentStore(
            connection_string=Secret.from_token(make_conninfo(**place.database)),
            table_name=place.table,
            embedding_dimension=place.dimension,
            vector_function="cosine_similarity",
            search_strategy="hnsw",
            hnsw_index_name=f"{place.table}_hnsw",
            keyword_index_name=f"{place.table}_keyword",
            language=place.language,
        )
        self._dense = PgvectorEmbeddingRetriever(document_store=self._store)
        self._pipeline = Pipeline()
        self._pipeline.add_component("dense", PgvectorEmbeddingRetriever(document_store=self._store))
        self._pipeline.add_component("keyword", PgvectorKeywordRetriever(document_store=self._store))
        self._pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        self._pipeline.connect("dense", "joiner")
        self._pipeline.connect("keyword", "joiner")

    def fill(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        for start in range(0, len(passages), _BATCH):
            batch = zip(passages[start : start + _BATCH], vectors[start : start + _BATCH], strict=True)
            self._store.write_documents(
                [
                    Document(
                        id=str(passage.id),
                        content=passage.text,
                        meta={_GROUP: passage.group},
                        embedding=vector.tolist(),
                    )
                    for passage, vector in batch
                ]
            )

    def search(
        self, question: str, vector: list[float], *, k: int, groups: Sequence[str], leg: Leg
    ) -> list[int]:
        asked: dict[str, Any] = {"top_k": k}
        if groups:
            asked["filters"] = {"field": f"meta.{_GROUP}", "operator": "in", "value": [*groups]}
        if leg == "dense":
            found = self._dense.run(query_embedding=vector, **asked)
        else:
            found = self._pipeline.run(
                {
                    "dense": {"query_embedding": vector, **asked},
                    "keyword": {"query": question, **asked},
                    "joiner": {"top_k": k},
                }
            )["joiner"]
        return [int(document.id) for document in found["documents"]]


def opened(place: Place) -> _Haystack:
    return _Haystack(place)
