"""What deploy/vllm/start.sh needs of the command `vllm`, for tests of what stands before a server: `serve` puts the
middleware around an app as vLLM does, and the app answers everything and writes down what reached it.

    python vllm_stand_in.py serve MODEL --port PORT --middleware MODULE.CLASS

A line of JSON on standard output for each: what it was started with, then type, method and path of what came.
"""

import argparse
import importlib
import json
import os
import sys
from typing import Any

import uvicorn

_SWITCHES = ("VLLM_USE_RUST_FRONTEND", "VLLM_DEBUG_LOG_API_SERVER_RESPONSE")


def tell(content: object) -> None:
    print(json.dumps(content), flush=True)  # noqa: T201


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        assert (await receive())["type"] == "lifespan.startup"
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    body, more = b"", scope["type"] == "http"
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    tell([scope["type"], scope.get("method", ""), scope["path"], body.decode()])
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for piece in (b"one ", b"two"):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("model")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int)
    parser.add_argument("--middleware", action="append", default=[])
    parser.add_argument("--enable-log-requests", action=argparse.BooleanOptionalAction, default=False)
    options, _ = parser.parse_known_args()
    guarded = app
    for name in options.middleware:
        module, _, its_class = name.rpartition(".")
        guarded = getattr(importlib.import_module(module), its_class)(guarded)
    tell({"logs": options.enable_log_requests, **{name: os.environ.get(name) for name in _SWITCHES}})
    uvicorn.run(guarded, host=options.host, port=options.port, lifespan="on", log_config=None)


if __name__ == "__main__":
    # As an installed command finds its modules: not beside its own file.
    sys.path.pop(0)
    main()
