"""A turn's language model with a meter on it: what it read and wrote, also where a turn ends before its model told.

Where the server tells its usage, that counts; elsewhere (a stream that was stopped or broke, a request without text)
the rule of `inference.rough_tokens`. Knows no database.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from kbchat.core.deadline import Deadline
from kbchat.inference.ports import (
    Capabilities,
    Delta,
    LabelProbabilities,
    LanguageModel,
    Prompt,
    Sampling,
    Usage,
)
from kbchat.inference.rough_tokens import rough_tokens


class MeteredModel:
    """Implements LanguageModel. `read` and `written` count tokens, of all of its calls."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.read = 0
        self.written = 0

    async def capabilities(self) -> Capabilities:
        return await self._model.capabilities()

    async def stream(
        self, prompt: Prompt, sampling: Sampling, *, deadline: Deadline
    ) -> AsyncGenerator[Delta, None]:
        text: list[str] = []
        told: Usage | None = None
        try:
            async with aclosing(self._model.stream(prompt, sampling, deadline=deadline)) as deltas:
                async for delta in deltas:
                    text.append(delta.text)
                    told = delta.usage or told
                    yield delta
        finally:
            # Also when nobody takes the rest: Stop closes the stream here.
            self.read += told.prompt_tokens if told else _tokens_of(prompt)
            self.written += told.completion_tokens if told else rough_tokens("".join(text))

    async def label_probabilities(
        self, prompt: Prompt, labels: Sequence[str], *, cache_salt: str = ""
    ) -> LabelProbabilities:
        self.read += _tokens_of(prompt)
        self.written += 1
        return await self._model.label_probabilities(prompt, labels, cache_salt=cache_salt)

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return await self._model.count_tokens(texts)


def _tokens_of(prompt: Prompt) -> int:
    return sum(rough_tokens(message.content) for message in prompt)
