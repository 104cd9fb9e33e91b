"""What kbchat asks of models: the ports. Adapters stand beside this file and are named in composition alone.

Nothing here knows Django, HTTP or a model library; arrays are numpy's.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from kbchat.core.deadline import Deadline

Vector = npt.NDArray[np.float32]


class ModelUnavailable(Exception):
    """The model cannot be reached or refuses; `reason` is one of the causes, never the server's text."""

    class Reason(StrEnum):
        UNREACHABLE = "unreachable"
        REFUSED = "refused"
        BUSY = "busy"
        TIMED_OUT = "timed_out"
        BROKEN_STREAM = "broken_stream"
        BROKEN_ANSWER = "broken_answer"
        UNSUPPORTED = "unsupported"
        THOUGHT_TOO_LONG = "thought_too_long"

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """What makes two vectors comparable: equal identities, and nothing less."""

    model: str
    revision: str
    dimension: int
    query_prefix: str = ""
    document_prefix: str = ""
    normalised: bool = True


class Embedder(Protocol):
    @property
    def identity(self) -> EncoderIdentity: ...

    @property
    def window_tokens(self) -> int:
        """Most tokens of one text that the encoder reads, special tokens included."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by the encoder's own tokenizer, special tokens and document prefix included."""

    def embed_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of shape (len(texts), dimension), unit length when the identity says so.

        Raises ModelUnavailable; never returns NaN or another dimension."""

    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """As `embed_documents`, with the query prefix."""


class Reranker(Protocol):
    def relevance(self, question: str, passages: Sequence[str]) -> npt.NDArray[np.float64]:
        """How probable it is of each passage that it answers, above 0 and at most 1; shape (len(passages),). Blocking.

        Raises ModelUnavailable; never returns NaN."""


class EntailmentModel(Protocol):
    def entailment(self, premises: Sequence[str], claim: str) -> npt.NDArray[np.float64]:
        """How probable it is of each premise that it says what `claim` says, 0 to 1; shape (len(premises),). Blocking.

        Raises ModelUnavailable; never returns NaN."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: Literal["system", "user", "assistant"]
    content: str


Prompt = tuple[ChatMessage, ...]


@dataclass(frozen=True, slots=True)
class Sampling:
    """`max_tokens` is always sent: a server's default is no limit. `cache_salt`: what the server remembers of the
    prompt is used again for the same salt alone; "" shares it with nobody. `thinking_tokens`: how many more a model may
    think in before it answers, where it thinks; 0: it thinks within `max_tokens`."""

    max_tokens: int
    temperature: float = 0.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    cache_salt: str = ""
    thinking_tokens: int = 0


class FinishReason(StrEnum):
    STOP = "stop"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Usage:
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a stream. The last carries `finish_reason`; a stream that ends without one was broken. `is_thinking`:
    told once, where a model thinks before it answers; what it thinks is never told."""

    text: str = ""
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    is_thinking: bool = False


@dataclass(frozen=True, slots=True)
class LabelProbabilities:
    """`p` renormalised over the labels; `mass` their sum before: below .5 the model meant something else."""

    p: dict[str, float]
    mass: float


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the server was found able to do; never assumed."""

    model: str
    context_tokens: int
    label_probabilities: bool = False
    top_log_probabilities: int = 0
    prompt_log_probabilities: bool = False
    structured_outputs: bool = False
    cache_salts: bool = False
    counts_tokens: bool = False


class LanguageModel(Protocol):
    async def capabilities(self) -> Capabilities:
        """Discovered once and kept. Raises ModelUnavailable."""

    def stream(
        self, prompt: Prompt, sampling: Sampling, *, deadline: Deadline
    ) -> AsyncGenerator[Delta, None]:
        """Text as it is written; closing the generator closes the upstream request within a second.

        Raises ModelUnavailable: before the first delta when nothing came, later when the stream broke.
        """

    async def label_probabilities(
        self, prompt: Prompt, labels: Sequence[str], *, cache_salt: str = ""
    ) -> LabelProbabilities:
        """p(next token = label | prompt) from an unconstrained request; `cache_salt` as in Sampling. Raises
        ModelUnavailable."""

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """By the model's own tokenizer, without special tokens. Raises ModelUnavailable(UNSUPPORTED) where the server
        does not tell."""
