"""An encoder behind an OpenAI-compatible embeddings endpoint (vLLM, Text Embeddings Inference, Ollama and
others).

Blocking, as the port is. What the server answers is checked before anybody stores it.
"""

import threading
from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from kbchat.inference.blocking_endpoint import BlockingEndpoint
from kbchat.inference.encodable import encodable
from kbchat.inference.ports import EncoderIdentity, ModelUnavailable
from kbchat.inference.vectors import checked

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_Reason = ModelUnavailable.Reason
_WINDOW_WHEN_UNTOLD: Final = 512
# A question longer than the window is cut in steps until it fits; answering it in part beats not at all.
_CUT: Final = 0.9


class ServedEmbedder:
    """`base_url` ends in the API's version (http://127.0.0.1:8001/v1).

    `revision` names the weights, which the server does not tell: whoever changes them behind the same name
    changes it too. `tokenizer_file` is the model's tokenizer.json; without it tokens are counted by the
    server's /tokenize (vLLM), and a server without that cannot be used for documents. `window_tokens` and
    `dimension` are asked of the server where they are not given; a `dimension` that is given must be what
    comes.
    """

    def __init__(
        self,
        base_url: str,
        *,
        model: str,
        revision: str = "unnamed",
        api_key: str = "",
        dimension: int | None = None,
        window_tokens: int | None = None,
        query_prefix: str = "",
        document_prefix: str = "",
        tokenizer_file: Path | None = None,
        batch_size: int = 64,
        reply_seconds: float = 60.0,
        trust_env: bool = False,
    ) -> None:
        self._model = model
        self._revision = revision
        self._dimension = dimension
        self._window = window_tokens
        self._query_prefix = query_prefix
        self._document_prefix = document_prefix
        self._tokenizer_file = tokenizer_file
        self._batch_size = batch_size
        self._asking = threading.RLock()
        self._server = BlockingEndpoint(
            base_url, api_key=api_key, reply_seconds=reply_seconds, trust_env=trust_env
        )

    def close(self) -> None:
        self._server.close()

    @property
    def identity(self) -> EncoderIdentity:
        """Asks the server for one vector where no dimension was given. Raises ModelUnavailable."""
        with self._asking:
            return self._identity

    @property
    def window_tokens(self) -> int:
        with self._asking:
            return self._window_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Raises ModelUnavailable(UNSUPPORTED) with neither a tokenizer file nor /tokenize."""
        return self._count([encodable(self._document_prefix + text) for text in texts])

    def embed_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return self._embed([encodable(self._document_prefix + text) for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Questions longer than the window are cut to it."""
        return self._embed([self._fitting(encodable(self._query_prefix + text)) for text in texts])

    def _embed(self, texts: list[str]) -> npt.NDArray[np.float32]:
        identity = self.identity
        vectors = np.empty((len(texts), identity.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            rows = self._vectors([texts[index] for index in batch])
            vectors[batch] = checked(_unit(rows, identity), count=len(batch), identity=identity)
        return vectors

    def _vectors(self, texts: list[str]) -> list[list[float]]:
        create = self._server.client.embeddings.create
        answer: Any = self._server.reply(
            partial(create, model=self._model, input=texts, encoding_format="float")
        )
        try:
            entries = sorted(answer.data, key=lambda entry: entry.index)
            if [entry.index for entry in entries] == list(range(len(texts))):
                return [entry.embedding for entry in entries]
        except (AttributeError, TypeError):
            pass
        raise ModelUnavailable(_Reason.BROKEN_ANSWER)

    def _count(self, texts: list[str]) -> list[int]:
        if self._tokenizer is not None:
            return [len(encoding.ids) for encoding in self._tokenizer.encode_batch(texts)]
        return [self._count_served(text) for text in texts]

    def _count_served(self, text: str) -> int:
        body = {"model": self._model, "prompt": text, "add_special_tokens": True}
        try:
            answer = self._server.beside_the_api("/tokenize", body)
        except ModelUnavailable as unavailable:
            if unavailable.reason in {_Reason.REFUSED, _Reason.BROKEN_ANSWER}:
                raise ModelUnavailable(_Reason.UNSUPPORTED) from None
            raise
        count = answer.get("count") if isinstance(answer, dict) else None
        if not isinstance(count, int):
            raise ModelUnavailable(_Reason.UNSUPPORTED)
        return count

    def _fitting(self, text: str) -> str:
        """`text` or as much of its beginning as the window holds."""
        # No tokenizer makes more tokens than bytes, leaving room for the special ones.
        while text and len(text.encode()) + 8 > self.window_tokens:
            try:
                count = self._count([text])[0]
            except ModelUnavailable as unavailable:
                if unavailable.reason is _Reason.UNSUPPORTED:
                    return text
                raise
            if count <= self.window_tokens:
                return text
            text = text[: int(len(text) * min(_CUT, self.window_tokens / count))]
        return text

    @cached_property
    def _identity(self) -> EncoderIdentity:
        dimension = self._dimension or len(self._vectors(["dimension"])[0])
        return EncoderIdentity(
            model=self._model,
            revision=self._revision,
            dimension=dimension,
            query_prefix=self._query_prefix,
            document_prefix=self._document_prefix,
        )

    @cached_property
    def _window_tokens(self) -> int:
        if self._window:
            return self._window
        try:
            listed = self._server.reply(self._server.client.models.list).data
        except ModelUnavailable as unavailable:
            if unavailable.reason is not _Reason.REFUSED:
                raise
            return _WINDOW_WHEN_UNTOLD
        lengths = [getattr(model, "max_model_len", None) for model in listed if model.id == self._model]
        return next((length for length in lengths if isinstance(length, int)), _WINDOW_WHEN_UNTOLD)

    @cached_property
    def _tokenizer(self) -> "Tokenizer | None":
        if self._tokenizer_file is None:
            return None
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer


def _unit(rows: list[list[float]], identity: EncoderIdentity) -> npt.NDArray[np.float32]:
    """Rows at unit length: some servers leave that to the caller. Rows of no length stay, and are refused."""
    try:
        array = np.asarray(rows, dtype=np.float32)
    except (TypeError, ValueError):
        raise ModelUnavailable(_Reason.BROKEN_ANSWER) from None
    if array.ndim != 2 or array.shape[1] != identity.dimension:
        raise ModelUnavailable(_Reason.BROKEN_ANSWER)
    lengths = np.linalg.norm(array, axis=1, keepdims=True)
    lengths[lengths == 0] = 1.0
    unit: npt.NDArray[np.float32] = array / lengths
    return unit
