"""A chat completion while it is written: chunks of a server made into deltas, with a limit on every silence.

What comes over the wire is not trusted: a chunk of an unexpected shape, an error inside a stream that began
well and an end without a reason all mean that the stream is broken.
"""

import asyncio
from typing import Final

import openai
from openai.types.chat import ChatCompletionChunk

from kbchat.core.deadline import Deadline
from kbchat.inference.ports import Delta, FinishReason, ModelUnavailable, Usage
from kbchat.inference.rough_tokens import share_of_tokens
from kbchat.inference.thinking_filter import ThinkingFilter

_Reason = ModelUnavailable.Reason
_FINISHES: Final = {"stop": FinishReason.STOP, "length": FinishReason.LENGTH}
# The text is complete once the reason came; the usage behind it is worth a short wait.
_USAGE_SECONDS: Final = 2.0


class CompletionStream:
    """Reads one streamed response. `next` until None; `close` in any case, at any time, at once."""

    def __init__(
        self,
        response: openai.AsyncStream[ChatCompletionChunk],
        *,
        first_token: Deadline,
        between_tokens_seconds: float,
        deadline: Deadline,
        thinking_tokens: int = 0,
        thought_is_opened: bool = False,
    ) -> None:
        """`thought_is_opened`: by the chat template, in the prompt."""
        self._response = response
        self._first_token = first_token
        self._between_tokens_seconds = between_tokens_seconds
        self._deadline = deadline
        self._thinking = ThinkingFilter(is_opened=thought_is_opened)
        self._thinking_tokens = thinking_tokens
        self._thought_tokens = 0.0
        self._thinking_was_told = False
        self._tokens_came = False
        self._finish: FinishReason | None = None
        self._usage: Usage | None = None
        self._ended = False

    async def next(self) -> Delta | None:
        """The next delta, the one with the finish reason last. Raises ModelUnavailable."""
        while not self._ended:
            chunk = await self._chunk()
            if chunk is None:
                self._ended = True
                if self._finish is None:
                    raise ModelUnavailable(_Reason.BROKEN_STREAM)
                return Delta(self._thinking.finish(), self._finish, self._usage)
            if text := self._text(chunk):
                return Delta(text)
            if self._thought_tokens and not self._thinking_was_told:
                self._thinking_was_told = True
                return Delta(is_thinking=True)
        return None

    async def close(self) -> None:
        self._ended = True
        await self._response.close()

    async def _chunk(self) -> ChatCompletionChunk | None:
        """The next chunk, None at the end of the response."""
        try:
            async with asyncio.timeout(self._patience().remaining_seconds):
                chunk = await anext(self._response)
        except StopAsyncIteration:
            return None
        except TimeoutError:
            if self._finish is not None:
                return None
            raise ModelUnavailable(_Reason.TIMED_OUT) from None
        except (openai.OpenAIError, ValueError, TypeError, AttributeError):
            # The last two: JSON that is no object, which the package hands through its models unchecked.
            if self._finish is not None:
                return None
            raise ModelUnavailable(_Reason.BROKEN_STREAM) from None
        if not isinstance(chunk, ChatCompletionChunk):
            raise ModelUnavailable(_Reason.BROKEN_STREAM)
        return chunk

    def _patience(self) -> Deadline:
        if self._finish is not None:
            return self._deadline.within(_USAGE_SECONDS)
        if self._tokens_came:
            return self._deadline.within(self._between_tokens_seconds)
        return Deadline(min(self._first_token.at, self._deadline.at))

    def _text(self, chunk: ChatCompletionChunk) -> str:
        """The chunk's part of the answer. Raises ModelUnavailable where the thought before it is too long."""
        written = self._read(chunk)
        text = self._thinking.feed(written)
        if self._thinking.is_thinking:
            self._thought_tokens += share_of_tokens(written)
        if self._thinking_tokens and self._thought_tokens > self._thinking_tokens:
            raise ModelUnavailable(_Reason.THOUGHT_TOO_LONG)
        return text

    def _read(self, chunk: ChatCompletionChunk) -> str:
        """The chunk's text; keeps its usage and reason. Reasoning is counted, is a sign of life, and is nothing
        else.
        """
        if chunk.usage is not None:
            self._usage = Usage(chunk.usage.prompt_tokens or 0, chunk.usage.completion_tokens or 0)
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        text = getattr(choice.delta, "content", None) or ""
        if not isinstance(text, str):
            raise ModelUnavailable(_Reason.BROKEN_STREAM)
        reasoning = getattr(choice.delta, "reasoning_content", None) or getattr(
            choice.delta, "reasoning", None
        )
        if isinstance(reasoning, str):
            self._thought_tokens += share_of_tokens(reasoning)
            self._thinking.separated()
        self._tokens_came = self._tokens_came or bool(text or reasoning)
        if choice.finish_reason is not None:
            self._finish = _finish(choice.finish_reason)
        return text


def _finish(reason: str) -> FinishReason:
    if reason == "content_filter":
        raise ModelUnavailable(_Reason.REFUSED)
    if reason not in _FINISHES:
        raise ModelUnavailable(_Reason.BROKEN_STREAM)
    return _FINISHES[reason]
