"""A reranker behind `/rerank`: as vLLM, Jina and Cohere spell it, or as Text Embeddings Inference does.

Which of the two the server speaks is found out with the first question.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kbchat.inference.blocking_endpoint import BlockingEndpoint
from kbchat.inference.encodable import encodable
from kbchat.inference.ports import ModelUnavailable
from kbchat.inference.relevance import checked_relevance

_Reason = ModelUnavailable.Reason


class ServedReranker:
    """`base_url` may end in the API's version. Threads may share it."""

    def __init__(
        self,
        base_url: str,
        *,
        model: str = "",
        api_key: str = "",
        reply_seconds: float = 10.0,
        trust_env: bool = False,
    ) -> None:
        self._model = model
        self._takes_texts = False
        self._server = BlockingEndpoint(
            base_url, api_key=api_key, reply_seconds=reply_seconds, trust_env=trust_env
        )

    def close(self) -> None:
        self._server.close()

    def relevance(self, question: str, passages: Sequence[str]) -> npt.NDArray[np.float64]:
        """See ports.Reranker."""
        if not passages:
            return np.zeros(0)
        asked, texts = encodable(question), [encodable(passage) for passage in passages]
        if not self._takes_texts:
            try:
                return self._as_vllm(asked, texts)
            except ModelUnavailable as unavailable:
                if unavailable.reason is not _Reason.REFUSED:
                    raise
        scores = self._as_text_embeddings_inference(asked, texts)
        self._takes_texts = True
        return scores

    def _as_vllm(self, question: str, texts: list[str]) -> npt.NDArray[np.float64]:
        body = {"model": self._model, "query": question, "documents": texts, "top_n": len(texts)}
        answer = self._server.beside_the_api("/rerank", body)
        found = answer.get("results") if isinstance(answer, dict) else None
        return _in_order(found, "relevance_score", len(texts))

    def _as_text_embeddings_inference(self, question: str, texts: list[str]) -> npt.NDArray[np.float64]:
        body = {"query": question, "texts": texts, "truncate": True, "raw_scores": False}
        return _in_order(self._server.beside_the_api("/rerank", body), "score", len(texts))


def _in_order(rows: Any, name: str, count: int) -> npt.NDArray[np.float64]:
    """Scores by the places of their texts: servers send them best first."""
    try:
        scores = {row["index"]: row[name] for row in rows}
        return checked_relevance([scores[place] for place in range(count)], count=count)
    except (KeyError, TypeError):
        raise ModelUnavailable(_Reason.BROKEN_ANSWER) from None
