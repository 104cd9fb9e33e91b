"""Which language a response speaks: the one that the request asks for, else the person's own, else English."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation.trans_real import parse_accept_lang_header

from kbchat.sentences import CHINESE, ENGLISH


class LanguageMiddleware(MiddlewareMixin):
    """Sets `request.asked_language`: "en", "zh-hans", or "" where the request names neither."""

    def process_request(self, request: HttpRequest) -> None:
        request.asked_language = asked_language(request.headers.get("Accept-Language", ""))  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        patch_vary_headers(response, ["Accept-Language"])
        return response


def asked_language(header: str) -> str:
    """The first language of an Accept-Language header that kbchat speaks; any kind of Chinese is Chinese."""
    for tag, _ in parse_accept_lang_header(header):
        primary = tag.partition("-")[0]
        if primary in ("en", "zh"):
            return ENGLISH if primary == "en" else CHINESE
    return ""


def reader_language(request: HttpRequest) -> str:
    """Does not sign anyone in: a person is known here only where the request has already been authenticated."""
    viewer = getattr(request, "known_viewer", None)
    return getattr(request, "asked_language", "") or (viewer.language if viewer else ENGLISH)
