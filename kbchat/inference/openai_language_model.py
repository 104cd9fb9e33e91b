"""A language model behind an OpenAI-compatible server: vLLM in production, llama.cpp, Ollama and others as
well.

Log-probabilities of labels are read from unconstrained requests: a server that constrains renormalises over
what it allows, and a label nobody would have said comes back as likely.
"""

import asyncio
import math
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final

from openai.types.chat import ChatCompletionMessageParam

from kbchat.core.deadline import Deadline
from kbchat.inference.encodable import encodable
from kbchat.inference.openai_capabilities import discover, unless_refused
from kbchat.inference.openai_endpoint import OpenAIEndpoint
from kbchat.inference.openai_failures import ATTEMPTS
from kbchat.inference.openai_stream import CompletionStream
from kbchat.inference.openai_tokens import ServedTokens
from kbchat.inference.ports import (
    Capabilities,
    Delta,
    LabelProbabilities,
    ModelUnavailable,
    Prompt,
    Sampling,
)

_Reason = ModelUnavailable.Reason
_REQUESTS_AT_ONCE: Final = 8


class OpenAILanguageModel:
    """`model` "" means the first one served. For use inside one event loop; `close` when done.

    `first_token_seconds` and `between_tokens_seconds` bound every silence of a stream, `reply_seconds`
    every other request; a turn's deadline bounds them all. `extra_body` goes with every request
    (chat_template_kwargs). `context_tokens` is for servers that do not tell theirs. A busy server is asked
    `attempts` times.
    """

    def __init__(
        self,
        base_url: str,
        *,
        model: str = "",
        api_key: str = "",
        first_token_seconds: float = 60.0,
        between_tokens_seconds: float = 20.0,
        reply_seconds: float = 30.0,
        context_tokens: int | None = None,
        extra_body: Mapping[str, Any] | None = None,
        trust_env: bool = False,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._endpoint = OpenAIEndpoint(
            base_url, api_key=api_key, trust_env=trust_env, reply_seconds=reply_seconds, attempts=attempts
        )
        self._model = model
        self._first_token_seconds = first_token_seconds
        self._between_tokens_seconds = between_tokens_seconds
        self._context_tokens = context_tokens
        self._extra_body = dict(extra_body or {})
        self._discovering = asyncio.Lock()
        self._capabilities: Capabilities | None = None
        self._tokens: ServedTokens | None = None
        self._opens_thoughts = False

    async def close(self) -> None:
        await self._endpoint.close()

    async def capabilities(self) -> Capabilities:
        async with self._discovering:
            if self._capabilities is None:
                found = await discover(
                    self._endpoint,
                    model=self._model,
                    context_tokens=self._context_tokens,
                    extra_body=self._extra_body,
                )
                self._model = found.model
                if found.counts_tokens:
                    self._tokens = ServedTokens(self._endpoint, self._model, self._extra_body)
                    self._opens_thoughts = bool(await unless_refused(self._tokens.open_a_thought))
                self._capabilities = found
            return self._capabilities

    async def stream(
        self, prompt: Prompt, sampling: Sampling, *, deadline: Deadline
    ) -> AsyncGenerator[Delta, None]:
        reading = await self._open(prompt, sampling, deadline)
        try:
            while (delta := await reading.next()) is not None:
                yield delta
        finally:
            await reading.close()

    async def label_probabilities(
        self, prompt: Prompt, labels: Sequence[str], *, cache_salt: str = ""
    ) -> LabelProbabilities:
        """Tokens that differ from a label in case or blanks count for it.

        Raises ModelUnavailable(UNSUPPORTED) where the server gives no log-probabilities or a label is not
        one token.
        """
        wanted = {_plain(label): label for label in labels}
        if len(wanted) != len(labels):
            raise ValueError(f"labels that cannot be told apart: {labels}")
        able = await self.capabilities()
        if not able.label_probabilities:
            raise ModelUnavailable(_Reason.UNSUPPORTED)
        if (tokens := self._tokens) and not all([await tokens.is_single(label) for label in labels]):
            raise ModelUnavailable(_Reason.UNSUPPORTED)
        given = dict.fromkeys(labels, 0.0)
        for token, log_probability in await self._next_tokens(
            prompt, able.top_log_probabilities, self._salted(cache_salt)
        ):
            if label := wanted.get(_plain(token)):
                given[label] += math.exp(log_probability)
        mass = sum(given.values())
        return LabelProbabilities(
            p={label: p / mass if mass else 1 / len(labels) for label, p in given.items()},
            mass=min(mass, 1.0),
        )

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        await self.capabilities()
        tokens = self._tokens
        if tokens is None:
            raise ModelUnavailable(_Reason.UNSUPPORTED)
        at_once = asyncio.Semaphore(_REQUESTS_AT_ONCE)

        async def one(text: str) -> int:
            async with at_once:
                return len(await tokens.of_text(encodable(text)))

        return list(await asyncio.gather(*map(one, texts)))

    async def _next_tokens(
        self, prompt: Prompt, k: int, more: Mapping[str, object]
    ) -> list[tuple[str, float]]:
        """The top k of the next token: texts with log-probabilities, likeliest first.

        Sorted here: vLLM puts the token that it drew in front, as one more where it is not among the top k.
        """
        answer: Any = await self._endpoint.reply(
            lambda: self._endpoint.client.chat.completions.create(
                model=self._model,
                messages=_messages(prompt),
                max_tokens=1,
                temperature=0.0,
                logprobs=True,
                top_logprobs=k,
                extra_body={**self._extra_body, **more},
            )
        )
        try:
            listed = answer.choices[0].logprobs.content[0].top_logprobs
            top = [(str(entry.token), float(entry.logprob)) for entry in listed]
        except (AttributeError, IndexError, TypeError, ValueError):
            raise ModelUnavailable(_Reason.BROKEN_ANSWER) from None
        return sorted(top, key=lambda entry: -entry[1])[:k]

    async def _open(self, prompt: Prompt, sampling: Sampling, deadline: Deadline) -> CompletionStream:
        """A response whose headers came. Nothing was written before, so a busy server may be asked again."""
        if not self._model or sampling.cache_salt or sampling.thinking_tokens:
            await self.capabilities()
        first_token = deadline.within(self._first_token_seconds)
        body: dict[str, Any] = {
            "max_tokens": sampling.max_tokens + sampling.thinking_tokens,
            "temperature": sampling.temperature,
        }
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        if sampling.stop:
            body["stop"] = list(sampling.stop)

        async def create() -> Any:
            async with asyncio.timeout(first_token.remaining_seconds):
                return await self._endpoint.client.chat.completions.create(
                    model=self._model,
                    messages=_messages(prompt),
                    stream=True,
                    stream_options={"include_usage": True},
                    extra_body=self._extra_body | self._salted(sampling.cache_salt),
                    **body,
                )

        return CompletionStream(
            await self._endpoint.patiently(create, first_token),
            first_token=first_token,
            between_tokens_seconds=self._between_tokens_seconds,
            deadline=deadline,
            thinking_tokens=sampling.thinking_tokens,
            thought_is_opened=self._opens_thoughts,
        )

    def _salted(self, salt: str) -> dict[str, object]:
        """What makes vLLM keep prompts apart: without it, the time of an answer tells everybody what others asked."""
        if self._capabilities is None or not self._capabilities.cache_salts:
            return {}
        return {"cache_salt": salt or secrets.token_hex(16)}


def _messages(prompt: Prompt) -> list[ChatCompletionMessageParam]:
    messages: list[Any] = [
        {"role": message.role, "content": encodable(message.content)} for message in prompt
    ]
    return messages


def _plain(token: str) -> str:
    return token.strip().casefold()
