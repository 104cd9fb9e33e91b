"""Models without a model: deterministic, in this process, shipped for tests and for trying the program out.

They obey the ports' contracts to the letter (tests/contracts), so what works with them works with a server,
and their numbers mean something: vectors of texts that share words are near each other.
"""

import asyncio
import hashlib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from kbchat.core.deadline import Deadline
from kbchat.inference.ports import (
    Capabilities,
    Delta,
    EncoderIdentity,
    FinishReason,
    LabelProbabilities,
    ModelUnavailable,
    Prompt,
    Sampling,
    Usage,
)
from kbchat.inference.relevance import checked_relevance

# A "token" of both: a Latin word, a single other character, blanks with what they precede.
_TOKEN = re.compile(r"\s*(?:[A-Za-z0-9]+|[^\sA-Za-z0-9]|$)")
_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+|[^\W\d_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SPECIAL_TOKENS: Final = 2


class HashEmbedder:
    """Feature hashing (Weinberger et al. 2009) of words, Han characters and Han pairs into a signed unit
    vector.
    """

    def __init__(self, *, dimension: int = 256, window_tokens: int = 256) -> None:
        self._identity = EncoderIdentity(model="hashed-words", revision="1", dimension=dimension)
        self._window_tokens = window_tokens

    @property
    def identity(self) -> EncoderIdentity:
        return self._identity

    @property
    def window_tokens(self) -> int:
        return self._window_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_tokens(text)) + _SPECIAL_TOKENS for text in texts]

    def embed_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        vectors = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            # What no encoder reads of a long text has no part in the vector of this one either.
            read = "".join(_tokens(text)[: self._window_tokens - _SPECIAL_TOKENS])
            for word, count in Counter(_words(read)).items():
                place, sign = self._place(word)
                row[place] += sign * math.sqrt(count)
            length = float(np.linalg.norm(row))
            if length == 0.0:
                row[0] = length = 1.0
            row /= length
        return vectors

    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return self.embed_documents(texts)

    def _place(self, word: str) -> tuple[int, int]:
        number = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
        return (number >> 1) % self._identity.dimension, 1 if number & 1 else -1


class WordReranker:
    """The share of the question's words, Han characters and pairs that stand in the passage."""

    def relevance(self, question: str, passages: Sequence[str]) -> npt.NDArray[np.float64]:
        asked = set(_words(question))
        shares = [len(asked & set(_words(passage))) / max(len(asked), 1) for passage in passages]
        return checked_relevance(shares, count=len(passages))


class WordEntailment:
    """The share of the claim's words, Han characters and pairs that stand in the premise."""

    def entailment(self, premises: Sequence[str], claim: str) -> npt.NDArray[np.float64]:
        return WordReranker().relevance(claim, premises)


@dataclass(slots=True)
class ScriptedCall:
    """One call as a test sees it. `closed`: the caller left before the end, after `text` was written."""

    kind: Literal["stream", "label_probabilities"]
    prompt: Prompt
    sampling: Sampling | None = None
    text: str = ""
    cache_salt: str = ""
    finished: bool = False
    closed: bool = False


Replies = str | Sequence[str] | Callable[[Prompt], str]
LabelRule = Callable[[Prompt, Sequence[str]], Mapping[str, float]]


class ScriptedLanguageModel:
    """Says what it was told to say and remembers what it was asked.

    `replies`: one text for every stream, texts for one stream after another (the last repeats), or a rule
    over the prompt. `label_rule` gives probabilities before renormalisation; without it all labels share a
    mass of .9. With `failure` every call raises that reason, a stream after `failure_after` pieces.
    """

    def __init__(
        self,
        replies: Replies = "OK.",
        *,
        label_rule: LabelRule | None = None,
        seconds_per_piece: float = 0.0,
        failure: ModelUnavailable.Reason | None = None,
        failure_after: int = 0,
        capabilities: Capabilities | None = None,
    ) -> None:
        self.calls: list[ScriptedCall] = []
        self._replies = replies
        self._label_rule = label_rule
        self._seconds_per_piece = seconds_per_piece
        self._failure = failure
        self._failure_after = failure_after
        self._streams = 0
        self._capabilities = capabilities or Capabilities(
            model="scripted",
            context_tokens=8192,
            label_probabilities=True,
            top_log_probabilities=20,
            prompt_log_probabilities=True,
        )

    @property
    def prompts(self) -> list[Prompt]:
        """Every prompt in the order of the calls."""
        return [call.prompt for call in self.calls]

    async def capabilities(self) -> Capabilities:
        self._fail_at(0)
        return self._capabilities

    async def stream(
        self, prompt: Prompt, sampling: Sampling, *, deadline: Deadline
    ) -> AsyncGenerator[Delta, None]:
        call = ScriptedCall("stream", prompt, sampling, cache_salt=sampling.cache_salt)
        self.calls.append(call)
        pieces, reason = _cut(self._reply(prompt), sampling)
        try:
            for number, piece in enumerate(pieces):
                self._fail_at(number)
                await self._wait(deadline)
                call.text += piece
                yield Delta(text=piece)
            self._fail_at(len(pieces))
            call.finished = True
            usage = Usage(prompt_tokens=_prompt_tokens(prompt), completion_tokens=len(pieces))
            yield Delta(finish_reason=reason, usage=usage)
        except (GeneratorExit, asyncio.CancelledError):
            call.closed = not call.finished
            raise

    async def label_probabilities(
        self, prompt: Prompt, labels: Sequence[str], *, cache_salt: str = ""
    ) -> LabelProbabilities:
        is_finished = self._failure is None
        self.calls.append(
            ScriptedCall("label_probabilities", prompt, cache_salt=cache_salt, finished=is_finished)
        )
        self._fail_at(0)
        rule = self._label_rule or _equal_labels
        given = {label: float(rule(prompt, labels).get(label, 0.0)) for label in labels}
        mass = sum(given.values())
        share = {label: value / mass if mass else 1 / len(labels) for label, value in given.items()}
        return LabelProbabilities(p=share, mass=mass)

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        self._fail_at(0)
        return [len(_tokens(text)) for text in texts]

    def _fail_at(self, pieces: int) -> None:
        if self._failure is not None and pieces >= self._failure_after:
            raise ModelUnavailable(self._failure)

    def _reply(self, prompt: Prompt) -> str:
        if callable(self._replies):
            return self._replies(prompt)
        if isinstance(self._replies, str):
            return self._replies
        self._streams += 1
        return self._replies[min(self._streams, len(self._replies)) - 1]

    async def _wait(self, deadline: Deadline) -> None:
        await asyncio.sleep(min(self._seconds_per_piece, max(deadline.remaining_seconds, 0)))
        if deadline.has_passed:
            raise ModelUnavailable(ModelUnavailable.Reason.TIMED_OUT)


def _equal_labels(_: Prompt, labels: Sequence[str]) -> Mapping[str, float]:
    return dict.fromkeys(labels, 0.9 / len(labels))


def _cut(text: str, sampling: Sampling) -> tuple[list[str], FinishReason]:
    """Pieces that together are the reply, up to a stop text and the token limit."""
    ends = [place for stop in sampling.stop if stop and (place := text.find(stop)) >= 0]
    pieces = _tokens(text[: min(ends)] if ends else text)
    if len(pieces) > sampling.max_tokens:
        return pieces[: sampling.max_tokens], FinishReason.LENGTH
    return pieces, FinishReason.STOP


def _prompt_tokens(prompt: Prompt) -> int:
    return sum(len(_tokens(message.content)) + _SPECIAL_TOKENS for message in prompt)


def _tokens(text: str) -> list[str]:
    return [token for token in _TOKEN.findall(text) if token]


def _words(text: str) -> list[str]:
    words: list[str] = []
    for run in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        if _HAN.match(run):
            words += [*run, *(run[i : i + 2] for i in range(len(run) - 1))]
        else:
            words.append(run.removesuffix("s") if len(run) > 3 else run)
    return words
