"""The calls that a model's server answers; `vllm serve --middleware allowed_calls.AllowedCalls` puts them in force.

vLLM has doors that stop the engine, load adapters or write without a key (`/pause`, `/v1/load_lora_adapter`,
`/invocations`). What does not stand in this list is told 404 and reaches nothing. Lives in vLLM's environment: nothing
beside the standard library.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

ASKED_BY_KBCHAT: Final = frozenset(
    {
        ("GET", "/v1/models"),
        ("POST", "/v1/chat/completions"),
        ("POST", "/v1/completions"),
        ("POST", "/v1/embeddings"),
        ("POST", "/rerank"),
        ("POST", "/tokenize"),
        ("POST", "/detokenize"),
    }
)
ASKED_BY_OPERATORS: Final = frozenset({("GET", "/health"), ("GET", "/metrics")})
ALLOWED: Final = ASKED_BY_KBCHAT | ASKED_BY_OPERATORS

_NOT_FOUND: Final = b'{"detail":"Not Found"}'
_HEAD: Final = {
    "status": 404,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_NOT_FOUND))],
}


class AllowedCalls:
    """ASGI around ASGI: methods and paths of ALLOWED pass untouched, letter by letter as they were sent; a websocket
    never does."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _is_allowed(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await _refuse(send, "http.response")
        elif "websocket.http.response" in (scope.get("extensions") or {}):
            await _refuse(send, "websocket.http.response")
        else:
            await send({"type": "websocket.close"})


def _is_allowed(scope: Message) -> bool:
    if scope["type"] != "http" or (scope["method"], scope["path"]) not in ALLOWED:
        return False
    # `path` is decoded: /%70ause reads as /pause there. A server that does not tell how it was sent is not trusted.
    return bool(scope.get("raw_path") == scope["path"].encode())


async def _refuse(send: Send, kind: str) -> None:
    await send({"type": f"{kind}.start", **_HEAD})
    await send({"type": f"{kind}.body", "body": _NOT_FOUND})
