"""Sending an original file: always as an attachment, never to be shown or run in the page's origin (T52)."""

import re
import unicodedata
from collections.abc import AsyncIterator
from typing import IO, TypeVar, cast

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from kbchat.chat.sources import OriginalFile
from kbchat.core.errors import Invalid, Unavailable
from kbchat.documents.storage import open_blob
from kbchat.web.language import reader_language
from kbchat.web.problems import problem_of, status_of

Response = TypeVar("Response", bound=HttpResponseBase)
_PIECE_BYTES = 256 * 1024
_HARMLESS_TYPES = frozenset(
    {
        *("image/png", "image/jpeg", "image/webp", "image/bmp", "image/gif"),
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "text/markdown",
        "text/plain",
    }
)
_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


def attachment(request: HttpRequest, original: OriginalFile) -> HttpResponseBase:
    """The whole file, one range of it (206), or 416. Raises Unavailable("blob_missing")."""
    span = asked_range(request, original.size)
    if span is None:
        return _range_outside(request, original.size)
    start, end = span
    is_part = (start, end) != (0, original.size)
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(status=206 if is_part else 200)
    else:
        response = StreamingHttpResponse(
            _Pieces(_opened(original), start, end), status=206 if is_part else 200
        )
    response["Content-Length"] = str(end - start)
    if is_part:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{original.size}"
    return _sandboxed(response, original)


def picture(png: bytes) -> HttpResponse:
    """Made by a parsing child of a stranger's file, and so no more trusted than that."""
    return _boxed(HttpResponse(png, content_type="image/png"))


def asked_range(request: HttpRequest, size: int) -> tuple[int, int] | None:
    """Half open; the whole where no single range is asked for, None where the range cannot be satisfied.

    If-Range names a validator, and none is ever given out: then the whole is the right answer.
    """
    asked = _ONE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    if asked is None or "If-Range" in request.headers or not any(asked.groups()):
        return 0, size
    first, last = asked.groups()
    if not first:
        length = min(int(last[:20]), size)
        return (size - length, size) if length else None
    start = int(first[:20])
    end = min(int(last[:20]) + 1, size) if last else size
    if last and int(last[:20]) < start:
        return 0, size
    return (start, end) if start < size else None


def _range_outside(request: HttpRequest, size: int) -> HttpResponse:
    error = Invalid("range_outside", size=size)
    told = problem_of(error, reader_language(request))
    response = HttpResponse(
        told.model_dump_json(), status=status_of(error), content_type="application/json; charset=utf-8"
    )
    response["Content-Range"] = f"bytes */{size}"
    response["Accept-Ranges"] = "bytes"
    return _boxed(response)


class _Pieces:
    """The bytes of `file` from `start` to `end`, read in threads; the response closes it."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file, self._start, self._end = file, start, end

    async def __aiter__(self) -> AsyncIterator[bytes]:
        await sync_to_async(self._file.seek, thread_sensitive=False)(self._start)
        left = self._end - self._start
        while left > 0:
            piece = await sync_to_async(self._file.read, thread_sensitive=False)(min(left, _PIECE_BYTES))
            if not piece:
                return
            left -= len(piece)
            yield piece

    def close(self) -> None:
        self._file.close()


def _opened(original: OriginalFile) -> IO[bytes]:
    try:
        return cast("IO[bytes]", open_blob(original.blob))
    except FileNotFoundError as error:
        raise Unavailable("blob_missing") from error


def _sandboxed(response: HttpResponseBase, original: OriginalFile) -> HttpResponseBase:
    is_harmless = original.media_type in _HARMLESS_TYPES
    response["Content-Type"] = original.media_type if is_harmless else "application/octet-stream"
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=_plain_name(original.filename))
        or "attachment"
    )
    response["Accept-Ranges"] = "bytes"
    return _boxed(response)


def _boxed(response: Response) -> Response:
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _plain_name(filename: str) -> str:
    """Without control and direction characters, which would forge a header or hide an extension (T51)."""
    return "".join(
        sign for sign in filename if unicodedata.category(sign) not in ("Cc", "Cf", "Zl", "Zp", "Cs")
    )
