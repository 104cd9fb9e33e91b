"""Several servers of one model as one language model: the one with the fewest requests of ours is asked, one that fails
again and again is left alone, and what has not begun to come is asked of another.

What has begun is never asked again: a second answer would stand behind the first. Knows the port and no server.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TypeVar

from kbchat.core.deadline import Deadline
from kbchat.inference.model_servers import ModelServers, Search
from kbchat.inference.ports import (
    Capabilities,
    Delta,
    LabelProbabilities,
    LanguageModel,
    ModelUnavailable,
    Prompt,
    Sampling,
)

_T = TypeVar("_T")


class BalancedLanguageModel:
    """Implements LanguageModel over `models`, which serve the same one: what one of them can do, all can. For use
    inside one event loop; `close` when done (the models are their maker's to close)."""

    def __init__(self, models: Sequence[LanguageModel]) -> None:
        self._servers = ModelServers(models)
        self._capabilities: Capabilities | None = None

    async def close(self) -> None:
        await self._servers.close()

    async def capabilities(self) -> Capabilities:
        if self._capabilities is None:
            self._capabilities = await self._of_one(lambda model: model.capabilities())
        return self._capabilities

    async def stream(
        self, prompt: Prompt, sampling: Sampling, *, deadline: Deadline
    ) -> AsyncGenerator[Delta, None]:
        search, has_begun = Search(self._servers, deadline), False
        while True:
            server = await search.next()
            try:
                with server.used(deadline):
                    async with aclosing(server.model.stream(prompt, sampling, deadline=deadline)) as deltas:
                        async for delta in deltas:
                            has_begun = has_begun or bool(delta.text)
                            yield delta
            except ModelUnavailable as unavailable:
                if has_begun:
                    raise
                search.failed(server, unavailable)
            else:
                return

    async def label_probabilities(
        self, prompt: Prompt, labels: Sequence[str], *, cache_salt: str = ""
    ) -> LabelProbabilities:
        return await self._of_one(
            lambda model: model.label_probabilities(prompt, labels, cache_salt=cache_salt)
        )

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return await self._of_one(lambda model: model.count_tokens(texts))

    async def _of_one(self, call: Callable[[LanguageModel], Awaitable[_T]]) -> _T:
        search = Search(self._servers)
        while True:
            server = await search.next()
            try:
                with server.used():
                    return await call(server.model)
            except ModelUnavailable as unavailable:
                search.failed(server, unavailable)
