"""The security headers of every response that the program itself makes.

What the page may load is said here and nowhere else; frontend/dev/mock.ts keeps the same policy, and a test compares.
"""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_NEVER = ("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'")
CONTENT_POLICY = "; ".join(("default-src 'none'", *_NEVER))
"""Of what is no page: shown as one, it loads nothing."""
# A worker is bound by the policy of its own file: that of pdf.js fetches character maps, and decodes JPEG 2000 and
# JBIG2 images in WebAssembly.
_FILE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "connect-src 'self'",
        *_NEVER,
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Nothing here is for search engines, shared links least of all (T21).
    "X-Robots-Tag": "noindex, nofollow",
    # No policy speaks of looking up a host's name, which tells the name to whoever keeps it.
    "X-DNS-Prefetch-Control": "off",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def page_policy(nonce: str) -> str:
    """Of the page whose own script and style elements carry `nonce`. What they import has it from them.

    Without 'strict-dynamic', which would let them run what they make an element for: they make none. Without 'self': a
    file or an answer of our own is no script of the page by that. Trusted Types: Svelte's own templates; DOMPurify's,
    which reads answers into a document where nothing runs; and the address of the PDF worker.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}' 'wasm-unsafe-eval'",
            f"style-src 'nonce-{nonce}'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            *_NEVER,
            "require-trusted-types-for 'script'",
            "trusted-types svelte-trusted-html dompurify kbchat",
        )
    )


GetResponse = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class SecurityHeaders:
    """A view that set one of these headers itself keeps its own (the page its policy, downloads their sandbox)."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        answered = self._get_response(request)
        if isinstance(answered, Awaitable):
            return self._later(request, answered)
        return with_headers(request, answered)

    async def _later(self, request: HttpRequest, answered: Awaitable[HttpResponseBase]) -> HttpResponseBase:
        return with_headers(request, await answered)


def with_headers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    is_file = request.path.startswith(settings.STATIC_URL)
    response.headers.setdefault("Content-Security-Policy", _FILE_POLICY if is_file else CONTENT_POLICY)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
