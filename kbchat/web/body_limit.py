"""How much a request may send, said before it is read: uploads as much as is set, everything else little (T47).

Only whoever is signed in may send much. What is too much is thrown away as it comes; it never stands in memory.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any

from django.conf import settings

from kbchat.core.database_threads import in_database
from kbchat.core.disk import is_full
from kbchat.core.errors import Invalid, KbchatError, NotAllowed, Unavailable
from kbchat.core.limits import Limit, reached
from kbchat.core.viewer import KeyScope
from kbchat.sentences import ENGLISH
from kbchat.web.authentication import credential_of, headers_of, viewer_of_credential
from kbchat.web.language import asked_language
from kbchat.web.problems import SignedOut, problem_of, status_of

_UPLOADS = re.compile(r"/api/v1/(collections/[^/]+/documents|documents/[^/]+/versions)")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Refusal = Callable[[], KbchatError]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


class _TooMuch(Exception):
    pass


class BodyLimit:
    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        declared = int(headers["Content-Length"]) if headers.get("Content-Length", "").isdecimal() else None
        limits = settings.LIMITS
        most = limits.most_body_bytes
        refusal: Refusal = partial(_too_large, Limit.BODY_BYTES, "request_too_large", most)
        is_small = declared is not None and declared <= most
        if is_small or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._counted(scope, receive, send, most, refusal)
            return
        if scope["method"] == "POST" and _UPLOADS.fullmatch(scope["path"]):
            viewer = await in_database(viewer_of_credential, credential_of(headers))
            if viewer is None or not viewer.is_for(KeyScope.WRITE_LIBRARY):
                await _refuse(send, headers, NotAllowed("key_lacks_scope") if viewer else SignedOut())
                return
            most += limits.most_bytes_at_once
            refusal = partial(_too_large, Limit.UPLOAD_BYTES, "too_large", limits.upload_max_bytes)
        if declared is not None and declared > most:
            # A browser that still sends when it is refused sees a broken connection and not the reason.
            if declared <= 2 * most:
                await _throw_away(receive)
            await _refuse(send, headers, refusal())
            return
        await self._counted(scope, receive, send, most, refusal)

    async def _counted(
        self, scope: MutableMapping[str, Any], receive: Receive, send: Send, most: int, refusal: Refusal
    ) -> None:
        """The application, cut off where it has read more than `most` bytes."""
        read = 0

        async def counting() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise _TooMuch
            return message

        try:
            await self._application(scope, counting, send)
        except _TooMuch:
            await _refuse(send, headers_of(scope), refusal())
        except OSError as error:
            # A body is laid aside before anything looks at it.
            if not is_full(error):
                raise
            await _refuse(send, headers_of(scope), Unavailable("storage_full"))


def _too_large(limit: Limit, code: str, most: int) -> Invalid:
    return reached(limit, Invalid(code, limit_bytes=most))


async def _throw_away(receive: Receive) -> None:
    while (await receive()).get("more_body", False):
        pass


async def _refuse(send: Send, headers: dict[str, str], error: KbchatError) -> None:
    language = asked_language(headers.get("Accept-Language", "")) or ENGLISH
    body = problem_of(error, language).model_dump_json().encode()
    fields = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status_of(error), "headers": fields})
    await send({"type": "http.response.body", "body": body})
