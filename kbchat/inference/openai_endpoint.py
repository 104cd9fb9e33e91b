"""One OpenAI-compatible server over HTTP: the client, its time limits, and the two doors beside the API.

Knows the openai package; knows nothing of prompts. Environment proxies are ignored unless asked for: a
model on a private address must not be sought through a company's proxy.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import openai

from kbchat.core.deadline import Deadline
from kbchat.inference.openai_failures import patiently, server_root

_T = TypeVar("_T")
_CONNECT_SECONDS: Final = 5.0


class OpenAIEndpoint:
    """`base_url` ends in the API's version (http://127.0.0.1:8000/v1). For use inside one event loop."""

    def __init__(
        self, base_url: str, *, api_key: str = "", trust_env: bool = False, reply_seconds: float = 30.0
    ) -> None:
        self._reply_seconds = reply_seconds
        self.client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=api_key or "none",
            max_retries=0,
            # Reading has no limit here: a stream has its own, and other calls go through `reply`.
            timeout=openai.Timeout(None, connect=_CONNECT_SECONDS),
            http_client=openai.DefaultAsyncHttpxClient(trust_env=trust_env),
        )
        self._root = server_root(base_url)

    async def reply(self, call: Callable[[], Awaitable[_T]], deadline: Deadline | None = None) -> _T:
        """The answer of a call that does not stream, tried again while the server is busy. Raises
        ModelUnavailable.
        """
        limit = (deadline or Deadline.after(self._reply_seconds)).within(self._reply_seconds)

        async def within_limit() -> _T:
            async with asyncio.timeout(limit.remaining_seconds):
                return await call()

        return await patiently(within_limit, limit, asyncio.sleep)

    async def beside_the_api(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST to a path at the server's root, where vLLM has /tokenize and /detokenize. Raises
        ModelUnavailable.
        """

        async def post() -> dict[str, Any]:
            answer = await self.client.post(f"{self._root}{path}", cast_to=object, body=body)
            if not isinstance(answer, dict):
                raise ValueError(path)  # noqa: TRY004
            return answer

        return await self.reply(post)

    async def close(self) -> None:
        await self.client.close()
