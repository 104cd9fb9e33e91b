"""One OpenAI-compatible server over HTTP for callers that block: the client, its time limits, the doors beside the API.

Environment proxies are ignored unless asked for: a model on a private address must not be sought through a company's
proxy.
"""

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import openai

from kbchat.core.deadline import Deadline
from kbchat.inference.openai_failures import pause_before_retry, reason_of, server_root
from kbchat.inference.ports import ModelUnavailable

_T = TypeVar("_T")
_CONNECT_SECONDS: Final = 5.0


class BlockingEndpoint:
    """`base_url` ends in the API's version (http://127.0.0.1:8000/v1). Threads may share it."""

    def __init__(
        self, base_url: str, *, api_key: str = "", reply_seconds: float = 60.0, trust_env: bool = False
    ) -> None:
        self._reply_seconds = reply_seconds
        self.client = openai.OpenAI(
            base_url=base_url,
            api_key=api_key or "none",
            max_retries=0,
            timeout=openai.Timeout(reply_seconds, connect=_CONNECT_SECONDS),
            http_client=openai.DefaultHttpxClient(trust_env=trust_env),
        )
        self._root = server_root(base_url)

    def reply(self, call: Callable[[], _T]) -> _T:
        """The answer of a call, tried again while the server is busy. Raises ModelUnavailable."""
        deadline = Deadline.after(self._reply_seconds)
        attempt = 1
        while True:
            try:
                return call()
            except (openai.OpenAIError, ValueError) as error:
                pause = pause_before_retry(error, attempt, deadline)
                if pause is None:
                    raise ModelUnavailable(reason_of(error)) from None
            time.sleep(pause)
            attempt += 1

    def beside_the_api(self, path: str, body: dict[str, Any]) -> Any:
        """POST to a path at the server's root, where vLLM has /tokenize and /rerank. Raises ModelUnavailable."""
        return self.reply(lambda: self.client.post(f"{self._root}{path}", cast_to=object, body=body))

    def close(self) -> None:
        self.client.close()
