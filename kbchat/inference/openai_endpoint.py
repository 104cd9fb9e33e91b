"""One OpenAI-compatible server over HTTP: the client, its time limits, and the two doors beside the API.

Knows the openai package; knows nothing of prompts. Environment proxies are ignored unless asked for: a
model on a private address must not be sought through a company's proxy.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import openai

from kbchat.core.deadline import Deadline
from kbchat.inference.openai_failures import ATTEMPTS, pause_before_retry, reason_of, server_root
from kbchat.inference.ports import ModelUnavailable

_T = TypeVar("_T")
_CONNECT_SECONDS: Final = 5.0


class OpenAIEndpoint:
    """`base_url` ends in the API's version (http://127.0.0.1:8000/v1). A busy server is asked `attempts` times. For use
    inside one event loop.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str = "",
        trust_env: bool = False,
        reply_seconds: float = 30.0,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._reply_seconds = reply_seconds
        self._attempts = attempts
        self.client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=api_key or "none",
            max_retries=0,
            # Reading has no limit here: a stream has its own, and other calls go through `reply`.
            timeout=openai.Timeout(None, connect=_CONNECT_SECONDS),
            http_client=openai.DefaultAsyncHttpxClient(trust_env=trust_env),
        )
        self._root = server_root(base_url)

    async def reply(self, call: Callable[[], Awaitable[_T]]) -> _T:
        """The answer of a call that does not stream, tried again while the server is busy. Raises
        ModelUnavailable.
        """
        limit = Deadline.after(self._reply_seconds)

        async def within_limit() -> _T:
            async with asyncio.timeout(limit.remaining_seconds):
                return await call()

        return await self.patiently(within_limit, limit)

    async def patiently(self, call: Callable[[], Awaitable[_T]], deadline: Deadline) -> _T:
        """The result of `call`, tried again where a busy server is worth it. Raises ModelUnavailable."""
        attempt = 1
        while True:
            try:
                return await call()
            except (openai.OpenAIError, TimeoutError, ValueError) as error:
                pause = pause_before_retry(error, attempt, deadline, self._attempts)
                if pause is None:
                    raise ModelUnavailable(reason_of(error)) from None
            await asyncio.sleep(pause)
            attempt += 1

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
