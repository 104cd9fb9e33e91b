"""The web process: HTTP through Django, websockets past it, and the model warmed up once it serves.

Importing this loads no model library.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, MutableMapping
from importlib import import_module
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kbchat.settings.base")
_django = get_asgi_application()

# Django's applications have to be set up before anything that imports a model.
from django.conf import settings  # noqa: E402
from django.db import DatabaseError, close_old_connections  # noqa: E402

from kbchat.composition import require_safe_servers  # noqa: E402
from kbchat.core.database_threads import in_database  # noqa: E402
from kbchat.settings.environment import SettingsError  # noqa: E402
from kbchat.web.authentication import credential_of, headers_of  # noqa: E402
from kbchat.web.body_limit import Application, BodyLimit  # noqa: E402
from kbchat.web.sso.saml.metadata import MetadataUnusable, require_usable  # noqa: E402
from kbchat.web.warming import warm_up  # noqa: E402
from kbchat.web.ws.origins import comes_from_us  # noqa: E402
from kbchat.web.ws.socket import Socket  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def _releasing(scope: Scope, receive: Receive, send: Send) -> None:
    """Django, whose connection goes back before its answer goes out: whoever reads slowly holds none."""

    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            # In the request's own thread, as all of its database work.
            await sync_to_async(close_old_connections)()
        await send(message)

    await cast("Application", _django)(scope, receive, sending)


_http = BodyLimit(_releasing)
SOCKET_PATH = "/ws/v1"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    match scope["type"]:
        case "http":
            await _http(scope, receive, send)
        case "websocket":
            await _websocket(scope, receive, send)
        case "lifespan":
            await _lifespan(receive, send)


async def _websocket(scope: Scope, receive: Receive, send: Send) -> None:
    headers = headers_of(scope)
    if scope["path"] != SOCKET_PATH or not comes_from_us(headers, settings.CSRF_TRUSTED_ORIGINS):
        # Closed before it is accepted: the handshake is answered with 403.
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    address = (scope.get("client") or ("",))[0]
    await Socket(credential_of(headers), address, receive, send).run()


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await in_database(require_safe_servers)
                await asyncio.to_thread(require_usable)
            except (SettingsError, DatabaseError, MetadataUnusable) as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            # Now rather than with the first request, which somebody waits for.
            await asyncio.to_thread(import_module, settings.ROOT_URLCONF)
            await send({"type": "lifespan.startup.complete"})
            warm_up()
        else:
            await send({"type": "lifespan.shutdown.complete"})
            return
